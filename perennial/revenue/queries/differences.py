"""What later records changed: a period as reported beside the same period restated."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from perennial.revenue.queries.book import Book
from perennial.revenue.queries.overview import report_of
from perennial.revenue.rules import Movement
from perennial.team.models import User
from perennial.units.period import Period

LEAST = Fraction(1, 10**9)  # both roads are nearer to one another than this
ROWS = ("start", *Movement, "fx", "end")


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a period's report; None is unknown."""

    name: str
    reported: Fraction | None
    restated: Fraction | None

    @property
    def change(self) -> Fraction | None:
        if self.reported is None or self.restated is None:
            return None
        change = self.restated - self.reported
        return change if abs(change) >= LEAST else Fraction(0)


def differences(user: User, reported: Book, period: Period) -> list[Difference]:
    """Restated now minus as known then, line by line; the line of currencies only with one."""
    then, now = report_of(reported, period), report_of(Book(user), period)
    found = [Difference(str(name), then.figure(name), now.figure(name)) for name in ROWS]
    return [row for row in found if row.name != "fx" or row.reported or row.restated]
