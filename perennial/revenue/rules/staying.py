"""How long customers stay, from all of them, also those who have not left yet (Kaplan–Meier).

At each age at which somebody left: S = S × (1 − left ÷ still under observation). Customers that
are alive, or whose renewal is pending, leave the observation at their age: not known is not lost.
The interval is Greenwood's on the log-log scale, so that it stays between 0 and 100 %.
Source: metric specification D3, G5; Kaplan & Meier 1958; telco sample S(12) = .8432.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

Z95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Stay:
    """One customer: how long it was seen paying (any one unit), and whether it then left."""

    duration: float
    left: bool
    group: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """Just after age `t`: the share that stays, its 95 % interval, and how it came about."""

    t: float
    survival: float
    low: float
    high: float
    at_risk: int
    left: int


@dataclass(frozen=True, slots=True)
class Staying:
    """The curve as its steps, for `n` customers of which `left` left."""

    n: int
    left: int
    longest: float
    points: tuple[Point, ...]

    def at(self, t: float) -> Point | None:
        """The curve at age t. None beyond the longest observation, where nothing is known."""
        if not self.n or t > self.longest:
            return None
        start = Point(0, survival=1.0, low=1.0, high=1.0, at_risk=self.n, left=0)
        return max((it for it in (start, *self.points) if it.t <= t), key=lambda it: it.t)

    @property
    def median(self) -> float | None:
        """The age by which half have left. None: more than half stay longer than was seen."""
        return next((it.t for it in self.points if it.survival <= 0.5), None)

    @property
    def mean_seen(self) -> float:
        """Average time stayed, counted up to the longest observation (the area under the curve):
        a lower bound of the lifetime."""
        area, since, share = 0.0, 0.0, 1.0
        for point in self.points:
            area += share * (point.t - since)
            since, share = point.t, point.survival
        return area + share * (self.longest - since)


def staying(stays: Iterable[Stay]) -> Staying:
    """Kaplan–Meier over all customers given; durations of zero and less are nothing seen."""
    left: Counter[float] = Counter()
    ended: Counter[float] = Counter()
    for stay in stays:
        if stay.duration > 0:
            ended[stay.duration] += 1
            left[stay.duration] += stay.left
    at_risk = n = ended.total()
    survival, spread = 1.0, 0.0
    points = []
    for t in sorted(ended):
        gone = left[t]
        if gone:
            survival *= 1 - gone / at_risk
            stays_on = at_risk - gone
            spread += gone / (at_risk * stays_on) if stays_on else 0.0
            low, high = _interval(survival, spread)
            points.append(Point(t, survival, low, high, at_risk=at_risk, left=gone))
        at_risk -= ended[t]
    return Staying(n, left.total(), longest=max(ended, default=0.0), points=tuple(points))


def staying_by_group(stays: Iterable[Stay]) -> Mapping[str, Staying]:
    """One curve per group (industry, segment), the largest group first."""
    groups: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        groups[stay.group].append(stay)
    order = sorted(groups, key=lambda name: (-len(groups[name]), name))
    return {name: staying(groups[name]) for name in order}


def _interval(survival: float, spread: float) -> tuple[float, float]:
    if not 0 < survival < 1:
        return survival, survival
    scale = exp(Z95 * sqrt(spread) / abs(log(survival)))
    return survival**scale, survival ** (1 / scale)
