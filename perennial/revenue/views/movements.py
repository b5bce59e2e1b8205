"""The Revenue page, and the customers behind each figure."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.revenue.forms import Shown, clock_query, read
from perennial.revenue.queries import Book, overview, recorded_until
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.closes import close_before, close_of
from perennial.revenue.queries.differences import differences
from perennial.revenue.rules import exact_sum
from perennial.revenue.shown import kpis
from perennial.revenue.views.frame import clock_of, frame
from perennial.revenue.wording import figures as wording
from perennial.team.request import who

PER_PAGE = 50


def asked(request: HttpRequest) -> tuple[Book, Shown, Clock]:
    """The book as known by the clock of the address, and the period that it shows."""
    clock = clock_of(request)
    shown = read(request.GET, as_of=clock.as_of, clock_query=clock_query(clock))
    return Book(who(request), clock.known_on), shown, clock


@require_GET
def revenue(request: HttpRequest) -> HttpResponse:
    """One period: key figures, waterfall, who moved it."""
    book, shown, clock = asked(request)
    around = around_figures(request, book, shown, clock)
    if not book.has_any():
        return render(request, "revenue/first_use.html", around)
    found = overview(book, shown.period, shown.report)
    frozen = close_before(shown.period) if book.is_company and not clock.known_on else None
    end = frozen.end if frozen else None
    start = found.report.figure("start")
    more = {
        "kpis": kpis.kpis(found, shown, currency=around["currency"]),
        "report": found.report,
        "start": start,
        "end": found.report.figure("end"),
        "rows": kpis.table(found.report),
        "chart": kpis.chart(found, shown, currency=around["currency"], frozen=end),
        "frozen": frozen,
        "restatement": start - end if start is not None and end is not None else None,
        "closed": close_of(shown.period) if book.is_company else None,
        "titles": wording.titles(),
        "differences": differences(who(request), book, shown.period) if clock.known_on else [],
        "top": found.top,
        "movers": found.movers,
        "recognition": wording.RECOGNITION,
    }
    return render(request, "revenue/revenue.html", around | more)


def around_figures(request: HttpRequest, book: Book, shown: Shown, clock: Clock) -> dict[str, Any]:
    """What the pages of a period show around their figures."""
    return frame(request, clock) | {
        "shown": shown,
        "span": kpis.span(shown),
        "missing": book.missing(),
        "recorded_on": recorded_until() or timezone.now(),
        "words": wording.KINDS,
        "part_words": wording.SUB_KINDS,
        "reasons": wording.REASONS,
    }


@require_GET
def movers(request: HttpRequest) -> HttpResponse:
    """The customers behind the figures of a period, all or of one kind."""
    book, shown, clock = asked(request)
    found = book.ranked(shown.period, shown.kind, shown.report)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    report = book.movements(shown.period, shown.report)
    more = {
        "page": page,
        "movers": book.told(page.object_list, period=shown.period),
        "total": exact_sum(move.amount for move in found),
        "rows": kpis.table(report),
        "all": sum(report.counts.values()),
        "definition": wording.MOVEMENTS[shown.kind] if shown.kind else wording.RECOGNITION,
    }
    around = around_figures(request, book, shown, clock)
    return render(request, "revenue/movers.html", around | more)


@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """Who makes up the MRR at the end of the period, or (`at=start`) before it."""
    book, shown, clock = asked(request)
    at_start = request.GET.get("at") == "start"
    on = shown.period.eve_on if at_start else shown.period.last_on
    page = Paginator(book.payers(on), PER_PAGE).get_page(request.GET.get("page"))
    base = book.base(on)
    more = {
        "page": page,
        "payers": book.told_payers(list(page)),
        "on": on,
        "at_start": at_start,
        "total": None if base.unknown else base.mrr,
        "definition": wording.MRR,
    }
    around = around_figures(request, book, shown, clock)
    return render(request, "revenue/customers.html", around | more)
