"""Reads of the ledger: through the gate for people, by customer ids for the day's work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Count, Max, Min, QuerySet, Sum

from perennial.contracts.models import Invoice, OrderLine
from perennial.contracts.models import Pause as PauseRecord
from perennial.contracts.rules import (
    RECURRING,
    Basis,
    DueGroup,
    Kind,
    Line,
    Pause,
    Term,
    due_groups,
    resolve,
)
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.models import User
from perennial.units.money import round_half_up

CHUNK = 500  # ids in one question to the database


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a customer may use: seats of all live terms (None: no order says), products."""

    seats: int | None
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due next. `amount` is yearly, rounded to cents; `renewed`: an order renews
    it already; `notice_on`: the customer gave notice for all of it."""

    due_on: date
    amount: Decimal
    currency: str
    order_ids: tuple[str, ...]
    renewed: bool
    notice_on: date | None


@dataclass(frozen=True, slots=True)
class Overdue:
    """Unpaid invoices past their due day, in the currency that most of the money is in."""

    count: int
    amount: Decimal
    currency: str
    oldest_due_on: date


class Ledger(NamedTuple):
    lines: list[Line]
    pauses: list[Pause]

    def terms(self, *, known_before: datetime | None = None) -> list[Term]:
        return resolve(self.lines, self.pauses, known_before=known_before)


def lines_of(user: User, customer: Customer) -> QuerySet[OrderLine]:
    """Every recorded row of a customer's orders, newest record first."""
    return OrderLine.objects.filter(
        customer=customer, customer__in=visible_customers(user)
    ).order_by("-recorded_at", "order_id", "line")


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


def parts(customer_ids: Iterable[int] | None) -> Iterator[list[int] | None]:
    """Ids in portions that a database takes; None stands for everybody."""
    if customer_ids is None:
        yield None
        return
    ids = sorted(customer_ids)
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _lines(rows: QuerySet[OrderLine]) -> Iterator[Line]:
    for (
        customer_id, order_id, kind, start_on, end_on, signed_on, recorded_at, currency,
        amount, basis, interval_months, renews, product, seats, line, void,
    ) in rows.values_list(
        "customer_id", "order_id", "kind", "start_on", "end_on", "signed_on", "recorded_at",
        "currency", "recurring_amount", "basis", "interval_months", "renews", "product", "seats",
        "line", "void",
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
        )


def entitlements(customer_ids: Iterable[int] | None, on: date) -> dict[int, Entitlement]:
    """Seats and products of the terms live at the end of `on`, paused or not, trials and
    buy-outs too. Customers without live service are absent."""
    found = {}
    for customer_id, ledger in ledgers(customer_ids).items():
        live = [term for term in ledger.terms() if term.live_on(on)]
        if live:
            seats = [_seats(term) for term in live if term.seats is not None]
            products = sorted({term.product for term in live if term.product})
            found[customer_id] = Entitlement(sum(seats) if seats else None, tuple(products))
    return found


def _seats(term: Term) -> int:
    seats = term.seats or 0
    return -seats if term.kind is Kind.DOWNSELL else seats


def next_due(
    customer_ids: Iterable[int] | None, on: date, *, grace_days: int = 0
) -> dict[int, Due]:
    """Per customer the earliest due item from `on` − grace_days on that nobody renewed yet;
    when all are renewed, the earliest of those. Customers without one are absent."""
    earliest = on - timedelta(days=grace_days)
    found = {}
    for customer_id, ledger in ledgers(customer_ids).items():
        ahead = [group for group in due_groups(ledger.terms()) if group.due_on >= earliest]
        if ahead:
            found[customer_id] = _due(min(ahead, key=lambda group: bool(group.renewed_by)))
    return found


def _due(group: DueGroup) -> Due:
    return Due(
        due_on=group.due_on,
        amount=round_half_up(group.arr),
        currency=group.currency,
        order_ids=group.order_ids,
        renewed=bool(group.renewed_by),
        notice_on=group.notice_on,
    )


def overdue_invoices(customer_ids: Iterable[int] | None, on: date) -> dict[int, Overdue]:
    """Customers with invoices due before `on` that were not paid by then."""
    found: dict[int, Overdue] = {}
    for part in parts(customer_ids):
        invoices = Invoice.objects.filter(due_on__lt=on).exclude(paid_on__lte=on)
        if part is not None:
            invoices = invoices.filter(customer__in=part)
        for row in invoices.values("customer_id", "currency").annotate(
            count=Count("pk"), total=Sum("amount"), oldest=Min("due_on")
        ):
            item = Overdue(row["count"], row["total"], row["currency"], row["oldest"])
            held = found.get(row["customer_id"])
            if held is None or item.amount > held.amount:
                found[row["customer_id"]] = item
    return found


class Mark(NamedTuple):
    """Which rows a customer's ledger consists of: how many, and the newest ids."""

    lines: int
    last_line: int
    pauses: int
    last_pause: int


def marks() -> dict[int, Mark]:
    """The mark of every customer with a ledger. Rows are only ever added or withdrawn, and
    ids are not used twice, so an unchanged mark means an unchanged ledger."""
    lines = dict(_counts(OrderLine.objects.all()))
    pauses = dict(_counts(PauseRecord.objects.all()))
    nothing = (0, 0)
    return {
        customer_id: Mark(*lines.get(customer_id, nothing), *pauses.get(customer_id, nothing))
        for customer_id in lines.keys() | pauses.keys()
    }


def _counts(
    rows: QuerySet[OrderLine] | QuerySet[PauseRecord],
) -> Iterator[tuple[int, tuple[int, int]]]:
    for customer_id, count, newest in (
        rows.order_by().values_list("customer_id").annotate(Count("pk"), Max("pk"))
    ):
        yield customer_id, (count, newest)


def recurring_terms(ledger: Ledger, *, known_before: datetime | None = None) -> list[Term]:
    """The terms that can earn recurring revenue."""
    return [term for term in ledger.terms(known_before=known_before) if term.kind in RECURRING]
