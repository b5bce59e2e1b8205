"""How often a rule was right: the share of its judged alerts, with the Wilson interval (95 %).

With fewer than ten judged alerts the share is kept back: it would say more about chance.
Source: Wilson (1927), as in the metric specification A9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from perennial.health.risk.rules.wilson import wilson

LEAST: Final = 10


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
    low, high = wilson(rate, judged)
    return Precision(right, judged, rate, low, high)
