"""Events laid out by day: the days ahead, and a month of weeks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from perennial.desk.calendar.events import Event

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day with the first of its events; `more` are those that find no room."""

    on: date
    events: tuple[Event, ...]
    more: int
    is_today: bool
    is_outside: bool = False

    @property
    def is_weekend(self) -> bool:
        return self.on.weekday() >= 5


def agenda(events: Iterable[Event], *, today: date, room: int) -> list[Day]:
    """The days that hold something, soonest first, until `room` events are shown."""
    by_day = _by_day(events)
    found: list[Day] = []
    for on in sorted(by_day):
        if room <= 0:
            break
        found.append(_day(on, by_day[on], today=today, room=room))
        room -= len(found[-1].events)
    return found


def weeks(events: Iterable[Event], *, month: date, today: date, room: int) -> list[list[Day]]:
    """A month as weeks from Monday, each day with room for so many events."""
    by_day = _by_day(events)
    first, until = bounds(month)
    days = [first + timedelta(days=at) for at in range((until - first).days)]
    cells = [_day(on, by_day.get(on, []), today=today, room=room, month=month.month) for on in days]
    return [cells[at : at + WEEK_DAYS] for at in range(0, len(cells), WEEK_DAYS)]


def bounds(month: date) -> tuple[date, date]:
    """First and last Monday around a month, half-open."""
    first = month.replace(day=1)
    last = next_month(month) - timedelta(days=1)
    return (
        first - timedelta(days=first.weekday()),
        last + timedelta(days=WEEK_DAYS - last.weekday()),
    )


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(month: date) -> date:
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def _by_day(events: Iterable[Event]) -> dict[date, list[Event]]:
    found: dict[date, list[Event]] = {}
    for event in events:
        found.setdefault(event.on, []).append(event)
    return found


def _day(on: date, found: list[Event], *, today: date, room: int, month: int = 0) -> Day:
    return Day(
        on,
        tuple(found[:room]),
        max(0, len(found) - room),
        on == today,
        bool(month) and on.month != month,
    )
