"""When a drop is over, for the day and for the replay of the past alike.

1. Back: three days in a row at 80 % of what was usual when the alert was raised; the last week
   or the last four, whichever is higher.
2. Settled: eight weeks later the new level is the usual, and what lay before is forgotten.
3. After an alert a customer keeps still for four weeks.
"""

from __future__ import annotations

from typing import Final

CALM_SHARE: Final = 0.8
CALM_DAYS: Final = 3
NEW_LEVEL_DAYS: Final = 56
REFRACTORY_DAYS: Final = 28
WEEK_DAYS, MONTH_DAYS = 7, 28


def is_back(*, week: float, month: float, usual_week: float) -> bool:
    """One day's look. `week` and `month`: events of the last 7 and 28 days ÷ peers' factor."""
    return max(week, month * WEEK_DAYS / MONTH_DAYS) >= CALM_SHARE * usual_week


def is_settled(open_days: int) -> bool:
    """So many days after it was raised the new level is the usual."""
    return open_days >= NEW_LEVEL_DAYS


def rests(since_raised_days: int) -> bool:
    """Whether the customer had an alert so lately that there is no new one."""
    return since_raised_days < REFRACTORY_DAYS


def forgotten_before(raised: int) -> int:
    """The first day (a number) that a customer's past counts from once an alert has settled: the
    week that raised it was low already."""
    return raised - WEEK_DAYS + 1
