"""What the customers of today are still worth: cohorts by age, their curve, residual contracts.

A cohort is everybody who first paid k to k+1 years ago: how many were there after 1, 2, … k years,
the last count being those of today. The curve (sBG) is fitted to all customers; below 30
customers or 2 whole years nothing is projected.
Source: metric specification B2, G5; the arithmetic is that of rules/survival.py and lifetime.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from perennial.revenue.rules.lifetime import Residual, del_new, residual
from perennial.revenue.rules.staying import Stay
from perennial.revenue.rules.survival import Curve, fit, lives_of_stays
from perennial.units.errors import InputRefused
from perennial.units.period import ONE_DAY, add_months

YEAR: Final = 12
LEAST_CUSTOMERS: Final = 30
PROJECTED: Final = 10  # years drawn and printed


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers by age, in whole years since they first paid. `alive[0]` is how many there were,
    `alive[k]` how many after k years, the last one how many there are today."""

    age: int
    alive: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BaseValue:
    """`curve` None: `reason` says why. `survival`: shares after 0, 1, … years. `value`: yearly
    payments still to come from a new customer, the first included, discounted. `left`: those to
    come from everybody of today."""

    n: int
    cohorts: tuple[Cohort, ...]
    curve: Curve | None
    survival: tuple[float, ...]
    value: float | None
    left: Residual | None
    reason: str


def age_on(first_on: date, on: date) -> int:
    """Whole years from the first paid day to the end of `on`."""
    end = on + ONE_DAY
    years = end.year - first_on.year
    return years if add_months(first_on, years * YEAR) <= end else years - 1


def cohorts_by_age(stays: Mapping[int, Sequence[Stay]]) -> tuple[Cohort, ...]:
    """`stays` by the age at the day of observation, in whole years."""
    found = []
    for age, theirs in sorted(stays.items()):
        counts = [sum(_alive(it, years * YEAR) for it in theirs) for years in range(age)]
        today = sum(not it.left for it in theirs)
        began = [len(theirs)] if age else []
        found.append(Cohort(age, (*began, *counts[1:], today)))
    return tuple(found)


def _alive(stay: Stay, months: int) -> bool:
    """Still there after so many months: one that left on that very day is not."""
    return not stay.left or stay.duration > months


def base_value(stays: Mapping[int, Sequence[Stay]], *, discount: float) -> BaseValue:
    """The curve of all customers and what is left in them."""
    cohorts = cohorts_by_age(stays)
    everybody = [stay for theirs in stays.values() for stay in theirs if stay.duration > 0]
    n = len(everybody)
    if n < LEAST_CUSTOMERS:
        return BaseValue(n, cohorts, None, (), None, None, "too_few_customers")
    try:
        curve = fit(lives_of_stays(everybody, period=YEAR))
    except InputRefused as refused:
        return BaseValue(n, cohorts, None, (), None, None, refused.code)
    left = residual([cohort.alive for cohort in cohorts], curve, discount=discount)
    value = del_new(curve, discount=discount)
    return BaseValue(n, cohorts, curve, tuple(curve.survivals(PROJECTED)), value, left, "")
