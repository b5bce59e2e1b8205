"""The usage chart of a customer: each day, its average, and the band where it was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BASELINE_WEEKS = 8
LAG_DAYS = 14  # the last two weeks do not vouch for themselves


@dataclass(frozen=True, slots=True)
class UsageDay:
    """One day of a usage chart; None where there is too little past."""

    count: float
    average: float | None  # of 7 days
    low: float | None
    high: float | None


def usage_days(counts: Sequence[float], *, frozen_from: int | None = None) -> list[UsageDay]:
    """Daily counts with their 7-day average and the band where it was to be expected: mean ± two
    scatters of the weekly averages of eight weeks, ending two weeks before. From `frozen_from`
    (the day a drop began) on, the band stays what it was: a fall is no new normal.
    """
    averages = [sum(counts[at - 6 : at + 1]) / 7 if at >= 6 else None for at in range(len(counts))]
    days = []
    for at, count in enumerate(counts):
        end = min(at, frozen_from if frozen_from is not None else at) - LAG_DAYS
        low, high = _band(
            [averages[end - 7 * week] for week in range(BASELINE_WEEKS) if end - 7 * week >= 6]
        )
        days.append(UsageDay(count, averages[at], low, high))
    return days


def _band(weeks: Sequence[float | None]) -> tuple[float | None, float | None]:
    known = [week for week in weeks if week is not None]
    if len(known) < BASELINE_WEEKS // 2:
        return None, None
    mean = sum(known) / len(known)
    scatter = (sum((week - mean) ** 2 for week in known) / len(known)) ** 0.5
    half = 2 * max(scatter, 0.05 * mean)
    return max(0.0, mean - half), mean + half
