"""Rejects: what was refused by reason, what to do about it, and sending it through once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from perennial.events import actions
from perennial.events.models import Reject
from perennial.events.queries.rejects import (
    can_be_replayed,
    piles,
    rejects_of,
    sources_with_rejects,
)
from perennial.events.views.frame import frame
from perennial.events.wording import pretty_body, reason_sentence, reason_told
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.errors import InputRefused
from perennial.web import asked
from perennial.web.download import csv_file
from perennial.web.faults import in_words
from perennial.web.formats import number

PER_PAGE = 25
DIGITS = 18  # of a number that a database can look for


def _wanted(params: QueryDict) -> dict[str, str]:
    return {
        "source": asked.text(params, "source", most=DIGITS),
        "reason": asked.text(params, "reason", most=40),
    }


def _source(wanted: dict[str, str]) -> int | None:
    return int(wanted["source"]) if wanted["source"].isdecimal() else None


def _rows(wanted: dict[str, str]) -> QuerySet[Reject]:
    return rejects_of(source=_source(wanted), reason=wanted["reason"])


@require_GET
def rejects(request: HttpRequest) -> HttpResponse:
    """`?source=&reason=&page=`: the piles, and the rejects of the chosen one."""
    require(who(request), Page.SOURCES)
    wanted = _wanted(request.GET)
    found = _rows(wanted)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    piled = piles(source=_source(wanted))
    context = {
        "wanted": wanted,
        "sources": sources_with_rejects(),
        "piles": [(pile, reason_told(pile.reason)) for pile in piled],
        "chosen": reason_told(wanted["reason"]) if wanted["reason"] else None,
        "page": page,
        "rows": [_shown(it) for it in page],
        "waiting": can_be_replayed(found).count(),
    }
    return render(request, "events/rejects.html", frame(request) | context)


def _shown(reject: Reject) -> dict[str, Any]:
    can_go = reject.whole and not reject.replayed_at and not reject.source.retired_at
    return {
        "reject": reject,
        "title": reason_told(reject.reason).title,
        "sentence": reason_sentence(reject.reason, reject.params),
        "body": pretty_body(reject.body),
        "can_go": can_go,
    }


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """The chosen ones, or with `all` everything that the filter shows."""
    user = who(request)
    require(user, Page.SOURCES)
    wanted = _wanted(request.POST)
    rows = _rows(wanted)
    if "all" not in request.POST:
        given = request.POST.getlist("reject")
        chosen = [pk for pk in given if pk.isdecimal() and len(pk) <= DIGITS]
        rows = rows.filter(pk__in=chosen[:1000])
    try:
        count = actions.replay_rejects(rows, by=user, at=timezone.now())
    except InputRefused as refused:
        messages.error(request, in_words(refused))
    else:
        said = ngettext(
            "%(count)s is on its way through intake once more.",
            "%(count)s are on their way through intake once more.",
            count,
        )
        messages.success(request, said % {"count": number(count)})
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in wanted.items() if value})
    return redirect(f"{reverse('events:rejects')}?{query.urlencode()}")


@require_GET
def rejects_csv(request: HttpRequest) -> HttpResponse:
    """What the filter shows, with bodies."""
    require(who(request), Page.SOURCES)
    columns = ["id", "source", "received_at", "reason", "message", "replayed_at", "whole", "body"]
    return csv_file("rejects.csv", columns=columns, rows=_cells(_rows(_wanted(request.GET))))


def _cells(rows: QuerySet[Reject]) -> Iterator[list[object]]:
    for it in rows.iterator():
        yield [
            it.pk,
            it.source.name,
            it.received_at.isoformat(),
            it.reason,
            reason_sentence(it.reason, it.params),
            it.replayed_at.isoformat() if it.replayed_at else "",
            it.whole,
            it.body,
        ]
