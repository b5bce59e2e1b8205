"""What a score is made from: readings come in, parts with points come out.

What the company does not collect is 'not connected' and outside the coverage; what this
customer lacks is missing, what is too old is stale: both drop out, the rest is weighed again.
Source: health specification, rules 1 and 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from perennial.health.rules.definition import LARGEST_VALUE, Item, in_steps
from perennial.health.rules.scale import points_on

Params = Mapping[str, int | float | str | None]


class State(StrEnum):
    """What became of one measure at one customer."""

    PRESENT = "present"
    MISSING = "missing"  # the source exists, this customer has no value
    STALE = "stale"  # the value is too old to count
    NOT_CONNECTED = "not_connected"  # the source does not exist here: outside the coverage


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of one source at one customer, the day it is of, and what it was made from."""

    value: float | None
    as_of: date | None = None  # None: as of the day of the evaluation
    params: Params = field(default_factory=dict)
    is_stale: bool = False  # what brings it has fallen silent, however short ago


@dataclass(frozen=True, slots=True)
class Part:
    """One measure inside a score. `points` are hundredths of a score point, 0–10000."""

    measure: str
    group: str
    weight: int
    state: State
    value: float | None = None
    points: int | None = None
    params: Params = field(default_factory=dict)
    as_of: date | None = None
    source: str = ""
    usage: bool = False

    @property
    def steps(self) -> int | None:
        """The value in ten-thousandths."""
        return None if self.value is None else steps_of(self.value)


def steps_of(value: float) -> int:
    """A reading in ten-thousandths; beyond the largest edge a scale knows no difference."""
    return in_steps(min(max(value, -LARGEST_VALUE), LARGEST_VALUE))


def part_of(item: Item, reading: Reading | None, *, connected: bool, as_of: date) -> Part:
    """What one measure adds: its points, or why it has none."""
    state, points = State.NOT_CONNECTED, None
    value = reading.value if connected and reading else None
    if connected:
        state = _state(item, reading, as_of=as_of)
        if state is State.PRESENT and value is not None:
            points = points_on(item.scale, steps_of(value))
            state = State.MISSING if points is None else state
    return Part(
        item.id,
        item.group,
        item.weight,
        state,
        value,
        points,
        reading.params if connected and reading else {},
        reading.as_of if connected and reading else None,
        item.source,
        item.usage,
    )


def _state(item: Item, reading: Reading | None, *, as_of: date) -> State:
    if reading is None or reading.value is None:
        return State.MISSING
    on = reading.as_of or as_of
    too_old = item.stale_days is not None and (as_of - on).days > item.stale_days
    return State.STALE if reading.is_stale or too_old else State.PRESENT


def weighed(parts: Iterable[Part]) -> tuple[int, int]:
    """Σ weight × points and Σ weight of the parts that have points."""
    present = [(part.weight, part.points) for part in parts if part.points is not None]
    return sum(weight * points for weight, points in present), sum(weight for weight, _ in present)


def exact_of(parts: Iterable[Part]) -> Fraction | None:
    """The weighted mean of the parts that have points; None when they weigh nothing."""
    total, weight = weighed(parts)
    return Fraction(total, 100 * weight) if weight else None


def coverage_of(parts: Iterable[Part]) -> Fraction:
    """The share of connected weight that is present; 0 when nothing is connected."""
    connected = [part for part in parts if part.state is not State.NOT_CONNECTED]
    possible = sum(part.weight for part in connected)
    present = sum(part.weight for part in connected if part.points is not None)
    return Fraction(present, possible) if possible else Fraction(0)
