"""Data quality: do the feeds deliver, how much of the customers do they reach, what drifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perennial.events.models import Source
from perennial.events.pictures import days_strip
from perennial.events.queries.arrivals import Arrivals, arrivals_of
from perennial.events.queries.drift import GONE_DAYS, NEW_DAYS, drift
from perennial.events.queries.orphans import reached
from perennial.events.queries.quality import Feed, Feeds, coverage
from perennial.events.rules.arrivals import Sums
from perennial.events.rules.feed import FeedState
from perennial.events.views.frame import frame
from perennial.events.wording import STATES, duration, feed_reason
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.moment import last_complete_day
from perennial.web.formats import named, percent

DAYS_DRAWN: Final = 28


@dataclass(frozen=True, slots=True)
class Line:
    """A feed in words: of a source over HTTP (with sums of its arrivals), or of files."""

    name: str
    pk: int | None
    kind: str
    state: str
    tone: str
    reason: str
    coverage_rate: float | None
    days: SafeString
    until: date | None
    week: Sums  # rates of nothing are unknown
    lag: str


@require_GET
def quality(request: HttpRequest) -> HttpResponse:
    """As of the last complete day; feeds over HTTP also of this moment."""
    user = who(request)
    require(user, Page.DATA_QUALITY)
    now = timezone.now()
    today = last_complete_day(now, settings.PERENNIAL_TIME_ZONE)
    feeds = coverage(first_on=today - timedelta(days=DAYS_DRAWN - 1), last_on=today, as_of=today)
    sources = list(Source.objects.filter(retired_at__isnull=True).order_by("name"))
    arrivals = {it.source.name: it for it in arrivals_of(sources, now=now)}
    lines = _lines(feeds, arrivals)
    found = reached(user, today=today)
    context = {
        "on": today,
        "lines": lines,
        "worst": _worst(lines),
        "silent": [line.name for line in lines if line.tone == "bad"],
        "drift": drift(today=today),
        "new_days": NEW_DAYS,
        "gone_days": GONE_DAYS,
        "reached": found,
        "quiet": [(it.pk, named(it.name, it.name_en), it.external_id) for it in found.quiet],
        "drawn": DAYS_DRAWN,
        "quiet_count": found.customers - found.with_events,
        "quiet_more": found.customers - found.with_events - len(found.quiet),
        "unmapped_rate": found.unmapped / found.people if found.people else None,
    }
    return render(request, "events/quality.html", frame(request) | context)


def _lines(feeds: Feeds, arrivals: dict[str, Arrivals]) -> list[Line]:
    by_name = {feed.source: feed for feed in feeds.feeds if feed.state is not FeedState.RETIRED}
    names = sorted(by_name.keys() | arrivals.keys())
    return [_line(name, by_name.get(name), arrivals.get(name), feeds) for name in names]


def _line(name: str, feed: Feed | None, live: Arrivals | None, feeds: Feeds) -> Line:
    """Over HTTP the verdict of this moment holds; of files that of the last complete day."""
    by_day = feed.state if feed else FeedState.NEVER
    state = live.state if live and by_day is not FeedState.REPLACED else by_day
    word, tone = STATES[state]
    first_on = feeds.as_of - timedelta(days=DAYS_DRAWN - 1)
    days = covered_days(feed, first_on, feeds.as_of)
    known = [day for day in days if day is not None]
    rate = sum(known) / len(known) if known else None
    week = live.week if live else Sums()
    return Line(
        name,
        live.source.pk if live else None,
        str(live.source.get_kind_display()) if live else _("Files"),
        str(word),
        tone,
        feed_reason(state, feed, live.verdict if live else None),
        rate,
        days_strip(days, first_on, label=_("Covered: %(rate)s") % {"rate": percent(rate)}),
        feed.last_on if feed else None,
        week,
        duration(week.lag),
    )


def covered_days(feed: Feed | None, first_on: date, last_on: date) -> list[bool | None]:
    """Of each day whether it is covered; None before the feed began."""
    if feed is None:
        return []
    places = range((first_on - feed.first_on).days, (last_on - feed.first_on).days + 1)
    return [feed.covered[at] if 0 <= at < len(feed.covered) else None for at in places]


def _worst(lines: list[Line]) -> str:
    order = ("bad", "warn", "na", "good")
    return min((line.tone for line in lines), key=order.index, default="")
