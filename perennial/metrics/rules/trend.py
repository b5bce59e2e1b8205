"""Usage against its own past.

Events per day of a period ÷ events per day of the 84 days before it, minus 1: −1 is silent, 0
as ever, 1 doubled. A younger customer's past counts from its first day (fight-churn 7.8).
Without events in the past, or with under 14 days of it, the trend is unknown.
"""

from __future__ import annotations

from datetime import date

PRIOR_DAYS = 84
LEAST_PRIOR_DAYS = 14  # less past than this is no past to compare with


def usage_trend_rate(
    *, now: float, now_days: int, before: float, from_on: date, first_seen_on: date
) -> float | None:
    """The change of a period that begins on `from_on` and was observed for `now_days`."""
    past_days = min((from_on - first_seen_on).days, PRIOR_DAYS)
    if past_days < LEAST_PRIOR_DAYS or before <= 0 or now_days <= 0:
        return None
    return (now / now_days) / (before / past_days) - 1
