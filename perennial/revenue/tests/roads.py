"""Both roads over one ledger, and what must be the same on both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Line, resolve
from perennial.revenue.engine import FastBook, fast_book, ledger_tables
from perennial.revenue.rules import (
    Histories,
    Move,
    Movements,
    Rates,
    Report,
    RetentionReport,
    histories,
)
from perennial.revenue.rules.arrears import Arrears
from perennial.revenue.rules.cohorts import CohortTable
from perennial.revenue.rules.definitions import Definitions, with_values
from perennial.revenue.rules.retention_report import FIGURES
from perennial.revenue.tests.ledger import moment, period
from perennial.revenue.tests.random_ledgers import Ledger, random_ledger
from perennial.units.money import round_half_up
from perennial.units.period import Grain, periods_between

MONTHS = list(periods_between(date(2023, 12, 1), date(2026, 12, 31), Grain.MONTH))
RATES = Rates(plan={"USD": Fraction("7.123"), "CNY": Fraction(2)})
KNOWN = moment(date(2025, 6, 1))


def two_roads(
    ledger: Ledger,
    known_before=None,
    rates: Rates = RATES,
    late: Sequence[Arrears] = (),
    **asked: str,
) -> tuple[Histories, FastBook]:
    definitions = with_values(Definitions(), asked)
    terms = resolve(ledger.lines, ledger.pauses, known_before=known_before)
    exact = histories(terms, definitions=definitions, rates=rates, arrears=late)
    tables = ledger_tables(ledger.lines, ledger.pauses)
    fast = fast_book(
        tables, definitions=definitions, rates=rates, known_before=known_before, arrears=late
    )
    return exact, fast


def cents(amount: Fraction | None) -> object:
    return None if amount is None else round_half_up(amount)


def digits(rate: Fraction | None) -> object:
    return None if rate is None else round_half_up(rate, places=6)


def told(report: Movements) -> dict[str, object]:
    assert report.start + report.net == report.end
    return {
        "start": cents(report.start),
        "end": cents(report.end),
        "amounts": {kind: cents(amount) for kind, amount in report.amounts.items()},
        "counts": dict(report.counts),
        "customers": (report.start_customers, report.customers),
        "rounding": report.rounding,
        "usage_revenue": report.usage_revenue,
        "unknown": dict(report.unknown),
    }


def kept(report: RetentionReport) -> dict[str, object]:
    parts = report.parts
    return {
        **{name: digits(getattr(report, name)) for name in FIGURES if name not in AMOUNTS},
        **{name: cents(getattr(report, name)) for name in AMOUNTS},
        "logos": (parts.start_logos, parts.kept_logos),
        "parts": [cents(it) for it in (parts.start, parts.kept, parts.end)],
        "reasons": report.reasons,
    }


AMOUNTS = ("start_mrr", "end_mrr")


def table(found: CohortTable) -> list[object]:
    rows = [
        (it.period, it.size, cents(it.start_mrr), list(map(digits, it.cells)), it.unknown)
        for it in found.rows
    ]
    return [*rows, list(map(digits, found.total))]


def moves(found: Iterable[Move]) -> list[tuple[object, ...]]:
    return sorted(
        (
            it.customer_id,
            it.unit or "",
            str(it.kind),
            *((cents(state.mrr), state.paying, state.unknown) for state in (it.before, it.after)),
        )
        for it in found
    )


def assert_equal(exact: Histories, fast: FastBook) -> None:
    for report in Report:
        for month, found in zip(MONTHS, fast.many(MONTHS, report), strict=True):
            assert told(found) == told(exact.movements(month, report)), (month.label, report)
    for month, kept_fast in zip(MONTHS, fast.retentions(MONTHS), strict=True):
        expected = exact.retention(month.eve_on, month.last_on)
        assert kept(kept_fast) == kept(expected), month.label
    year = period("2025-01-01", "2025-12-31")
    assert kept(fast.retention(year.eve_on, year.last_on)) == kept(
        exact.retention(year.eve_on, year.last_on)
    )
    assert moves(fast.net(year)) == moves(exact.net(year))
    assert moves(fast.daily(year)) == moves(exact.daily(year))


def company(seed: int, customers: int = 300, *, unknown: bool = False) -> Ledger:
    """A random ledger as a file could hold it: amounts have at most six decimals."""
    currencies = ("CNY", "USD", "EUR") if unknown else ("CNY", "USD")
    ledger = random_ledger(seed, customers=customers, currencies=currencies, unknown=unknown)
    return Ledger([six_places(it) for it in ledger.lines], ledger.pauses)


def six_places(it: Line) -> Line:
    amount, discount = (
        None if value is None else Fraction(round_half_up(value, places=6))
        for value in (it.amount, it.discount)
    )
    return replace(it, amount=amount, discount=discount or Fraction(0))


def merged(ledgers: list[Ledger]) -> Ledger:
    """Many small ledgers side by side: each has its own customers and orders."""
    found = Ledger()
    for rank, ledger in enumerate(ledgers):
        for it in ledger.lines:
            found.lines.append(
                replace(
                    six_places(it),
                    customer_id=it.customer_id + 10 * rank,
                    order_id=f"{rank}-{it.order_id}",
                    renews=tuple(f"{rank}-{name}" for name in it.renews),
                )
            )
        for rest in ledger.pauses:
            found.pauses.append(replace(rest, customer_id=rest.customer_id + 10 * rank))
    return found
