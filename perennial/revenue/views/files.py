"""What the Revenue pages show, as files: the same figures, clocks and customers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from perennial.revenue.queries import Mover, overview
from perennial.revenue.rules import Movement
from perennial.revenue.views.movements import asked
from perennial.team.access import Page, require
from perennial.team.request import who
from perennial.units.money import round_half_up
from perennial.web.download import csv_file


@require_GET
def movements_csv(request: HttpRequest) -> HttpResponse:
    """The page's figures, one row; amounts to the cent, rates to six digits, unknown is empty."""
    require(who(request), Page.EXPORT)
    book, shown, clock = asked(request)
    found = overview(book, shown.period, shown.report)
    report, kept = found.report, found.retention
    row = {
        "period": shown.period.label,
        "from": shown.period.first_on,
        "to": shown.period.last_on,
        "known_at": clock.known_on or "",
        "report": str(shown.report),
        "scope": "company" if book.is_company else "own",
        "currency": settings.PERENNIAL_CURRENCY,
        "start": _cents(report.figure("start")),
        **{str(kind): _cents(report.figure(kind)) for kind in Movement},
        "fx": _cents(report.figure("fx")),
        "end": _cents(report.figure("end")),
        **{f"{kind}_customers": report.counts[kind] for kind in Movement},
        "customers": report.customers,
        "grr": _rate(kept.grr),
        "nrr": _rate(kept.nrr),
        "logo_retention": _rate(kept.logo_retention),
        "quick_ratio": _rate(kept.quick_ratio),
        "arpa": _cents(found.arpa),
        "cmrr": _cents(found.committed),
        "rounding": _cents(report.figure("rounding")),
    }
    name = f"revenue-{shown.period.label}.csv"
    return csv_file(name, columns=list(row), rows=[list(row.values())])


def _cents(amount: Fraction | None) -> object:
    return "" if amount is None else round_half_up(amount)


def _rate(value: Fraction | None) -> object:
    return "" if value is None else round_half_up(value, places=6)


@require_GET
def movers_csv(request: HttpRequest) -> HttpResponse:
    """All customers of the list, not only the page on the screen."""
    require(who(request), Page.EXPORT)
    book, shown, _clock = asked(request)
    moves = book.ranked(shown.period, shown.kind, shown.report)
    found = book.told(moves, period=shown.period)
    name = f"revenue-{shown.period.label}-{shown.kind or 'customers'}.csv"
    columns = [
        "customer_id", "name", "unit", "kind", "before_mrr", "after_mrr", "change", "currency",
        "parts", "on",
    ]  # fmt: skip
    return csv_file(name, columns=columns, rows=_mover_rows(found))


def _mover_rows(found: list[Mover]) -> Iterator[list[object]]:
    for mover in found:
        amounts = (mover.before, mover.after, mover.amount)
        yield [
            mover.customer.external_id,
            mover.customer.name,
            mover.unit,
            str(mover.kind),
            *("" if mover.unknown else round_half_up(amount) for amount in amounts),
            settings.PERENNIAL_CURRENCY,
            "; ".join(f"{part} {round_half_up(amount)}" for part, amount in mover.parts.items()),
            mover.on or "",
        ]
