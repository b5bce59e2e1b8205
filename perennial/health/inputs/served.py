"""Who is judged on a day: customers whose service has not ended."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, Min, QuerySet

from perennial.contracts.models import OrderLine, Pause
from perennial.contracts.queries import (
    Due,
    Entitlement,
    due_among,
    entitlement_of,
    entitlements,
    ledgers_of_records,
    next_due,
)
from perennial.contracts.rules import DueGroup, Term, due_groups
from perennial.customers.models import Customer
from perennial.customers.queries import survivors
from perennial.units.moment import day_end

GRACE_DAYS = 30  # an order may be signed this long after the due day


@dataclass(frozen=True, slots=True)
class Served:
    """A customer whose service has not ended, or ended within the grace of an open renewal.

    `due`: what falls due next, or fell due and is not renewed. Unknown seats are None.
    """

    pk: int
    external_id: str
    started_on: date | None
    observed_until: date | None
    seats: int | None
    due: Due | None
    is_paused: bool

    @property
    def open_due(self) -> Due | None:
        """What falls due and nobody has renewed yet."""
        return self.due if self.due and not self.due.renewed else None


class Books:
    """The ledgers of some customers (None: of everybody), read once for many days; what they
    say changes only when they grow."""

    def __init__(self, customers: Collection[int] | None = None) -> None:
        self.customers = customers
        self.ledgers = ledgers_of_records(customers)
        self._grown = {
            pk: sorted(
                [it.recorded_at for it in ledger.lines] + [it.recorded_at for it in ledger.pauses]
            )
            for pk, ledger in self.ledgers.items()
        }
        self._said: dict[tuple[int, int], tuple[list[Term], list[DueGroup]]] = {}

    def said(self, pk: int, before: datetime) -> tuple[list[Term], list[DueGroup]]:
        """The terms, and what falls due, by what was recorded before a moment."""
        key = (pk, bisect_left(self._grown[pk], before))
        if key not in self._said:
            terms = self.ledgers[pk].terms(known_before=before)
            self._said[key] = terms, due_groups(terms)
        return self._said[key]


def served(day: date, *, known: bool = False, books: Books | None = None) -> list[Served]:
    """Every customer but merged ones and those whose last order has run out by `day`.

    `known`: as it was recorded by the end of that day; then `books`, of those customers alone.
    """
    before = day_end(day, settings.PERENNIAL_TIME_ZONE) if known else None
    if before is not None:
        return _served(day, before, books or Books())
    return _served(day, None, None)


def _served(day: date, before: datetime | None, books: Books | None) -> list[Served]:
    lines = _of(books, recorded(OrderLine.objects.filter(void=False), before)).order_by()
    starts = {
        pk: (first, last)
        for pk, first, last in lines.values_list("customer_id").annotate(
            Min("start_on"), Max("start_on")
        )
    }
    live, due = _contracts(day, before, books)
    paused = set(_paused(day, before))
    return [
        Served(
            pk,
            external_id,
            starts[pk][0] if pk in starts else created_on,
            observed_until,
            live[pk].seats if pk in live else None,
            due.get(pk),
            pk in paused,
        )
        for pk, external_id, created_on, observed_until in _customers(day, before, books)
        if pk in live
        or pk not in starts
        or starts[pk][1] > day
        or (pk in due and not due[pk].renewed and not due[pk].notice_on)
    ]


def recorded(rows: QuerySet[Any], before: datetime | None) -> QuerySet[Any]:
    """The rows that were recorded before a moment; None: all."""
    return rows if before is None else rows.filter(recorded_at__lt=before)


def _of(books: Books | None, rows: QuerySet[Any], name: str = "customer") -> QuerySet[Any]:
    if books is None or books.customers is None:
        return rows
    return rows.filter(**{f"{name}__in": books.customers})


def _customers(
    day: date, before: datetime | None, books: Books | None
) -> Iterable[tuple[int, str, date | None, date | None]]:
    fields = ("pk", "external_id", "created_on", "observed_until")
    if before is None:
        yield from Customer.objects.filter(merged_into=None).order_by("pk").values_list(*fields)
        return
    merged = survivors(day)
    rows = _of(books, recorded(Customer.objects.order_by("pk"), before), "pk")
    for row in rows.values_list(*fields):
        if row[1] not in merged:
            yield row


def _contracts(
    day: date, before: datetime | None, books: Books | None
) -> tuple[dict[int, Entitlement], dict[int, Due]]:
    """What is live at the end of the day, and what falls due."""
    if before is None or books is None:  # shared with alerts, work and desk
        return entitlements(None, day), next_due(None, day, grace_days=GRACE_DAYS)
    live, due = {}, {}
    for pk in books.ledgers:
        terms, groups = books.said(pk, before)
        if service := entitlement_of(terms, day):
            live[pk] = service
        if falling := due_among(groups, day - timedelta(days=GRACE_DAYS)):
            due[pk] = falling
    return live, due


def _paused(day: date, before: datetime | None) -> Iterable[int]:
    """Customers all of whose service rests on this day, by the newest row of each pause."""
    pauses = recorded(Pause.objects.filter(start_on__lte=day, order_id=""), before)
    newest = {
        (pk, start_on): end_on
        for pk, start_on, end_on in pauses.order_by("recorded_at", "pk").values_list(
            "customer_id", "start_on", "end_on"
        )
    }
    return (pk for (pk, _), end_on in newest.items() if end_on is None or end_on > day)
