"""How full a colleague's week is, as a leader would count it.

1. Load: hours of work of everything open, as assumed for each reason (or measured).
2. Room: hours a day for customers × the working days of the next seven, without those away.
3. Full: load ÷ room. Up to 1 it can be done this week; above, something carries over.
4. Spoken to: S and A customers with a touch within their cadence (14 and 30 days), as a share.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

WEEK_DAYS = 7
FULL, TOO_FULL = 1.0, 2.0


def working_days(first: date, away: Iterable[tuple[date, date]]) -> int:
    """Mondays to Fridays in the seven days from `first` on, but those in a half-open absence."""
    days = [first + timedelta(days=at) for at in range(WEEK_DAYS)]
    gone = list(away)
    return sum(
        day.weekday() < 5 and not any(start <= day < until for start, until in gone) for day in days
    )


def full_rate(load_hours: float, room_hours: float) -> float | None:
    """Load ÷ room; None when there is no room at all: nobody can say how full that is."""
    return load_hours / room_hours if room_hours else None


def tone(rate: float | None) -> str:
    """Of the bar: good, warn, or bad from two weeks' work on."""
    if rate is None or rate >= TOO_FULL:
        return "bad"
    return "warn" if rate > FULL else "good"


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
