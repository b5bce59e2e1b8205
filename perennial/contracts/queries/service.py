"""What customers may use, what falls due, and what they owe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from django.db.models import Count, Min, Q, Sum

from perennial.contracts.models import Invoice, OrderKind
from perennial.contracts.queries.ledger import behind, ledger_state, parts
from perennial.contracts.queries.terms import everybodys_terms, terms_of
from perennial.contracts.rules import DueGroup, Kind, Term, due_groups
from perennial.customers.queries import standing
from perennial.units.money import round_half_up


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a customer may use: seats of all live terms (None: no order says), products."""

    seats: int | None
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due next. `amount` is yearly, rounded to cents, None when a part of it is not
    known; `renewed`: an order renews it already; `notice_on`: the customer gave notice for all
    of it; `notice_until_on`: the last day on which it can, None where none is agreed."""

    due_on: date
    amount: Decimal | None
    currency: str
    order_ids: tuple[str, ...]
    renewed: bool
    notice_on: date | None
    notice_until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """Unpaid invoices past their due day, in the currency that most of the money is in."""

    count: int
    amount: Decimal
    currency: str
    oldest_due_on: date


def entitlements(customer_ids: Iterable[int] | None, on: date) -> dict[int, Entitlement]:
    """Seats and products of the terms live at the end of `on`, paused or not, trials and
    buy-outs too. Customers without live service are absent."""
    if customer_ids is None:
        return dict(_entitlements_of_all(on, ledger_state()))
    live_rows = Q(start_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
    return _entitlements(terms_of(customer_ids, where=live_rows), on)


# Health, alerts, work and desk ask for everybody on the same day, one after the other.
@lru_cache(maxsize=2)
def _entitlements_of_all(on: date, state: tuple[object, ...]) -> dict[int, Entitlement]:
    return _entitlements(everybodys_terms(state), on)


def _entitlements(by_customer: Mapping[int, Iterable[Term]], on: date) -> dict[int, Entitlement]:
    found = {pk: entitlement_of(terms, on) for pk, terms in by_customer.items()}
    return {pk: service for pk, service in found.items() if service}


def entitlement_of(terms: Iterable[Term], on: date) -> Entitlement | None:
    """What one customer may use by its terms; None without live service."""
    live = [term for term in terms if term.live_on(on)]
    if not live:
        return None
    seats = [_seats(term) for term in live if term.seats is not None]
    products = sorted({term.product for term in live if term.product})
    return Entitlement(sum(seats) if seats else None, tuple(products))


def _seats(term: Term) -> int:
    """A downsell names the seats that it takes away."""
    seats = term.seats or 0
    return -seats if term.kind is Kind.DOWNSELL else seats


def next_due(
    customer_ids: Iterable[int] | None, on: date, *, grace_days: int = 0
) -> dict[int, Due]:
    """Per customer the earliest due item from `on` − grace_days on that nobody renewed yet;
    when all are renewed, the earliest of those. Customers without one are absent."""
    if customer_ids is None:
        return dict(_next_due_of_all(on, grace_days, ledger_state()))
    earliest = on - timedelta(days=grace_days)
    ahead_rows = Q(due_end_on__isnull=True) | Q(due_end_on__gt=earliest) | Q(kind=OrderKind.RENEWAL)
    by_customer = terms_of(customer_ids, where=ahead_rows)
    found = {pk: due_of(terms, earliest) for pk, terms in by_customer.items()}
    return {pk: due for pk, due in found.items() if due}


@lru_cache(maxsize=4)
def _next_due_of_all(on: date, grace_days: int, state: tuple[object, ...]) -> dict[int, Due]:
    earliest = on - timedelta(days=grace_days)
    found = {pk: due_among(groups, earliest) for pk, groups in _due_groups(state).items()}
    return {pk: due for pk, due in found.items() if due}


@lru_cache(maxsize=1)
def _due_groups(state: tuple[object, ...]) -> dict[int, list[DueGroup]]:
    return {pk: due_groups(terms) for pk, terms in everybodys_terms(state).items()}


def due_of(terms: Iterable[Term], earliest: date) -> Due | None:
    """What falls due next by the terms of one customer, from `earliest` on."""
    return due_among(due_groups(terms), earliest)


def due_among(groups: Iterable[DueGroup], earliest: date) -> Due | None:
    """The same of due groups that are known already."""
    ahead = [group for group in groups if group.due_on >= earliest]
    return _due(min(ahead, key=lambda group: bool(group.renewed_by))) if ahead else None


def _due(group: DueGroup) -> Due:
    return Due(
        due_on=group.due_on,
        amount=None if group.unknown else round_half_up(group.arr),
        currency=group.currency,
        order_ids=group.order_ids,
        renewed=bool(group.renewed_by),
        notice_on=group.notice_on,
        notice_until_on=group.notice_until_on,
    )


def overdue_invoices(customer_ids: Iterable[int] | None, on: date) -> dict[int, Overdue]:
    """Customers with invoices due before `on` that were not paid by then."""
    under = standing()
    owed: dict[tuple[int, str], Overdue] = {}
    for part in parts(behind(customer_ids, under)):
        invoices = Invoice.objects.filter(due_on__lt=on).exclude(paid_on__lte=on)
        if part is not None:
            invoices = invoices.filter(customer__in=part)
        for row in invoices.values("customer_id", "currency").annotate(
            count=Count("pk"), total=Sum("amount"), oldest=Min("due_on")
        ):
            item = Overdue(row["count"], row["total"], row["currency"], row["oldest"])
            key = (under.get(row["customer_id"], row["customer_id"]), item.currency)
            owed[key] = _both(owed[key], item) if key in owed else item
    found: dict[int, Overdue] = {}
    for (pk, _currency), item in owed.items():
        if pk not in found or item.amount > found[pk].amount:
            found[pk] = item
    return found


def _both(one: Overdue, other: Overdue) -> Overdue:
    oldest = min(one.oldest_due_on, other.oldest_due_on)
    return Overdue(one.count + other.count, one.amount + other.amount, one.currency, oldest)
