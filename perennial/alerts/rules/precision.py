"""How often a rule was right: the share of its judged alerts, with the Wilson interval (95 %).

With fewer than ten judged alerts the share is kept back: it would say more about chance.
Source: Wilson (1927), as in the metric specification A9.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

LEAST: Final = 10
Z95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Precision:
    """`judged` alerts, of which `right`; rates 0–1, None with too few."""

    right: int
    judged: int
    rate: float | None
    low: float | None
    high: float | None


def precision(right: int, judged: int) -> Precision:
    """
    >>> it = precision(8, 10)
    >>> it.rate, round(it.low, 4), round(it.high, 4)
    (0.8, 0.4902, 0.9433)
    >>> precision(3, 9).rate is None
    True
    """
    if judged < LEAST:
        return Precision(right, judged, None, None, None)
    rate = right / judged
    spread = Z95 * sqrt(rate * (1 - rate) / judged + Z95**2 / (4 * judged**2))
    middle, scale = rate + Z95**2 / (2 * judged), 1 + Z95**2 / judged
    return Precision(right, judged, rate, (middle - spread) / scale, (middle + spread) / scale)
