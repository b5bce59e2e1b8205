"""The Revenue page, the customers behind each figure, and both as files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from perennial.revenue import kpis, wording
from perennial.revenue.forms import Shown, read
from perennial.revenue.queries import Book, Mover, overview, recorded_until
from perennial.revenue.rules import Movement, exact_sum
from perennial.revenue.sections import tabs
from perennial.team.access import Page, can, require
from perennial.team.days import last_day
from perennial.team.request import who
from perennial.units.moment import last_complete_day
from perennial.units.money import round_half_up
from perennial.web.download import csv_file

PER_PAGE = 50


def as_of() -> date:
    """The last day that was computed; before the first run, yesterday."""
    return last_day() or last_complete_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


@require_GET
def revenue(request: HttpRequest) -> HttpResponse:
    """One period: key figures, waterfall, who moved it."""
    book = Book(who(request))
    if not book.has_any():
        first = {"left_out": _left_out(book), "is_company": book.is_company}
        return render(request, "revenue/first_use.html", first)
    shown = read(request.GET, as_of=as_of())
    found = overview(book, shown.period)
    currency = settings.PERENNIAL_CURRENCY
    chart, axis_from = kpis.chart(found, shown, currency=currency)
    more = {
        "kpis": kpis.kpis(found, shown, currency=currency),
        "report": found.report,
        "rows": kpis.table(found.report),
        "chart": chart,
        "axis_from": axis_from,
        "top": found.top,
        "movers": found.movers,
        "recognition": wording.RECOGNITION,
    }
    return render(request, "revenue/revenue.html", _frame(request, book, shown) | more)


def _frame(request: HttpRequest, book: Book, shown: Shown) -> dict[str, Any]:
    """What both pages show around their figures."""
    return {
        "sections": tabs(request, who(request)),
        "shown": shown,
        "span": kpis.span(shown),
        "currency": settings.PERENNIAL_CURRENCY,
        "is_company": book.is_company,
        "can_export": can(who(request), Page.EXPORT),
        "left_out": _left_out(book),
        "known_on": recorded_until() or timezone.now(),
        "words": wording.KINDS,
    }


def _left_out(book: Book) -> str:
    return kpis.customers_in(book.left_out())


@require_GET
def movers(request: HttpRequest) -> HttpResponse:
    """The customers behind the figures of a period, all or of one kind."""
    book = Book(who(request))
    shown = read(request.GET, as_of=as_of())
    found = book.ranked(shown.period, shown.kind)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    report = book.movements(shown.period)
    more = {
        "page": page,
        "movers": book.told(page.object_list),
        "total": exact_sum(move.amount for move in found),
        "rows": kpis.table(report),
        "all": sum(report.counts.values()),
        "definition": wording.MOVEMENTS[shown.kind] if shown.kind else wording.RECOGNITION,
    }
    return render(request, "revenue/movers.html", _frame(request, book, shown) | more)


@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """Who makes up the MRR at the end of the period, or (`at=start`) before it."""
    book = Book(who(request))
    shown = read(request.GET, as_of=as_of())
    at_start = request.GET.get("at") == "start"
    on = shown.period.eve_on if at_start else shown.period.last_on
    page = Paginator(book.payers(on), PER_PAGE).get_page(request.GET.get("page"))
    names = book.named([pk for pk, _mrr in page])
    more = {
        "page": page,
        "payers": [(names[pk], mrr) for pk, mrr in page],
        "on": on,
        "at_start": at_start,
        "total": book.base(on).mrr,
        "definition": wording.MRR,
    }
    return render(request, "revenue/customers.html", _frame(request, book, shown) | more)


@require_GET
def movements_csv(request: HttpRequest) -> HttpResponse:
    """The page's figures, one row per period; amounts to the cent, rates to six digits."""
    book = Book(who(request))
    require(who(request), Page.EXPORT)
    shown = read(request.GET, as_of=as_of())
    found = overview(book, shown.period)
    report = found.report
    row = {
        "period": shown.period.label,
        "from": shown.period.first_on,
        "to": shown.period.last_on,
        "scope": "company" if book.is_company else "own",
        "currency": settings.PERENNIAL_CURRENCY,
        "start": round_half_up(report.start),
        **{str(kind): round_half_up(report.amounts[kind]) for kind in Movement},
        "end": round_half_up(report.end),
        **{f"{kind}_customers": report.counts[kind] for kind in Movement},
        "customers": report.customers,
        "grr": _rate(found.retention.grr),
        "nrr": _rate(found.retention.nrr),
        "rounding": round_half_up(report.rounding),
    }
    name = f"revenue-{shown.period.label}.csv"
    return csv_file(name, columns=list(row), rows=[list(row.values())])


def _rate(value: Any) -> object:
    return "" if value is None else round_half_up(value, places=6)


@require_GET
def movers_csv(request: HttpRequest) -> HttpResponse:
    """All customers of the list, not only the page on the screen."""
    book = Book(who(request))
    require(who(request), Page.EXPORT)
    shown = read(request.GET, as_of=as_of())
    found = book.told(book.ranked(shown.period, shown.kind))
    name = f"revenue-{shown.period.label}-{shown.kind or 'customers'}.csv"
    columns = ["customer_id", "name", "kind", "before_mrr", "after_mrr", "change", "currency"]
    return csv_file(name, columns=columns, rows=_mover_rows(found))


def _mover_rows(found: list[Mover]) -> Iterator[list[object]]:
    for mover in found:
        amounts = (mover.before, mover.after, mover.amount)
        yield [
            mover.customer.external_id,
            mover.customer.name,
            str(mover.kind),
            *(round_half_up(amount) for amount in amounts),
            settings.PERENNIAL_CURRENCY,
        ]
