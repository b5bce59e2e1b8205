"""One's own day: how many hours there are, what fits into them, and what is achieved already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from perennial.desk.calendar.events import Event, events
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.units.period import ONE_DAY
from perennial.work.models import Lane, Outcome
from perennial.work.queries import Card, done_by
from perennial.work.rules import above_the_line

LOOKS_AHEAD = 30  # days


@dataclass(frozen=True, slots=True)
class MyDay:
    """`above`: so many cards of the queue still fit into today. Hours of work, as assumed for
    each reason; `money` is what is at stake at customers with something done (None: not shown)."""

    capacity_hours: int
    done_hours: float
    planned_hours: float
    above: int
    done: int
    helped: int
    customers: int
    money: Decimal | None

    @property
    def fills(self) -> float:
        """Of the day, 0–1: done and planned together."""
        return min((self.done_hours + self.planned_hours) / self.capacity_hours, 1.0)

    @property
    def is_full(self) -> bool:
        return self.done_hours >= self.capacity_hours


def my_day(user: User, cards: Sequence[Card], *, today: date) -> MyDay:
    """The line through a ranked queue, after what is done today."""
    closed = list(done_by(user, on=today))
    spent = sum(float(it.terms.get("effort_hours", 0)) for it in closed)
    hours = [card.effort_hours for card in cards]
    above = above_the_line(hours, capacity_hours=user.capacity_hours, done_hours=spent)
    stakes = {
        it.customer.pk: it.money_at_risk
        for it in closed
        if it.money_at_risk and it.lane != Lane.GOOD_NEWS
    }
    return MyDay(
        user.capacity_hours,
        spent,
        sum(hours[:above]),
        above,
        len(closed),
        sum(it.outcome == Outcome.SUCCESS for it in closed),
        len({it.customer.pk for it in closed}),
        sum(stakes.values(), Decimal(0)) if sees_money(user) else None,
    )


def next_due(user: User, *, today: date) -> Event | None:
    """What comes next when nothing waits."""
    ahead = events(user, today, today + LOOKS_AHEAD * ONE_DAY)
    return next((it for it in ahead if not it.is_done), None)
