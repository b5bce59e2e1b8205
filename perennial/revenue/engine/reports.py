"""From sums in whole units to the reports of `rules`: the same dataclasses as the exact road."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from perennial.contracts.rules import Term
from perennial.revenue.engine.amounts import SIMPLE, amount
from perennial.revenue.engine.sums import Level, reason
from perennial.revenue.rules import Definitions, Movement, Movements, Rates, RetentionReport
from perennial.revenue.rules.retention import Retention
from perennial.revenue.rules.retention_report import Unknown, unknown_figures
from perennial.revenue.rules.state import UNKNOWNS, first_reason
from perennial.revenue.rules.usage import usage_revenue
from perennial.units.money import ratio
from perennial.units.period import Period

ZERO = Fraction(0)
Sums = Mapping[str, Any]  # a row of sums.PERIODS; empty when nothing changed


class Leveled(Protocol):
    """What reports need of a book."""

    @property
    def definitions(self) -> Definitions: ...
    @property
    def rates(self) -> Rates: ...
    @property
    def metered(self) -> Any: ...
    def level(self, day: Any) -> Level: ...


def movements_of(book: Leveled, period: Period, sums: Sums, *, daily: bool) -> Movements:
    """The report of a period."""
    start, end = book.level(period.eve_on), book.level(period.last_on)
    amounts = {kind: amount(sums.get(kind)) for kind in Movement}
    begins = amount(start.mrr)
    unknown = unknown_figures(_unknown(start, end, sums), daily=daily)
    metered, why = _usage(book, period)
    return Movements(
        period=period,
        start=begins,
        start_customers=start.customers,
        amounts=_balanced(amounts, amount(end.mrr) - begins),
        counts={kind: sums.get(f"{kind}_count", 0) for kind in Movement},
        usage_revenue=metered,
        unknown=unknown | {"usage_revenue": why} if why else unknown,
    )


def _balanced(amounts: dict[Movement, Fraction], whole: Fraction) -> dict[Movement, Fraction]:
    """The movements so that they make exactly `whole`. Where odd terms were rounded to units
    a rest below the tolerance remains; it goes where it cannot be seen in cents: into the
    roughest one, but not into a simple one, which may lie on half a cent."""
    rest = whole - sum(amounts.values(), ZERO)
    roughest = max(Movement, key=lambda kind: amounts[kind].denominator)
    if rest and amounts[roughest].denominator > SIMPLE:
        amounts[roughest] += rest
    return amounts


def retention_of(book: Leveled, period: Period, sums: Sums) -> RetentionReport:
    """The figures between the ends of a period, from the sums of its net changes."""
    start, end = book.level(period.eve_on), book.level(period.last_on)
    above = amount(start.above_zero)
    churned = sums.get(f"{Movement.CHURN}_count", 0)
    parts = Retention(
        start=above,
        kept=amount(start.above_zero + int(sums.get("shrunk") or 0)),
        end=amount(start.above_zero + int(sums.get("changed") or 0)),
        start_logos=start.customers,
        kept_logos=start.customers - churned,
    )
    lost, won = (int(sums.get(name) or 0) for name in ("lost", "won"))
    kept = amount(start.above_zero - lost)
    return RetentionReport(
        movements=movements_of(book, period, sums, daily=False),
        parts=parts,
        rates_by_days=(
            ratio(kept, above),
            ratio(amount(start.above_zero - lost + won), above),
        ),
        returned=amount(sums.get("returned")),
        came=sums.get("came", 0),
        came_and_gone=sums.get("came_and_gone", 0),
        unknown=_unknown(start, end, sums),
        definitions=book.definitions,
    )


def _unknown(start: Level, end: Level, sums: Sums) -> Unknown:
    worst = ("", *reversed(UNKNOWNS))[sums.get("worst") or 0]
    ends = (reason(start), reason(end))
    return Unknown(*ends, first_reason(ends), first_reason((*ends, worst)))


def _usage(book: Leveled, period: Period) -> tuple[Fraction, str]:
    metered: list[Term] = list(book.metered)
    if not metered:
        return ZERO, ""
    return usage_revenue(metered, period, definitions=book.definitions, rates=book.rates)
