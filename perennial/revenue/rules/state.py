"""What a customer pays a month at the end of a day.

MRR is the sum of the live recurring terms, nothing while they are paused. A customer is paying
while the live terms are worth something, paused or not: a pause earns nothing and loses nobody.
A live term whose amount cannot be known (no rate, no split of a total) counts nothing and makes
the state unknown, with the reason; its customer is a paying one.
Source: metric specification A1, A2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

MISSING_RATE: Final = "missing_rate"  # an amount in a currency without a rate
SPLIT_MISSING: Final = "split_missing"  # a total whose one-off share is not known (拆分缺失)
UNKNOWNS: Final = (MISSING_RATE, SPLIT_MISSING)  # the first one is told


@dataclass(frozen=True, slots=True)
class State:
    """Exact MRR at the end of a day, and whether the customer is a paying one. `unknown`: why
    there is more to it than `mrr`, or empty. `foreign`: what of it is at spot rates, by currency
    in its own units."""

    mrr: Fraction
    paying: bool
    unknown: str = ""
    foreign: tuple[tuple[str, Fraction], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """From the end of `on` until the next step the state is `after`; before, it was `before`."""

    on: date
    before: State
    after: State


ZERO: Final = Fraction(0)
FEW: Final = 4  # so many fractions are added faster one by one
NOTHING: Final = State(ZERO, paying=False)


class ExactSum:
    """Adds fractions as integers: thousands of amounts share a few denominators."""

    def __init__(self) -> None:
        self._numerators: dict[int, int] = defaultdict(int)

    def add(self, top: int, bottom: int) -> None:
        self._numerators[bottom] += top

    @property
    def total(self) -> Fraction:
        parts = [Fraction(top, bottom) for bottom, top in self._numerators.items()]
        return sum(parts[1:], parts[0]) if parts else ZERO


def exact_sum(amounts: Iterable[Fraction]) -> Fraction:
    """The exact sum of many amounts."""
    given = list(amounts)
    if len(given) < FEW:
        return sum(given[1:], given[0]) if given else ZERO
    found = ExactSum()
    for amount in given:
        found.add(*amount.as_integer_ratio())
    return found.total


def added(*amounts: Fraction) -> Fraction:
    """The sum of a few, most of them zero."""
    total = ZERO
    for amount in amounts:
        if amount:
            total = total + amount if total else amount
    return total


@dataclass(frozen=True, slots=True)
class Base:
    """What a day's states add up to: all MRR, that of customers above zero, paying customers.
    `unknown`: why the amounts are only the known part, or empty."""

    mrr: Fraction
    above_zero: Fraction
    customers: int
    unknown: str = ""


def base(states: Collection[State]) -> Base:
    amounts = [state.mrr for state in states]
    above = [mrr for mrr in amounts if mrr.numerator > 0]
    mrr = exact_sum(amounts)
    reasons = {state.unknown for state in states if state.unknown}
    return Base(
        mrr,
        above_zero=mrr if len(above) == len(amounts) else exact_sum(above),
        customers=sum(state.paying for state in states),
        unknown=first_reason(reasons),
    )


def first_reason(reasons: Collection[str]) -> str:
    """The one that is told when there are several; empty when there is none."""
    return next((reason for reason in UNKNOWNS if reason in reasons), "") if reasons else ""
