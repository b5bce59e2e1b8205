"""Who is judged on a day: customers whose service has not ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Min, QuerySet

from perennial.contracts.models import OrderLine, Pause
from perennial.contracts.queries import (
    Due,
    Entitlement,
    due_of,
    entitlement_of,
    entitlements,
    ledgers,
    next_due,
)
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


def served(day: date, *, known: bool = False) -> list[Served]:
    """Every customer but merged ones and those whose last order has run out by `day`.

    `known`: as it was recorded by the end of that day.
    """
    before = day_end(day, settings.PERENNIAL_TIME_ZONE) if known else None
    lines = recorded(OrderLine.objects.filter(void=False), before).order_by()
    starts = {
        pk: (first, last)
        for pk, first, last in lines.values_list("customer_id").annotate(
            Min("start_on"), Max("start_on")
        )
    }
    live, due = _contracts(day, before)
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
        for pk, external_id, created_on, observed_until in _customers(day, before)
        if pk in live
        or pk not in starts
        or starts[pk][1] > day
        or (pk in due and not due[pk].renewed and not due[pk].notice_on)
    ]


def recorded(rows: QuerySet[Any], before: datetime | None) -> QuerySet[Any]:
    """The rows that were recorded before a moment; None: all."""
    return rows if before is None else rows.filter(recorded_at__lt=before)


def _customers(
    day: date, before: datetime | None
) -> Iterable[tuple[int, str, date | None, date | None]]:
    fields = ("pk", "external_id", "created_on", "observed_until")
    if before is None:
        yield from Customer.objects.filter(merged_into=None).order_by("pk").values_list(*fields)
        return
    merged = survivors(day)
    for row in recorded(Customer.objects.order_by("pk"), before).values_list(*fields):
        if row[1] not in merged:
            yield row


def _contracts(day: date, before: datetime | None) -> tuple[dict[int, Entitlement], dict[int, Due]]:
    """What is live at the end of the day, and what falls due."""
    if before is None:  # shared with alerts, work and desk
        return entitlements(None, day), next_due(None, day, grace_days=GRACE_DAYS)
    live, due = {}, {}
    for pk, ledger in ledgers().items():
        terms = ledger.terms(known_before=before)
        if service := entitlement_of(terms, day):
            live[pk] = service
        if falling := due_of(terms, date.fromordinal(day.toordinal() - GRACE_DAYS)):
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
