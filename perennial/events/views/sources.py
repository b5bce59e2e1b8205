"""Sources: the table of all, adding one, and the key that is shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perennial.events import actions
from perennial.events.forms import AddForm
from perennial.events.models import Source
from perennial.events.queries.arrivals import Arrivals, arrivals_of
from perennial.events.queries.sources import Key, all_sources, keys_of, source_for
from perennial.events.rules.arrivals import Sums
from perennial.events.snippets import snippets
from perennial.events.views.frame import frame, host_of
from perennial.events.wording import STATES, duration
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web.faults import in_words

DAYS_DRAWN = 14


@dataclass(frozen=True, slots=True)
class Row:
    """A source as the table shows it."""

    source: Source
    state: str
    tone: str
    keys: list[Key]
    last_at: datetime | None
    days: list[int]
    per_day: float | None
    is_alive: bool  # it has sent in the days drawn
    week: Sums
    lag: str
    quiet: str


@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """All sources: who delivers, how much, how late, and what was refused."""
    require(who(request), Page.DATA_QUALITY)
    now = timezone.now()
    found = list(all_sources())
    keys = keys_of(found, at=now)
    rows = [row_of(it, keys[it.source.pk]) for it in arrivals_of(found, now=now)]
    context = {
        "rows": rows,
        "silent": [row for row in rows if row.tone == "bad"],
        "host": host_of(request),
    }
    return render(request, "events/sources.html", frame(request) | context)


def row_of(it: Arrivals, keys: list[Key]) -> Row:
    state, tone = STATES[it.state]
    days = [sums.accepted for _, sums in it.by_day(DAYS_DRAWN + 1)[:-1]]
    lived = min(DAYS_DRAWN, (it.now - it.source.created_at) // timedelta(days=1))
    return Row(
        it.source,
        str(state),
        tone,
        [key for key in keys if key.is_active],
        it.last_at,
        days,
        sum(days) / lived if lived else None,
        any(days),
        it.week,
        duration(it.week.lag),
        duration(it.verdict.quiet),
    )


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form; then the key, once, with what to paste where."""
    user = who(request)
    require(user, Page.SOURCES)
    form = AddForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            source, key = actions.add_source(
                given["name"],
                kind=given["kind"],
                settings=form.settings(),
                by=user,
                at=timezone.now(),
            )
        except InputRefused as refused:
            column = refused.column if refused.column in form.fields else None
            form.add_error(column, in_words(refused))
        else:
            return key_page(request, source, key, title=_("%(name)s is ready") % {"name": source})
    status = 422 if form.errors else 200
    return render(request, "events/add.html", frame(request) | {"form": form}, status=status)


def key_page(request: HttpRequest, source: Source, key: str, *, title: str) -> HttpResponse:
    """The only page that ever shows a key. It is kept nowhere, not even in the browser's cache."""
    context = {
        "source": source,
        "key": key,
        "title": title,
        "snippets": snippets(source.kind, host=host_of(request), key=key),
        "since": int(timezone.now().timestamp()),
    }
    answer = render(request, "events/key.html", frame(request) | context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_GET
def arrived(request: HttpRequest, pk: int) -> HttpResponse:
    """A line that waits for the first event of a source; it asks again until there is one."""
    require(who(request), Page.SOURCES)
    source = source_for(pk)
    (found,) = arrivals_of([source], now=timezone.now())
    context = {"source": source, "accepted": found.week.accepted, "rejected": found.week.rejected}
    return render(request, "events/_arrived.html", context)
