"""What is added up of the steps: per day and per period. Whole units, exact.

A unit that did not change in a period has no row in it: only changes are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, Final

import numpy as np

from perennial.revenue.engine.columns import Amounts, Flags, Ints, counts, run_ends, runs, totals
from perennial.revenue.engine.steps import EPOCH, NEVER, Steps
from perennial.revenue.rules.movement import Movement, Report
from perennial.revenue.rules.state import MISSING_RATE, SPLIT_MISSING
from perennial.units.period import Period

KINDS: Final = (None, *Movement)
_NUMBER: Final = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Level:
    """What stands at the end of a day, in whole units; `no_rate`, `no_split`: how many units of
    the level have an unknown amount, for which reason."""

    mrr: int = 0
    above_zero: int = 0
    customers: int = 0
    no_rate: int = 0
    no_split: int = 0

    def __add__(self, other: Level) -> Level:
        return Level(
            self.mrr + other.mrr,
            self.above_zero + other.above_zero,
            self.customers + other.customers,
            self.no_rate + other.no_rate,
            self.no_split + other.no_split,
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """What changed of a unit in a period, or on a day: from before its first step to after its
    last one (rows of `steps`), and what its days add up to. `back_on`: the first day on which it
    paid."""

    steps: Steps
    first: Ints
    last: Ints
    period: Ints
    won: Amounts
    lost: Amounts
    back_on: Ints
    worst: Ints
    kind: Ints  # rank in KINDS

    @property
    def before(self) -> Amounts:
        return self.steps.before[self.first]

    @property
    def after(self) -> Amounts:
        return self.steps.after[self.last]


def levels(steps: Steps) -> tuple[list[date], list[Level]]:
    """The days on which anything changes, and what stands at the end of each."""
    if not len(steps):
        return [], []
    zero = int(steps.day.min())
    key, change = steps.day - zero, steps.after - steps.before
    above_zero = mrr = totals(key, change)
    if (steps.after.whole < 0).any():
        above_zero = totals(key, steps.after.above_zero() - steps.before.above_zero())
    heads = [
        _more(key, steps.is_paying, steps.was_paying),
        _more(key, steps.is_unknown == 1, steps.was_unknown == 1),
        _more(key, steps.is_unknown == 2, steps.was_unknown == 2),
    ]
    changes = (
        Level(mrr[day], above_zero[day], *(more.get(day, 0) for more in heads)) for day in mrr
    )
    return [EPOCH + timedelta(days=zero + day) for day in mrr], list(accumulate(changes))


def _more(key: Ints, now: Flags, before: Flags) -> Mapping[int, int]:
    """By how many units there are more than before."""
    found = Counter(counts(key[now & ~before]))
    found.subtract(counts(key[before & ~now]))
    return found


def moved(
    steps: Steps, periods: Sequence[Period], report: Report, *, window_days: int | None
) -> Moved:
    """The net changes of each period (they do not overlap), or the changes of each day."""
    period = _period_of(steps.day, periods)
    if (period < 0).any():
        steps, period = steps[period >= 0], period[period >= 0]
    daily = report is Report.ACTIVITY
    first = np.arange(len(period)) if daily else runs(steps.unit, period)
    last = run_ends(first, len(period))
    change = (steps.after - steps.before).even()
    paid_on = np.where(steps.is_paying, steps.day, -NEVER)
    back_on = np.minimum.reduceat(paid_on, first)
    return Moved(
        steps,
        first,
        last,
        period[first],
        won=change.where(change.whole >= 0).sums(first),
        lost=(steps.before - steps.after).where(change.whole < 0).sums(first),
        back_on=back_on,
        worst=np.maximum.reduceat(np.array([0, 2, 1], np.int8)[steps.is_unknown], first),
        kind=_kinds(steps, first, last, back_on, window_days),
    )


def _period_of(day: Ints, periods: Sequence[Period]) -> Ints:
    """By number; −1 outside all of them."""
    found = np.full(len(day), -1)
    if not periods or not len(day):
        return found
    bounds = [((it.first_on - EPOCH).days, (it.last_on - EPOCH).days) for it in periods]
    zero, end = min(first for first, _last in bounds), max(last for _first, last in bounds)
    calendar = np.full(end - zero + 1, -1)
    for rank, (first, last) in enumerate(bounds):
        calendar[first - zero : last - zero + 1] = rank
    within = (day >= zero) & (day <= end)
    found[within] = calendar[day[within] - zero]
    return found


def _kinds(steps: Steps, first: Ints, last: Ints, back_on: Ints, window_days: int | None) -> Ints:
    """As `rules.movement.kind_of`."""
    change = (steps.after[last] - steps.before[first]).even()
    left_on = steps.left_on[first]
    new = left_on == NEVER
    if window_days is not None:
        new |= back_on - left_on > window_days
    is_paying, was_paying = steps.is_paying[last], steps.was_paying[first]
    came, went = is_paying & ~was_paying, was_paying & ~is_paying
    told = {
        Movement.NEW: came & new,
        Movement.REACTIVATION: came,
        Movement.CHURN: went,
        Movement.EXPANSION: change.is_positive(),
        Movement.CONTRACTION: change.is_negative(),
    }
    found: Ints = np.select(list(told.values()), [_NUMBER[kind] for kind in told], 0)
    return found


def period_sums(found: Moved) -> dict[int, dict[str, Any]]:
    """By number of the period, what its movements add up to; periods without any are absent."""
    before, after = found.before, found.after
    had = before.is_positive(0)
    kept = after.above_zero()
    changed = had & ((kept.whole != before.whole) | (kept.part != before.part))
    back = ~found.steps.was_paying[found.first] & (found.back_on != -NEVER)
    sums: dict[int, dict[str, Any]] = {period: {} for period in counts(found.period)}

    def put(name: str, added: Mapping[int, int]) -> None:
        for period, number in added.items():
            sums[period][name] = number

    def put_total(name: str, column: Amounts, rows: Flags) -> None:
        put(name, totals(found.period[rows], column[rows]))

    kept_change, move = kept - before, after - before
    put_total("changed", kept_change, changed)
    put_total("shrunk", kept_change, changed & (kept_change.even().whole < 0))
    for name, column in (("won", found.won), ("lost", found.lost)):
        put_total(name, column, had & ((column.whole != 0) | (column.part != 0)))
    for rank, kind in enumerate(KINDS):
        if kind:
            rows = found.kind == rank
            put_total(kind, move, rows)
            put(f"{kind}_count", counts(found.period[rows]))
    put_total("returned", after, found.kind == _NUMBER[Movement.REACTIVATION])
    put("came", counts(found.period[back]))
    put("came_and_gone", counts(found.period[back & ~found.steps.is_paying[found.last]]))
    for why in (1, 2):  # the one told is the larger
        put("worst", dict.fromkeys(counts(found.period[found.worst == why]), why))
    return sums


def reason(level: Level) -> str:
    """Why the amounts of a level are only its known part, or empty."""
    if level.no_rate:
        return MISSING_RATE
    return SPLIT_MISSING if level.no_split else ""
