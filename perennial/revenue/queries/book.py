"""Recurring revenue as one user may see it.

Company-wide figures need finance, leader or administrator; a CSM's are of their own book.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from django.db.models import Max, QuerySet

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.revenue.models import MrrChange, RevenueMark
from perennial.revenue.queries.store import CHUNK, Readings, in_force
from perennial.revenue.rules import (
    Base,
    Move,
    Movement,
    Movements,
    Retention,
    State,
    base,
    net_moves,
    retention,
)
from perennial.revenue.rules import movements as summed
from perennial.revenue.wording import ELSEWHERE
from perennial.team.access import Page, can, require
from perennial.team.models import DayRun, User
from perennial.units.period import Grain, Period, periods_between


class Report(StrEnum):
    """Which movements are summed: between the ends of a period, or day by day."""

    NET = "net"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class Named:
    """How a customer is shown; `linked`: this user may open it. One outside the user's scope
    counts in the company's figures, but has neither name nor id."""

    pk: int
    external_id: str
    name: str
    name_en: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Mover:
    """A customer behind a movement."""

    customer: Named
    kind: Movement
    before: Fraction
    after: Fraction

    @property
    def amount(self) -> Fraction:
        return self.after - self.before


class Book:
    """What one user sees of recurring revenue. States that were read once serve all figures
    of a request. Raises PermissionDenied for those who see no money."""

    def __init__(self, user: User) -> None:
        require(user, Page.REVENUE)
        self.is_company = can(user, Page.COMPANY_REVENUE)
        self._visible = visible_customers(user)
        self._read = Readings()
        self._states: dict[date, dict[int, State]] = {}
        self._bases: dict[date, Base] = {}
        self._net: dict[Period, list[Move]] = {}

    @property
    def changes(self) -> QuerySet[MrrChange]:
        """The gate: the company's changes, or those of the user's own book."""
        if self.is_company:
            return MrrChange.objects.all()
        return MrrChange.objects.filter(customer__in=self._visible)

    def states(self, day: date) -> dict[int, State]:
        """By customer, at the end of `day`; those who pay nothing are left out."""
        if day not in self._states:
            rows = in_force(self.changes, day).exclude(after_exact="0", paying_after=False)
            columns = rows.values_list("customer_id", "after_exact", "paying_after")
            read = self._read
            self._states[day] = {pk: read(mrr, paying) for pk, mrr, paying in columns.iterator()}
        return self._states[day]

    def base(self, day: date) -> Base:
        if day not in self._bases:
            self._bases[day] = base(self.states(day).values())
        return self._bases[day]

    def net(self, period: Period) -> list[Move]:
        """Per customer, what changed between the ends of the period."""
        if period not in self._net:
            self._net[period] = self._compared(period)
        return self._net[period]

    def _compared(self, period: Period) -> list[Move]:
        before, after = self.states(period.eve_on), self.states(period.last_on)
        first_paid = self.changes.filter(
            kind=Movement.NEW, changed_on__range=(period.first_on, period.last_on)
        )
        newcomers: Set[int] = set(first_paid.values_list("customer_id", flat=True))
        return net_moves(before, after, paid_before=after.keys() - newcomers)

    def daily(self, period: Period) -> list[Move]:
        """Every daily net movement inside the period."""
        rows = self.changes.filter(changed_on__range=(period.first_on, period.last_on))
        columns = rows.values_list(
            "customer_id", "kind", "before_exact", "paying_before", "after_exact", "paying_after"
        )
        read = self._read
        return [
            Move(
                pk,
                before=read(before, paying_before),
                after=read(after, paying_after),
                kind=Movement(kind) if kind else None,
            )
            for pk, kind, before, paying_before, after, paying_after in columns
        ]

    def movements(self, period: Period, report: Report = Report.NET) -> Movements:
        moves = self.net(period) if report is Report.NET else self.daily(period)
        return summed(period, self.base(period.eve_on), moves)

    def retention(self, period: Period) -> Retention:
        """Between the ends of the day before the period and of its last day."""
        return retention(self.base(period.eve_on), self.net(period))

    def ranked(self, period: Period, kind: Movement | None = None) -> list[Move]:
        """The net movements of a period (of one kind), the largest first."""
        moves = [move for move in self.net(period) if move.kind and kind in (None, move.kind)]
        return sorted(moves, key=lambda move: (-abs(move.amount), move.customer_id))

    def told(self, moves: Iterable[Move]) -> list[Mover]:
        """Movements with the names of their customers."""
        shown = [(move, move.kind) for move in moves if move.kind]
        names = self.named([move.customer_id for move, _kind in shown])
        return [
            Mover(names[move.customer_id], kind, before=move.before.mrr, after=move.after.mrr)
            for move, kind in shown
        ]

    def payers(self, day: date) -> list[tuple[int, Fraction]]:
        """Who makes up the MRR at the end of `day`: paying customers, the largest first,
        paused ones (zero) last."""
        found = [(pk, state.mrr) for pk, state in self.states(day).items()]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def named(self, customer_ids: Sequence[int]) -> dict[int, Named]:
        """Customers whose figures this user may see, by id."""
        found: dict[int, Named] = {}
        for start in range(0, len(customer_ids), CHUNK):
            part = customer_ids[start : start + CHUNK]
            linked = set(self._visible.filter(pk__in=part).values_list("pk", flat=True))
            for pk, external_id, name, name_en in Customer.objects.filter(pk__in=part).values_list(
                "pk", "external_id", "name", "name_en"
            ):
                found[pk] = (
                    Named(pk, external_id, name, name_en, linked=True)
                    if pk in linked
                    else Named(pk, "", str(ELSEWHERE), "", linked=False)
                )
        return found

    def left_out(self) -> dict[str, int]:
        """Currencies without a plan rate, with how many customers have terms in them."""
        marks = RevenueMark.objects.exclude(missing_rates=[])
        if not self.is_company:
            marks = marks.filter(customer__in=self._visible)
        lists = marks.values_list("missing_rates", flat=True)
        return dict(Counter(currency for currencies in lists for currency in currencies))

    def has_any(self) -> bool:
        return self.changes.exists()


def recorded_until() -> datetime | None:
    """When the kept changes were last brought up to the ledger; None before the first run."""
    done = DayRun.objects.filter(step="revenue", state=DayRun.State.DONE)
    newest: datetime | None = done.aggregate(at=Max("finished_at"))["at"]
    return newest


def movements(
    user: User, *, from_on: date, to_on: date, grain: Grain, report: Report = Report.NET
) -> list[Movements]:
    """One report per period that [from_on, to_on] touches, both days included."""
    book = Book(user)
    return [book.movements(period, report) for period in periods_between(from_on, to_on, grain)]


def movers(user: User, *, period: Period, kind: Movement | None = None) -> list[Mover]:
    """The customers behind a period's movements, as far as this user may see."""
    book = Book(user)
    return book.told(book.ranked(period, kind))
