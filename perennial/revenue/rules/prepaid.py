"""How much of the base is never asked: orders over several years, and buy-outs (假 SaaS).

A contract over three years falls due once in three years and is in no renewal rate in between,
so that a good rate may say little. multi-year: longer than 12 months; long: 36 months and more.
Shares are of the ARR live at the end of a day; open-ended contracts are asked all the time.
Buy-outs count against the first year of what was newly sold.
Source: metric specification A4 (seed 002: long prepayment or buy-out is fake SaaS), H2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from perennial.contracts.rules import RECURRING, Kind, Term
from perennial.revenue.rules.state import exact_sum
from perennial.revenue.rules.yearly import Yearly
from perennial.units.money import ratio
from perennial.units.period import term_months

YEAR_MONTHS: Final = 12
LONG_MONTHS: Final = 36
ZERO: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Prepaid:
    """Exact amounts of known terms: ARR at the end of the day, its parts in orders over several
    years, and of what was sold since: buy-outs, and new contracts' first year."""

    arr: Fraction = ZERO
    multi_year: Fraction = ZERO
    long: Fraction = ZERO
    bought: Fraction = ZERO
    sold: Fraction = ZERO

    @property
    def multi_year_rate(self) -> Fraction | None:
        return ratio(self.multi_year, self.arr)

    @property
    def long_rate(self) -> Fraction | None:
        return ratio(self.long, self.arr)

    @property
    def buyout_rate(self) -> Fraction | None:
        return ratio(self.bought, self.bought + self.sold)


def prepaid(terms: Iterable[Term], *, since_on: date, on: date, yearly: Yearly) -> Prepaid:
    """Of these terms; sales are those signed in [since_on, on]. Unknown amounts are left out."""
    return together(_parts(terms, since_on=since_on, on=on, yearly=yearly))


def _parts(terms: Iterable[Term], *, since_on: date, on: date, yearly: Yearly) -> Iterator[Prepaid]:
    for term in terms:
        signed = since_on <= term.signed_on <= on
        if term.kind is Kind.BUYOUT and signed:
            price = yearly.in_currency(term.one_off, term.currency, on=on)
            yield Prepaid(bought=price or ZERO)
        if term.kind not in RECURRING:
            continue
        arr = yearly.total([term], on=on).known or ZERO
        if term.live_on(on):
            months = _months(term)
            multi_year = arr if months > YEAR_MONTHS else ZERO
            yield Prepaid(arr, multi_year, long=arr if months >= LONG_MONTHS else ZERO)
        if term.kind is Kind.NEW and signed:
            yield Prepaid(sold=arr)


def together(parts: Iterable[Prepaid]) -> Prepaid:
    """Of several customers."""
    found = list(parts)
    return Prepaid(
        arr=exact_sum(it.arr for it in found),
        multi_year=exact_sum(it.multi_year for it in found),
        long=exact_sum(it.long for it in found),
        bought=exact_sum(it.bought for it in found),
        sold=exact_sum(it.sold for it in found),
    )


def _months(term: Term) -> Fraction:
    end_on = term.scheduled_end_on
    return term_months(term.start_on, end_on) if end_on else ZERO
