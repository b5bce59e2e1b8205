"""One customer's recurring revenue over all time: the days on which it changes.

Days between two changes are equal, so that any day's state is found by looking up the change
before it. Amounts are added as whole numbers over one common denominator, which is exact.
Source: metric specification A1, A2.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

from perennial.contracts.rules import Term
from perennial.revenue.rules.definitions import DEFAULT, Definitions, FxPolicy
from perennial.revenue.rules.rates import ONE, Rates
from perennial.revenue.rules.service import Span, counted_until, portions, rests
from perennial.revenue.rules.state import (
    MISSING_RATE,
    NOTHING,
    UNKNOWNS,
    ZERO,
    State,
    Step,
    first_reason,
)

Flow = tuple[date, Fraction, Fraction]  # from this day on: earned, worth (before pauses)
NO_RATES: Final = Rates()
HOME: Final = (
    ""  # the column of what counts in the company's currency; others are named by currency
)


class History:
    """The steps of one customer, product or subscription, in order."""

    __slots__ = ("_days", "first_paid", "steps", "terms")

    def __init__(self, terms: Sequence[Term], steps: Sequence[Step]) -> None:
        self.terms = terms
        self.steps = steps
        self._days = [step.on for step in steps]
        self.first_paid = next((step.on for step in steps if step.after.paying), None)

    def state(self, day: date) -> State:
        """At the end of `day`."""
        rank = bisect_right(self._days, day)
        return self.steps[rank - 1].after if rank else NOTHING

    def between(self, after: date, until: date) -> Sequence[Step]:
        """The steps after the one day up to the end of the other."""
        return self.steps[bisect_right(self._days, after) : bisect_right(self._days, until)]

    def is_new(self, eve: date, window_days: int | None) -> bool:
        """Whether it counts as new when it begins to pay after `eve`: it never paid before, or
        left longer than `window_days` before it came back."""
        if self.first_paid is None or self.first_paid > eve:
            return True
        if window_days is None:
            return False
        known = bisect_right(self._days, eve)
        left = next((step.on for step in reversed(self.steps[:known]) if step.before.paying), None)
        back = next((step.on for step in self.steps[known:] if step.after.paying), None)
        return left is not None and back is not None and back - left > timedelta(window_days)


def steps(
    terms: Iterable[Term],
    *,
    definitions: Definitions = DEFAULT,
    rates: Rates = NO_RATES,
    lost: Sequence[Span] = (),
) -> list[Step]:
    """Every change of the state that these terms make together, in order, each dated on its
    first day. In the spans of `lost` nothing counts."""
    columns = _columns(terms, definitions, rates)
    if columns.keys() <= {HOME}:
        levels = _levels(columns.get(HOME, ()))
        points = [
            (day, State(Fraction(earned, levels.bottom), paying=value > 0))
            for day, earned, value in levels.rows
        ]
    else:
        points = _mixed(columns, definitions, rates)
    found: list[Step] = []
    state = NOTHING
    for day, after in _without(points, lost) if lost else points:
        if after != state:
            found.append(Step(day, state, after))
            state = after
    return found


def _columns(
    terms: Iterable[Term], definitions: Definitions, rates: Rates
) -> dict[str, list[Flow]]:
    """What flows in and out, by column: the company's currency, a currency at spot rates, or
    the reason why an amount is not known (each such line is worth 1)."""
    columns: dict[str, list[Flow]] = {}
    for term in terms:
        if term.unknown:
            spans = [(term.start_on, counted_until(term, definitions), ONE)]
        else:
            spans = portions(term, definitions)
        for start, end, mrr in spans:
            column, value = _placed(term, mrr, definitions, rates)
            flows = columns.setdefault(column, [])
            flows.append((start, value, value))
            if end is not None:
                flows.append((end, -value, -value))
            if term.pauses:
                for first, until in rests(term.pauses, start, end, definitions):
                    flows.append((first, -value, ZERO))
                    if until is not None:
                        flows.append((until, value, ZERO))
    return columns


def _placed(
    term: Term, mrr: Fraction, definitions: Definitions, rates: Rates
) -> tuple[str, Fraction]:
    """The column of an amount, and what it is worth there."""
    if term.unknown:
        return term.unknown, ONE
    if term.currency == definitions.currency:
        return HOME, mrr
    if definitions.fx is FxPolicy.SPOT:
        return term.currency, mrr
    rate = rates.plan.get(term.currency)
    return (HOME, mrr * rate) if rate else (MISSING_RATE, ONE)


class _Levels(NamedTuple):
    """From each day on: what is earned and what it is worth, both over `bottom`."""

    bottom: int
    rows: list[tuple[date, int, int]]


def _levels(flows: Sequence[Flow]) -> _Levels:
    bottom = lcm(*(value.denominator for _day, _earned, value in flows))
    changes: dict[date, list[int]] = {}
    for day, earned, value in flows:
        change = changes.setdefault(day, [0, 0])
        change[0] += earned.numerator * (bottom // earned.denominator)
        change[1] += value.numerator * (bottom // value.denominator)
    rows = []
    earned_now = value_now = 0
    for day in sorted(changes):
        earned_change, value_change = changes[day]
        if earned_change or value_change:
            earned_now += earned_change
            value_now += value_change
            rows.append((day, earned_now, value_now))
    return _Levels(bottom, rows)


def _mixed(
    columns: Mapping[str, list[Flow]], definitions: Definitions, rates: Rates
) -> list[tuple[date, State]]:
    """The states when there are several currencies at spot rates, or unknown amounts."""
    levels = {column: _levels(flows) for column, flows in columns.items()}
    days = {day for level in levels.values() for day, _earned, _value in level.rows}
    days.update(day for column in columns for day in rates.changes(column))
    found = []
    for day in sorted(days):
        mrr, value, reasons, foreign = ZERO, ZERO, set(), []
        for column, level in levels.items():
            earned_now, value_now = _on(level, day)
            rate = ONE if column == HOME else rates.on(column, day, definitions=definitions)
            if column in UNKNOWNS or rate is None:
                if value_now:
                    reasons.add(column if column in UNKNOWNS else MISSING_RATE)
                continue
            mrr += earned_now * rate
            value += value_now * rate
            if column != HOME and earned_now:
                foreign.append((column, earned_now))
        paying = value > 0 or bool(reasons)
        found.append((day, State(mrr, paying, first_reason(reasons), tuple(sorted(foreign)))))
    return found


def _on(level: _Levels, day: date) -> tuple[Fraction, Fraction]:
    rank = bisect_right(level.rows, day, key=lambda row: row[0])
    if not rank:
        return ZERO, ZERO
    _day, earned, value = level.rows[rank - 1]
    return Fraction(earned, level.bottom), Fraction(value, level.bottom)


def _without(
    points: Sequence[tuple[date, State]], lost: Sequence[Span]
) -> Iterator[tuple[date, State]]:
    """The same points with nothing in the spans of `lost`."""
    states = dict(points)
    edges = {edge for span in lost for edge in span if edge is not None}
    state = NOTHING
    for day in sorted(states.keys() | edges):
        state = states.get(day, state)
        gone = any(start <= day and (end is None or day < end) for start, end in lost)
        yield day, NOTHING if gone else state
