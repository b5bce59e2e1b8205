"""When somebody of the demo company decides something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from perennial.demo.finance import morning
from perennial.demo.words import Pair
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Moment:
    """The morning on which something is decided; `at` is never after now."""

    at: datetime
    end_on: date
    seed: int
    language: str
    leader: User

    def text(self, pair: Pair) -> str:
        """A text in the demo's language."""
        return pair.text(self.language)

    def ago(self, days: int) -> datetime:
        """The morning so many days before the end of the data, but not after this one."""
        return morning(self.end_on - timedelta(days=days), at=self.at)
