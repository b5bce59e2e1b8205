"""Whether what the desk shows is up to date: a day that failed, days that were missed, a feed of
events that has fallen silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from perennial.events.queries.quality import feed_state
from perennial.team import days
from perennial.team.models import InstallationFact
from perennial.units.moment import last_complete_day
from perennial.units.period import ONE_DAY
from perennial.web import formats

FEEDS = "feeds"  # the fact that keeps which ones were silent


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence above the page; `tone` colours it (empty: neutral)."""

    tone: str
    text: str


def note(on: date) -> Note | None:
    """What somebody who looks at the figures of `on` should know; None when all is well."""
    shown = formats.day(on)
    if failed := days.failures():
        text = _(
            "Computing %(day)s failed; the figures are of %(shown)s. It is tried again by "
            "itself; `perennial doctor` says why, and what to do."
        )
        return Note("bad", text % {"day": formats.day(failed[0].day), "shown": shown})
    if silent := _silent_feeds():
        return silent
    newest = last_complete_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    if on >= newest - timedelta(days=1) or InstallationFact.objects.filter(name="demo").exists():
        return None
    text = _("The figures are of %(shown)s; later days are not computed yet: `perennial run`.")
    return Note("", text % {"shown": shown})


def remember_feeds(day: date) -> None:
    """Keep which feeds were silent at the end of `day`, so that no page has to find out."""
    feeds = feed_state(as_of=day)
    value = {
        "silent": [[feed.source, feed.covered_until.isoformat()] for feed in feeds.silent],
        "all": feeds.all_silent,
    }
    InstallationFact.objects.update_or_create(name=FEEDS, defaults={"value": value})


def _silent_feeds() -> Note | None:
    """When a feed is silent, its customers only look so."""
    kept = InstallationFact.objects.filter(name=FEEDS).values_list("value", flat=True).first()
    if not kept or not kept["silent"]:
        return None
    names = ", ".join(source for source, _until in kept["silent"])
    since = min(date.fromisoformat(until) for _source, until in kept["silent"]) + ONE_DAY
    if kept["all"]:
        text = _(
            "All customers look silent because the source is: %(sources)s has sent nothing since "
            "%(day)s. Their usage is unknown, not zero, and no drop alerts until it is back."
        )
    else:
        text = _(
            "Nothing has come from %(sources)s since %(day)s. The usage of the customers that "
            "depend on it is unknown, not zero, and no drop of theirs alerts until it is back."
        )
    return Note("warn", text % {"sources": names, "day": formats.day(since)})
