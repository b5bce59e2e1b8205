"""The Expansion page: what was sold more, who is credited, what work stood behind it, and what
customers could still buy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perennial.revenue.queries.book import Book
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.expansion import (
    UNKNOWN,
    Credited,
    Expansion,
    expansion,
    named,
    summed,
)
from perennial.revenue.queries.white_space import white_space
from perennial.revenue.rules.attribution import Credit
from perennial.revenue.views.movements import around_figures, asked
from perennial.revenue.views.parameters import CREDIT_FIELDS, fields
from perennial.revenue.wording import credit as words
from perennial.team.access import Page, can, require
from perennial.team.request import who
from perennial.units.money import round_half_up
from perennial.web.download import csv_file

PER_PAGE: Final = 50
UNWORKED, SPACE = "unworked", "space"
LISTS: Final = ("", Credit.CSM, Credit.SALES, UNKNOWN, UNWORKED, SPACE)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Key figures and one of the lists: all, by party, without work, white space."""
    user = who(request)
    book, shown, clock = asked(request)
    listed = _list(request)
    found = expansion(book, shown.period)
    more = {
        "list": listed,
        "kpis": _kpis(found),
        "by_kind": _by_kind(found),
        "definition": words.UPSELL,
        "window": words.window(found.rules, settings.PERENNIAL_CURRENCY),
        "work": words.work(found.rules),
        "kind_told": words.KIND,
        "unknown_size": words.UNKNOWN_SIZE,
        "can_credit": can(user, Page.UPSELL_CREDIT),
        "parameters": fields(CREDIT_FIELDS, known_on=clock.known_on),
        "rules": found.rules,
    }
    more |= _space(request, clock) if listed == SPACE else _rows(request, book, found, listed)
    around = around_figures(request, book, shown, clock)
    return render(request, "revenue/expansion.html", around | more)


def _list(request: HttpRequest) -> str:
    asked = request.GET.get("list", "")
    return asked if asked in LISTS else ""


def _of(found: Expansion, listed: str) -> list[Credited]:
    if listed == UNWORKED:
        return found.of(lambda row: row.is_unworked)
    return found.of(lambda row: not listed or row.party == listed)


def _rows(request: HttpRequest, book: Book, found: Expansion, listed: str) -> dict[str, Any]:
    rows = _of(found, listed)
    paged = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    told = named(book, paged.object_list)
    return {
        "page": paged,
        "rows": [{"it": it, **_told(it.credited)} for it in told],
        "total": summed(rows),
    }


def _told(row: Credited) -> dict[str, Any]:
    return {
        "kind": words.KINDS[row.kind],
        "source": words.SOURCES[row.upsell.source],
        "party": words.PARTIES[row.party],
        "by_window": words.PARTIES[row.decision.by_window or UNKNOWN],
    }


def _space(request: HttpRequest, clock: Clock) -> dict[str, Any]:
    user = who(request)
    gaps = white_space(user, clock.as_of, known_on=clock.known_on)
    paged = Paginator(gaps, PER_PAGE).get_page(request.GET.get("page"))
    names = Book(user).named([gap.customer_id for gap in paged])
    return {
        "page": paged,
        "gaps": [(gap, names[gap.customer_id]) for gap in paged],
        "definition": words.WHITE_SPACE,
    }


def _kpis(found: Expansion) -> list[dict[str, Any]]:
    """All, by party, without work; what cannot be credited only when there is any."""
    figures = [(listed, summed(_of(found, listed))) for listed in LISTS if listed != SPACE]
    return [{"list": it, "sum": sum_} for it, sum_ in figures if sum_.orders or it != UNKNOWN]


def _by_kind(found: Expansion) -> list[dict[str, Any]]:
    """Kinds that occur, each with its parties."""
    kinds: dict[Any, list[Credited]] = defaultdict(list)
    for row in found.rows:
        kinds[row.kind].append(row)
    return [
        {
            "title": title,
            "whole": summed(kinds[kind]),
            "parties": [
                summed(row for row in kinds[kind] if row.party == party)
                for party in (Credit.CSM, Credit.SALES)
            ],
        }
        for kind, title in words.KINDS.items()
        if kind in kinds
    ]


@require_GET
def page_csv(request: HttpRequest) -> HttpResponse:
    """The list on the screen, all of its rows."""
    book, shown, clock = asked(request)
    require(who(request), Page.EXPORT)
    listed = _list(request)
    if listed == SPACE:
        columns = ["customer_id", "name", "product", "owners", "peers", "amount", "currency"]
        rows = _gap_rows(request, clock)
        return csv_file(f"white-space-{clock.as_of}.csv", columns=columns, rows=rows)
    found = expansion(book, shown.period)
    columns = [
        "order_id", "customer_id", "name", "signed_on", "kind", "source", "arr", "currency",
        "first_signed_on", "first_deal_arr", "window_months", "csm_from_on", "credited_to",
        "by_window", "override_reason", "csm", "touches_by_csm", "touches_by_anybody",
    ]  # fmt: skip
    name = f"expansion-{shown.period.label}{f'-{listed}' if listed else ''}.csv"
    return csv_file(name, columns=columns, rows=_csv_rows(book, _of(found, listed)))


def _csv_rows(book: Book, rows: list[Credited]) -> Iterator[list[object]]:
    for it in named(book, rows):
        row, linked = it.credited, it.customer.linked
        upsell, deal, decision, work = row.upsell, row.deal, row.decision, row.work
        yield [
            upsell.order_id if linked else "", it.customer.external_id, it.customer.name,
            upsell.signed_on, row.kind or "", upsell.source, _cents(upsell.amount),
            settings.PERENNIAL_CURRENCY, deal.signed_on, _cents(deal.acv), decision.months,
            decision.csm_from_on, decision.to or "", decision.by_window or "",
            row.override.reason if row.override and linked else "", it.owner,
            work.by_owner if work else "", work.by_anybody if work else "",
        ]  # fmt: skip


def _gap_rows(request: HttpRequest, clock: Clock) -> Iterator[list[object]]:
    gaps = white_space(who(request), clock.as_of, known_on=clock.known_on)
    names = Book(who(request)).named(sorted({gap.customer_id for gap in gaps}))
    for gap in gaps:
        of = names[gap.customer_id]
        counts = (gap.product, gap.owners, gap.peers, _cents(gap.amount))
        yield [of.external_id, of.name, *counts, settings.PERENNIAL_CURRENCY]


def _cents(amount: Any) -> object:
    return "" if amount is None else round_half_up(amount)
