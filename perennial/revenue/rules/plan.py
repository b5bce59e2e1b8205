"""A plan (经营测算): nine levers, and what they make of recurring revenue year by year.

ARR at a year's end = new sales + ARR kept + upsell: R(t) = S0·(1+g)^(t−1) + (r+u)·R(t−1), where
S0 = new customers × yearly price. Contribution = ARR × gross margin − CAC × new customers − CSMs.
CSMs are whole people: ARR ÷ ARR per CSM, rounded up. LTV = price × margin ÷ (1 − renewal rate).
What matters most: each lever alone, 10 % (rates: 10 points) down and up, against one outcome.
Exact. Source: metric specification A6, B3; articles s0, s2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from perennial.revenue.rules.ltv import constant_churn
from perennial.revenue.rules.planning import csms_for, refill
from perennial.units.money import ratio

NOTHING: Final = Fraction(0)
ONE: Final = Fraction(1)
STEP: Final = Fraction(1, 10)
# Levers that are shares, with the values that make sense; the others are amounts above zero.
RATES: Final = {
    "renewal": (NOTHING, ONE),
    "upsell": (NOTHING, ONE),
    "growth": (Fraction(-9, 10), Fraction(3)),
    "margin": (NOTHING, ONE),
}


@dataclass(frozen=True, slots=True)
class Levers:
    """What can be decided. Shares 0–1 per year; money in one currency."""

    renewal: Fraction  # share of the last year's ARR that is kept
    upsell: Fraction  # sold on top to those kept, as a share of the last year's ARR
    new_customers: Fraction  # in the first year
    growth: Fraction  # of new customers, per year
    price: Fraction  # ARR of a new customer
    cac: Fraction  # per new customer
    margin: Fraction
    arr_per_csm: Fraction
    csm_cost: Fraction  # per CSM and year


LEVERS: Final = tuple(Levers.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Year:
    """ARR from `opening` to `arr` = opening − lost + upsold + sold."""

    year: int
    opening: Fraction
    lost: Fraction
    upsold: Fraction
    sold: Fraction
    arr: Fraction
    new_customers: Fraction
    csms: int | None
    contribution: Fraction

    @property
    def gap(self) -> Fraction:
        """What upsell leaves open of the refill of churn; negative: more than refilled."""
        return self.lost - self.upsold


class Outcome(StrEnum):
    """What a lever is judged by."""

    ARR = "arr"  # at the end of the last year
    REVENUE = "revenue"  # sum of all years
    CONTRIBUTION = "contribution"  # sum of all years
    LTV_TO_CAC = "ltv_to_cac"


@dataclass(frozen=True, slots=True)
class Plan:
    """The years of one set of levers; `opening` is the ARR before the first."""

    levers: Levers
    opening: Fraction
    years: tuple[Year, ...]

    @property
    def arr(self) -> Fraction:
        return self.years[-1].arr

    @property
    def revenue(self) -> Fraction:
        return sum((it.arr for it in self.years), NOTHING)

    @property
    def contribution(self) -> Fraction:
        return sum((it.contribution for it in self.years), NOTHING)

    @property
    def csms(self) -> int | None:
        return self.years[-1].csms

    @property
    def cycles(self) -> Fraction | None:
        """How many contract cycles a customer stays on average; None: nobody leaves."""
        return ratio(ONE, ONE - self.levers.renewal)

    @property
    def ltv(self) -> Fraction | None:
        return constant_churn(self.levers.price * self.levers.margin, 1 - self.levers.renewal)

    @property
    def ltv_to_cac(self) -> Fraction | None:
        return None if self.ltv is None else ratio(self.ltv, self.levers.cac)

    @property
    def payback_months(self) -> Fraction | None:
        return ratio(self.levers.cac, self.levers.price * self.levers.margin / 12)

    @property
    def growth(self) -> list[Fraction | None]:
        """Of ARR, year over year; None where a year began with nothing."""
        levels = [self.opening, *(it.arr for it in self.years)]
        return [ratio(now - before, before) for before, now in pairwise(levels)]

    def outcome(self, of: Outcome) -> Fraction | None:
        match of:
            case Outcome.ARR:
                return self.arr
            case Outcome.REVENUE:
                return self.revenue
            case Outcome.CONTRIBUTION:
                return self.contribution
            case Outcome.LTV_TO_CAC:
                return self.ltv_to_cac


def plan(levers: Levers, *, opening: Fraction, years: int) -> Plan:
    """`years` ≥ 1; `opening`: ARR at the start."""
    found: list[Year] = []
    arr, won = opening, levers.new_customers
    for year in range(1, years + 1):
        before = arr
        lost, upsold = refill(before, 1 - levers.renewal), levers.upsell * before
        sold = won * levers.price
        arr = before - lost + upsold + sold
        csms = csms_for(arr, per_csm=levers.arr_per_csm)
        cost = levers.cac * won + levers.csm_cost * (csms or 0)
        earned = arr * levers.margin - cost
        found.append(Year(year, before, lost, upsold, sold, arr, won, csms, earned))
        won *= 1 + levers.growth
    return Plan(levers, opening, tuple(found))


@dataclass(frozen=True, slots=True)
class Swing:
    """One lever moved alone: its two values, and the outcome at each."""

    lever: str
    low_value: Fraction
    high_value: Fraction
    low: Fraction
    high: Fraction

    @property
    def span(self) -> Fraction:
        return abs(self.high - self.low)


def swings(found: Plan, outcome: Outcome) -> list[Swing]:
    """All levers, the one that matters most first; those without effect, or whose effect cannot
    be told (no finite LTV), are left out. Rates stay within their range."""
    result = []
    for name in LEVERS:
        low_value, high_value = _moved(name, getattr(found.levers, name))
        low, high = (_outcome(found, name, it, outcome) for it in (low_value, high_value))
        if low is not None and high is not None and low != high:
            result.append(Swing(name, low_value, high_value, low, high))
    return sorted(result, key=lambda it: -it.span)


def _moved(name: str, value: Fraction) -> tuple[Fraction, Fraction]:
    if name not in RATES:
        return value * (1 - STEP), value * (1 + STEP)
    low, high = RATES[name]
    return max(low, value - STEP), min(high, value + STEP)


def _outcome(found: Plan, name: str, value: Fraction, of: Outcome) -> Fraction | None:
    levers = replace(found.levers, **{name: value})
    return plan(levers, opening=found.opening, years=len(found.years)).outcome(of)
