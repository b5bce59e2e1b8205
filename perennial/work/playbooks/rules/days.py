"""Days of a playbook: calendar days, or working days without weekends and days off."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)
_LONGEST_REST: Final = 60  # days off in a row; more of them is a mistake, and the days count


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """`off`: the installation's own days off, e.g. those of quiet windows for everybody."""

    off: frozenset[date] = field(default_factory=frozenset)

    def works(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.off

    def after(self, day: date, days: int, *, working: bool) -> date:
        """So many days later (or earlier, below zero). Working days land on one: 0 of them from a
        Saturday is the Monday."""
        if not working:
            return day + timedelta(days=days)
        if not days:
            return self._next(day, _DAY) if not self.works(day) else day
        step = _DAY if days > 0 else -_DAY
        for _ in range(abs(days)):
            day = self._next(day, step)
        return day

    def _next(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_REST):
            day += step
            if self.works(day):
                break
        return day
