"""Which days a metric counts.

- A row is of a whole calendar day, week (Monday to Sunday) or month: every one that the days
  asked for touch, also when they begin or end inside it.
- Without a window its value covers exactly that calendar period.
- With a window of N days it covers the N days that end on the period's last day, inclusive.
All days are business days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY_ZERO = date(1970, 1, 1)
LONGEST_WINDOW_DAYS = 1830  # five years


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class By(StrEnum):
    CUSTOMER = "customer"
    PERSON = "person"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Span:
    """A calendar period [first_on, last_on] and the days [from_on, last_on] that its value
    covers; all inclusive."""

    first_on: date
    last_on: date
    from_on: date

    @property
    def days(self) -> int:
        return (self.last_on - self.from_on).days + 1


def first_day(day: date, grain: Grain) -> date:
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)


def _next(first_on: date, grain: Grain) -> date:
    match grain:
        case Grain.DAY:
            return first_on + timedelta(days=1)
        case Grain.WEEK:
            return first_on + timedelta(days=7)
        case Grain.MONTH:
            return (first_on + timedelta(days=31)).replace(day=1)


def spans(
    from_on: date, to_on: date, grain: Grain, *, window_days: int | None = None
) -> list[Span]:
    """The calendar periods that [from_on, to_on] touches, in order."""
    found = []
    first_on = first_day(from_on, grain)
    while first_on <= to_on:
        following = _next(first_on, grain)
        last_on = following - timedelta(days=1)
        begin = first_on if window_days is None else last_on - timedelta(days=window_days - 1)
        found.append(Span(first_on, last_on, begin))
        first_on = following
    return found


def observed_days(span: Span, *, first_on: date | None, last_on: date | None) -> int:
    """How many days of a span lie within what was observed; none where nothing ever was."""
    if first_on is None or last_on is None:
        return 0
    return max((min(span.last_on, last_on) - max(span.from_on, first_on)).days + 1, 0)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that a period counts. `age` counts back from the span's last day, or, for a day of
    the past that it is compared with, from the day before the span begins."""

    day: date
    first_on: date
    age: int
    is_now: bool


def calendar(found: Sequence[Span], *, before_days: int = 0) -> Iterator[CalendarDay]:
    """Every day of every span, and of the `before_days` before it."""
    for span in found:
        for age in range(span.days):
            yield CalendarDay(span.last_on - timedelta(days=age), span.first_on, age, True)
        for age in range(before_days):
            day = span.from_on - timedelta(days=age + 1)
            yield CalendarDay(day, span.first_on, age, False)
