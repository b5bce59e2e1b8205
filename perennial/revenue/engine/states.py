"""Unit by unit: states, moves and first paid days, as the dataclasses of `rules`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from perennial.revenue.engine.amounts import amount
from perennial.revenue.engine.columns import Amounts, Flags, Ints, run_ends, runs
from perennial.revenue.engine.steps import EPOCH, Steps
from perennial.revenue.engine.sums import KINDS, Moved
from perennial.revenue.rules import Move, State, Unit
from perennial.revenue.rules.state import UNKNOWNS

REASONS: Final = ("", *UNKNOWNS)


def states(steps: Steps, day: date) -> dict[Unit, State]:
    """At the end of `day`; those who pay nothing are left out."""
    known = steps[steps.day <= (day - EPOCH).days]
    last = known[run_ends(runs(known.unit), len(known))]
    last = last[last.is_paying | (last.after.whole != 0) | (last.after.part != 0)]
    found = _states(last.after, last.is_paying, last.is_unknown)
    return dict(zip(_keys(last), found, strict=True))


def moves(found: Moved, *, daily: bool = False) -> list[Move]:
    """What changed, unit by unit (and day by day)."""
    first, last = found.steps[found.first], found.steps[found.last]
    before, after = first.before, last.after
    changed = (before.whole != after.whole) | (before.part != after.part)
    changed |= first.was_paying != last.is_paying
    changed |= first.was_unknown != last.is_unknown
    first, last = first[changed], last[changed]
    return [
        Move(
            key if isinstance(key, int) else key[0],
            before=before,
            after=after,
            kind=KINDS[kind],
            unit=None if isinstance(key, int) else key[1],
            on=EPOCH + timedelta(days=day) if daily else None,
        )
        for key, before, after, kind, day in zip(
            _keys(first),
            _states(first.before, first.was_paying, first.was_unknown),
            _states(last.after, last.is_paying, last.is_unknown),
            found.kind[changed].tolist(),
            last.day.tolist(),
            strict=True,
        )
    ]


def first_paid(steps: Steps) -> dict[Unit, date]:
    """Of all units that ever paid, the first day on which they did."""
    paying = steps[steps.is_paying]
    first = paying[runs(paying.unit)]
    days = (EPOCH + timedelta(days=day) for day in first.day.tolist())
    return dict(zip(_keys(first), days, strict=True))


def _keys(steps: Steps) -> list[Unit]:
    customers: list[int] = steps.customer_id.tolist()
    return list(customers if steps.name is None else zip(customers, steps.name, strict=True))


def _states(money: Amounts, paying: Flags, unknown: Ints) -> Iterable[State]:
    columns = (money.numbers(), paying.tolist(), unknown.tolist())
    for mrr, pays, why in zip(*columns, strict=True):
        yield State(amount(mrr), pays, REASONS[why])
