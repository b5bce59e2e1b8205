"""Live: what arrives now, and what became of it. For people who connect a client."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.events.intake.watching import Arrived, Item, arriving
from perennial.events.queries.intake import intake_state
from perennial.events.queries.sources import all_sources
from perennial.events.views.frame import frame, host_of
from perennial.events.wording import (
    ARRIVED,
    ATTRIBUTIONS,
    CLOCKS,
    backlog,
    duration,
    reason_sentence,
    reason_told,
)
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.web import asked

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Row:
    """An item in words. `flags`: what is unusual about it, each with what it means."""

    item: Item
    state: str
    tone: str
    attribution: str
    delay: str
    flags: list[str]
    said: str


@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """`?source=&event=&customer=&state=&paused=`; HTMX gets the list alone."""
    require(who(request), Page.SOURCES)
    wanted = {
        "source": asked.text(request.GET, "source", most=20),
        "event": asked.text(request.GET, "event", most=200),
        "customer": asked.text(request.GET, "customer", most=200),
        "state": asked.text(request.GET, "state", most=20),
    }
    source = wanted["source"]
    items = arriving(source=int(source) if source.isdecimal() else None)
    rows = [row_of(item) for item in items if _fits(item, wanted)][:SHOWN]
    context = {
        "rows": rows,
        "wanted": wanted,
        "is_filtered": any(wanted.values()),
        "is_paused": "paused" in request.GET,
        "has_items": bool(items),
        "query": request.GET.urlencode(),
        "now": timezone.localtime(),
        "backlog": backlog(intake_state(), now=timezone.now()),
    }
    if "HX-Request" in request.headers:
        return render(request, "events/_live.html", context)
    context |= frame(request) | {
        "sources": all_sources(),
        "states": [(state.value, ARRIVED[state.value][0]) for state in Arrived],
        "host": host_of(request),
    }
    return render(request, "events/live.html", context)


def _fits(item: Item, wanted: dict[str, str]) -> bool:
    return (
        wanted["event"].lower() in item.event.lower()
        and wanted["customer"].lower() in item.customer.lower()
        and wanted["state"] in ("", item.state)
    )


def row_of(item: Item) -> Row:
    state, tone = ARRIVED[item.state]
    flags = [str(CLOCKS[item.clock])] if item.clock in CLOCKS else []
    return Row(
        item,
        str(state),
        tone,
        str(ATTRIBUTIONS.get(item.attribution, "")),
        duration(item.delay) if item.delay is not None and item.delay.total_seconds() > 1 else "",
        flags,
        _said(item),
    )


def _said(item: Item) -> str:
    if item.state is not Arrived.REJECTED:
        return ""
    sentence = reason_sentence(item.reason, item.params or {})
    return sentence if sentence != item.reason else str(reason_told(item.reason).title)
