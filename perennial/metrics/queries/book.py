"""A metric over the customers that somebody may see: periods, and who stands behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.metrics.catalog.rows import Where
from perennial.metrics.queries.asked import Asked
from perennial.metrics.queries.named import Named
from perennial.metrics.queries.states import activity_states, figures
from perennial.metrics.rules.book import WITHOUT, BookFigure, book_figure
from perennial.metrics.rules.periods import By, Grain, first_day, spans
from perennial.metrics.rules.states import State
from perennial.team.models import User

PERIODS = {Grain.DAY: 28, Grain.WEEK: 12, Grain.MONTH: 12}
_LONGEST = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31}


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody looks at: a metric, and how."""

    named: Named
    grain: Grain = Grain.WEEK
    by: By = By.CUSTOMER
    window_days: int | None = None
    event: str | None = None
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A whole period of the book."""

    first_on: date
    last_on: date
    figure: BookFigure


@dataclass(frozen=True, slots=True)
class Line:
    """One customer, person or product in the last whole period."""

    of: str
    customer: Customer | None
    value: float | date | datetime | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    points: Sequence[Point]
    lines: Sequence[Line]

    @property
    def last(self) -> Point:
        return self.points[-1]


def look(user: User, looked: Looked, *, as_of: date) -> Answer:
    """The last whole periods up to `as_of`, and the lines of the latest, the largest first.

    Customers without a row had no use in that time; a median is of those that had.
    """
    customers = {it.external_id: it for it in visible_customers(user)}
    last_on = last_whole(as_of, looked.grain)
    from_on = last_on - timedelta(days=_LONGEST[looked.grain] * (PERIODS[looked.grain] - 1))
    asked = Asked(
        metric=looked.named.metric,
        grain=looked.grain,
        by=looked.by,
        from_on=from_on,
        to_on=last_on,
        today=as_of,
        window_days=looked.window_days,
        event=looked.event,
        where=looked.where,
        customers=frozenset(customers),
    )
    rows: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in figures(looked.named, asked).to_pylist():
        rows[row["period_start"]].append(row)
    whole = spans(from_on, last_on, looked.grain)[-PERIODS[looked.grain] :]
    points = [
        Point(it.first_on, it.last_on, _figure(looked.named, rows[it.first_on])) for it in whole
    ]
    return Answer(points, _lines(rows[whole[-1].first_on], looked.by, customers))


def _figure(named: Named, rows: Sequence[dict[str, Any]]) -> BookFigure:
    if named.metric.name in WITHOUT:
        return BookFigure(None, len(rows), 0)
    return book_figure(named.metric.name, [row["value"] for row in rows])


def _lines(
    rows: Sequence[dict[str, Any]], by: By, customers: dict[str, Customer]
) -> Sequence[Line]:
    lines = [
        Line(
            row[by.value] or "",
            customers.get(row[by.value]) if by is By.CUSTOMER else None,
            row["value"],
            row["coverage"],
        )
        for row in rows
    ]
    known = [line for line in lines if line.value is not None]
    known.sort(key=lambda line: line.of)
    known.sort(key=lambda line: line.value, reverse=True)  # type: ignore[arg-type, return-value]  # of one metric: all numbers, or all days
    return [*known, *(line for line in lines if line.value is None)]


def last_whole(as_of: date, grain: Grain) -> date:
    """The last day of the last period that has ended by `as_of`."""
    begun = first_day(as_of, grain)
    following = spans(begun, begun, grain)[0].last_on
    return following if following <= as_of else begun - timedelta(days=1)


def states_of(user: User, *, as_of: date) -> dict[State | None, int]:
    """How many of somebody's customers are active, inactive, silent; None: never seen."""
    states = activity_states(as_of)
    found: dict[State | None, int] = dict.fromkeys((*State, None), 0)
    for name in visible_customers(user).values_list("external_id", flat=True):
        found[states.get(name)] += 1
    return found
