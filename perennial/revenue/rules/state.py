"""What a customer pays a month at the end of a day, and the days on which that changes.

MRR is the sum of the live recurring terms, nothing while they are paused. A customer is paying
while the live terms are worth something, paused or not: a pause earns nothing and loses nobody.
Terms in another currency count only at a plan rate; without one they are left out and named.
Source: metric specification A1, A2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Term


@dataclass(frozen=True, slots=True)
class State:
    """Exact MRR at the end of a day, and whether the customer is a paying one."""

    mrr: Fraction
    paying: bool


@dataclass(frozen=True, slots=True)
class Step:
    """From the end of `on` until the next step the state is `after`; before, it was `before`."""

    on: date
    before: State
    after: State


NOTHING = State(Fraction(0), paying=False)


def in_currency(
    terms: Iterable[Term], *, currency: str, rates: Mapping[str, Fraction]
) -> tuple[list[Term], set[str]]:
    """Recurring terms in one currency at plan rates (units of it per one unit), and the
    currencies that had to be left out for want of a rate."""
    counted, left_out = [], set()
    for term in terms:
        if term.currency == currency or not term.mrr:
            counted.append(term)
        elif rate := rates.get(term.currency):
            counted.append(replace(term, mrr=term.mrr * rate, currency=currency))
        else:
            left_out.add(term.currency)
    return counted, left_out


def state_on(terms: Iterable[Term], day: date) -> State:
    """The state at the end of `day`, straight from one customer's terms."""
    live = [term for term in terms if term.mrr and term.live_on(day)]
    mrr = exact_sum(term.mrr_on(day) for term in live)
    return State(mrr, paying=exact_sum(term.mrr for term in live) > 0)


def steps(terms: Iterable[Term]) -> list[Step]:
    """Every change of one customer's state, in order, each dated on its first day."""
    earned: dict[date, Fraction] = defaultdict(Fraction)
    contracted: dict[date, Fraction] = defaultdict(Fraction)
    for term in terms:
        if term.mrr and term.end_on != term.start_on:
            contracted[term.start_on] += term.mrr
            earned[term.start_on] += term.mrr
            if term.end_on is not None:
                contracted[term.end_on] -= term.mrr
                earned[term.end_on] -= term.mrr
            for day, sign in _rests(term):
                earned[day] += sign * term.mrr
    found: list[Step] = []
    mrr = worth = Fraction(0)
    state = NOTHING
    for day in sorted(contracted.keys() | earned.keys()):
        mrr += earned.get(day, 0)
        worth += contracted.get(day, 0)
        after = State(mrr, paying=worth > 0)
        if after != state:
            found.append(Step(day, state, after))
            state = after
    return found


def _rests(term: Term) -> Iterator[tuple[date, int]]:
    """The days on which the term's pauses begin (−1) and end (+1), overlaps merged and cut to
    the term."""
    end_of_all = term.end_on or date.max
    reached = term.start_on
    for start, end in sorted(term.pauses, key=lambda span: span[0]):
        first, last = max(start, reached), min(end or date.max, end_of_all)
        if first < last:
            yield first, -1
            if last < date.max:
                yield last, 1
            reached = last


class ExactSum:
    """Adds fractions as integers: thousands of amounts share a few denominators."""

    def __init__(self) -> None:
        self._numerators: dict[int, int] = defaultdict(int)

    def add(self, top: int, bottom: int) -> None:
        self._numerators[bottom] += top

    @property
    def total(self) -> Fraction:
        parts = (Fraction(top, bottom) for bottom, top in self._numerators.items())
        return sum(parts, Fraction(0))


def exact_sum(amounts: Iterable[Fraction]) -> Fraction:
    """The exact sum of many amounts."""
    found = ExactSum()
    for amount in amounts:
        found.add(*amount.as_integer_ratio())
    return found.total


@dataclass(frozen=True, slots=True)
class Base:
    """What a day's states add up to: all MRR, that of customers above zero, paying customers."""

    mrr: Fraction
    above_zero: Fraction
    customers: int


def base(states: Collection[State]) -> Base:
    amounts = [state.mrr for state in states if state.paying]
    others = [state.mrr for state in states if not state.paying]
    below = exact_sum(mrr for mrr in [*amounts, *others] if mrr.numerator < 0)
    mrr = exact_sum([*amounts, *others])
    return Base(mrr, above_zero=mrr - below, customers=len(amounts))
