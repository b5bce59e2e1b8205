"""The ledger as it was recorded, by customer, and how to tell that it changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from perennial.contracts.models import OrderLine
from perennial.contracts.models import Pause as PauseRecord
from perennial.contracts.rules import RULES_VERSION, Basis, Kind, Line, Pause, Term, resolve
from perennial.contracts.rules.line import ZERO
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customer
from perennial.team.models import User

CHUNK = 500  # ids in one question to the database


class Ledger(NamedTuple):
    lines: list[Line]
    pauses: list[Pause]

    def terms(self, *, known_before: datetime | None = None) -> list[Term]:
        return resolve(self.lines, self.pauses, known_before=known_before)


def ledger_state() -> tuple[object, ...]:
    """Changes whenever a row is added to or taken from this home's ledger (ids are not reused)."""
    return (
        str(settings.PERENNIAL_HOME),
        *OrderLine.objects.aggregate(n=Count("pk"), pk=Max("pk"), at=Max("recorded_at")).values(),
        *PauseRecord.objects.aggregate(n=Count("pk"), pk=Max("pk"), at=Max("recorded_at")).values(),
    )


def lines_of(user: User, customer: Customer) -> QuerySet[OrderLine]:
    """Every recorded row of a customer's orders, newest record first."""
    return OrderLine.objects.filter(customer__in=visible_customer(user, customer)).order_by(
        "-recorded_at", "order_id", "line"
    )


def parts(customer_ids: Iterable[int] | None) -> Iterator[list[int] | None]:
    """Ids in portions that a database takes; None stands for everybody."""
    if customer_ids is None:
        yield None
        return
    ids = sorted(customer_ids)
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def ledgers(customer_ids: Iterable[int] | None = None) -> dict[int, Ledger]:
    """All recorded rows by customer (None: of everybody), for arithmetic. Not gated."""
    found: dict[int, Ledger] = defaultdict(lambda: Ledger([], []))
    for part in parts(customer_ids):
        orders, pauses = OrderLine.objects.all(), PauseRecord.objects.all()
        if part is not None:
            orders, pauses = orders.filter(customer__in=part), pauses.filter(customer__in=part)
        for line in _lines(orders):
            found[line.customer_id].lines.append(line)
        for values in pauses.values_list(
            "customer_id", "start_on", "end_on", "recorded_at", "order_id"
        ):
            found[values[0]].pauses.append(Pause(*values))
    return dict(found)


def _lines(rows: QuerySet[OrderLine]) -> Iterator[Line]:
    zone = settings.PERENNIAL_TIME_ZONE
    for (
        customer_id, order_id, kind, start_on, end_on, signed_on, recorded_at, currency,
        amount, basis, interval_months, renews, product, seats, line, void,
        one_off, discount, discount_end_on, auto_renew, notice_days,
    ) in rows.values_list(
        "customer_id", "order_id", "kind", "start_on", "end_on", "signed_on", "recorded_at",
        "currency", "recurring_amount", "basis", "interval_months", "renews", "product", "seats",
        "line", "void", "one_off_amount", "discount_amount", "discount_end_on", "auto_renew",
        "notice_days",
    ).iterator(chunk_size=5000):  # fmt: skip
        yield Line(
            customer_id=customer_id,
            order_id=order_id,
            kind=Kind(kind),
            start_on=start_on,
            end_on=end_on,
            signed_on=signed_on,
            recorded_at=recorded_at,
            currency=currency,
            amount=None if amount is None else Fraction(amount),
            basis=Basis(basis),
            interval_months=interval_months,
            renews=tuple(renews),
            product=product,
            seats=seats,
            line=line,
            void=void,
            one_off=Fraction(one_off) if one_off else ZERO,
            discount=Fraction(discount) if discount else ZERO,
            discount_end_on=discount_end_on,
            auto_renew=auto_renew,
            notice_days=notice_days,
            recorded_on=recorded_at.astimezone(zone).date(),
        )


def marks(customer_ids: Iterable[int] | None = None) -> dict[int, str]:
    """Of every customer with a ledger, a text that changes when the ledger does.

    Rows are only ever added or withdrawn and ids are not used twice, so their number and the
    newest id say it all; the version of the rules is part of it.
    """
    nothing = (0, 0)
    found: dict[int, str] = {}
    for part in parts(customer_ids):
        orders, pauses = OrderLine.objects.all(), PauseRecord.objects.all()
        if part is not None:
            orders, pauses = orders.filter(customer__in=part), pauses.filter(customer__in=part)
        by_orders, by_pauses = dict(_counts(orders)), dict(_counts(pauses))
        for customer_id in by_orders.keys() | by_pauses.keys():
            parts_of_mark = (
                RULES_VERSION,
                *by_orders.get(customer_id, nothing),
                *by_pauses.get(customer_id, nothing),
            )
            found[customer_id] = "-".join(map(str, parts_of_mark))
    return found


def _counts(
    rows: QuerySet[OrderLine] | QuerySet[PauseRecord],
) -> Iterator[tuple[int, tuple[int, int]]]:
    for customer_id, count, newest in (
        rows.order_by().values_list("customer_id").annotate(Count("pk"), Max("pk"))
    ):
        yield customer_id, (count, newest)
