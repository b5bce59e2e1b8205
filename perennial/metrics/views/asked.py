"""What the pages of metrics share: the day, the metric asked for, its figures as shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from perennial.metrics.queries.book import Answer, Line, Looked, look
from perennial.metrics.queries.named import Named, all_metrics
from perennial.metrics.rules.book import CHANGES, SHARES, WITHOUT, adds_up
from perennial.metrics.wording import shown
from perennial.team.access import Scope, scope
from perennial.team.days import last_day
from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.web.charts.usage import Day, usage


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the drill-down, in words."""

    line: Line
    text: str
    share: float | None  # of the largest, for its bar


@dataclass(frozen=True, slots=True)
class Figures:
    """A metric's answer as a page draws it."""

    named: Named
    answer: Answer
    last: str
    how: str
    rows: Sequence[Row]
    periods: Sequence[tuple[date, date, str, int]]
    line: Sequence[float]

    @property
    def has_chart(self) -> bool:
        return any(point.figure.value is not None for point in self.answer.points)

    @property
    def axis(self) -> str:
        """What the axis counts, where it is not the metric's own unit."""
        if self.named.metric.name in SHARES:
            return _("In percent.")
        if self.named.metric.name in CHANGES:
            return _("In percent of the past: 100 is as ever.")
        return ""

    def chart(self) -> SafeString:
        days = [Day(it.first_on, self._height(it.figure.value)) for it in self.answer.points]
        return usage(days, title=str(self.named.title), description=f"{self.how}. {self.axis}")

    def _height(self, value: float | None) -> float | None:
        if value is None:
            return None
        if self.named.metric.name in CHANGES:
            return 100 * (1 + value)
        return 100 * value if self.named.metric.name in SHARES else value


def today() -> date:
    """The last day that is complete: the one shown everywhere, else yesterday."""
    yesterday = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE) - timedelta(days=1)
    return last_day() or yesterday


def named_or_404(name: str) -> Named:
    found = next((it for it in all_metrics() if it.name == name), None)
    if found is None:
        raise Http404
    return found


def whose(user: User) -> str:
    """Whose customers the figures are of, for the page to say."""
    match scope(user).scope:
        case Scope.ALL:
            return _("All customers")
        case Scope.TEAM:
            return _("Customers of your team")
        case _:
            return _("Your customers")


def figures_for(user: User, looked: Looked) -> Figures:
    answer = look(user, looked, as_of=today())
    named = looked.named
    how = _("sum of the customers") if adds_up(named.metric.name) else _("the median customer")
    if named.metric.name in WITHOUT:
        how = _("per customer")
    numbers = [it.value for it in answer.lines if isinstance(it.value, int | float)]
    most = max(numbers, default=0)
    return Figures(
        named,
        answer,
        shown(named, answer.last.figure.value),
        how,
        [Row(it, shown(named, it.value), _share(it.value, most)) for it in answer.lines],
        [
            (it.first_on, it.last_on, shown(named, it.figure.value), it.figure.known)
            for it in answer.points
        ],
        [it.figure.value or 0 for it in answer.points],
    )


def _share(value: object, most: float) -> float | None:
    return max(float(value), 0) / most if isinstance(value, int | float) and most > 0 else None
