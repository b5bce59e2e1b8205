"""How an alert lives: it ends late and comes back late, so that nobody is told the same twice.

1. One open alert per customer, rule and subject; what fires again is evidence on it.
2. It is raised at the entering threshold and stays until the leaving one, which is further off.
3. It ends by itself when its condition was false in so many evaluations (days) in a row.
4. What is not known is not calm: while a source is silent, its alerts stay as they are.
5. After its end the rule keeps still for that customer: the cool-down.
Source: work specification, 'Alert and call-to-action life cycle'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Life:
    """`calm_days`: evaluations in a row that end it; `cool_down_days`: stillness afterwards."""

    calm_days: int
    cool_down_days: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Raised at `enter`, kept until `leave` is passed. `rises`: more is worse."""

    enter: float
    leave: float
    rises: bool = True

    def enters(self, value: float) -> bool:
        return value >= self.enter if self.rises else value <= self.enter

    def holds(self, value: float) -> bool:
        """Still on: at the entering threshold, or between the two."""
        return value > self.leave if self.rises else value < self.leave


# By rule. A fact with a date needs one look to be over; what is measured swings, and needs more.
LIVES: Final[dict[str, Life]] = {
    "usage_drop": Life(3, 14),
    "silent": Life(1, 7),
    "contact_left": Life(1, 3),
    "contact_silent": Life(1, 14),
    "detractor": Life(1, 3),
    "invoice_overdue": Life(1, 7),
    "seats_falling": Life(2, 30),
    "renewal_untouched": Life(1, 14),
    "renewal_inactive": Life(3, 14),
    "notice_near": Life(1, 14),
    "auto_renewal_near": Life(1, 14),
    "score_against_money": Life(2, 21),
    "goal_missed": Life(3, 21),
    "support_load": Life(3, 14),
    "value_unknown": Life(1, 14),
}


def is_over(calm_days: int, *, life: Life) -> bool:
    """So many evaluations in a row were false."""
    return calm_days >= life.calm_days


def is_cooling(ended_on: date | None, *, life: Life, day: date) -> bool:
    """It ended by itself so shortly ago that it keeps still."""
    return ended_on is not None and ended_on > day - timedelta(days=life.cool_down_days)
