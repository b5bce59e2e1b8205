"""How fast recurring revenue grows, and one period's churn told for a year or a month.

Growth compares a day with the same day a year before. A churn rate is brought to another length
of time by compounding, never by multiplying: 5 % a month are 46 % a year, not 60 %.
Source: metric specification A3, A6.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from perennial.units.money import ratio

YEAR_DAYS: Final = 365
MONTH_DAYS: Final = Fraction(365, 12)


def growth(now: Fraction, before: Fraction) -> Fraction | None:
    """ARR(D) / ARR(a year before D) − 1; None without anything before."""
    times = ratio(now, before)
    return None if times is None else times - 1


def cagr(now: Fraction, before: Fraction, *, years: float) -> float | None:
    """The yearly growth that leads from `before` to `now`; None where there is none."""
    if before <= 0 or now < 0 or years <= 0:
        return None
    return float(float(now / before) ** (1 / years)) - 1


def annual_churn(churn: float | Fraction, *, days: float) -> float:
    """What a share `churn` lost in `days` is in a year, at the same pace (0–1)."""
    return float(1 - (1 - float(churn)) ** (YEAR_DAYS / days))


def monthly_churn(churn: float | Fraction, *, days: float) -> float:
    """The same in a month, a twelfth of 365 days."""
    return float(1 - (1 - float(churn)) ** (float(MONTH_DAYS) / days))
