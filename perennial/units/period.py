"""Periods are half-open [start, end); the due date is the last day, end − 1.

A term in months is whole calendar months (month ends clamped) plus the days left over,
divided by the length of the month that they begin. Never days / 365.
Source: metric specification A0.2 and A0.4.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

ONE_DAY = timedelta(days=1)


class Grain(StrEnum):
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, clamped to that month's end."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= 28:
        return date(year, month0 + 1, day.day)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


@lru_cache(maxsize=65_536)  # ledgers repeat their terms
def term_months(start_on: date, end_on: date) -> Fraction:
    """Length of [start_on, end_on) in months, exactly.

    Raises ValueError for an empty or reversed term.
    """
    if end_on <= start_on:
        raise ValueError("a term ends after it starts")
    whole = (end_on.year - start_on.year) * 12 + end_on.month - start_on.month
    if add_months(start_on, whole) > end_on:
        whole -= 1
    anniversary = add_months(start_on, whole)
    following = add_months(start_on, whole + 1)
    return whole + Fraction((end_on - anniversary).days, (following - anniversary).days)


@dataclass(frozen=True, slots=True)
class Period:
    """A named stretch of days, both ends included, as reports print it."""

    label: str
    first_on: date
    last_on: date

    @property
    def eve_on(self) -> date:
        """D0: the day before the first day; movements run from its end."""
        return self.first_on - ONE_DAY


def first_day(day: date, grain: Grain) -> date:
    match grain:
        case Grain.DAY:
            return day
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case Grain.YEAR:
            return date(day.year, 1, 1)


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def period_of(day: date, grain: Grain) -> Period:
    """The calendar period that holds `day`, labelled 2025-01, 2025-Q1 or 2025."""
    first = first_day(day, grain)
    if grain is Grain.DAY:
        return Period(first.isoformat(), first, first)
    last = add_months(first, _MONTHS[grain]) - ONE_DAY
    labels = {
        Grain.MONTH: f"{first:%Y-%m}",
        Grain.QUARTER: f"{first.year}-Q{(first.month + 2) // 3}",
        Grain.YEAR: f"{first.year}",
    }
    return Period(labels[grain], first, last)


def periods_between(from_on: date, to_on: date, grain: Grain) -> Iterator[Period]:
    """The periods that [from_on, to_on] touches, the outer ones cut to it."""
    day = from_on
    while day <= to_on:
        period = period_of(day, grain)
        yield Period(period.label, max(period.first_on, from_on), min(period.last_on, to_on))
        day = period.last_on + ONE_DAY
