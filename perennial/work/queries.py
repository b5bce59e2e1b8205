"""The queue through the gate: only customers that the user may see, one card each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.http import Http404

from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.work.models import Lane, State, WorkItem


@dataclass(frozen=True, slots=True)
class Card:
    """Everything to do at one customer. It ranks as its first item; the rest stands beneath."""

    customer: Customer
    owner: User | None
    items: tuple[WorkItem, ...]

    @property
    def top(self) -> WorkItem:
        return self.items[0]

    @property
    def rank_value(self) -> float:
        return self.top.rank_value

    @property
    def lane(self) -> str:
        return self.top.lane

    @property
    def money_at_risk(self) -> Decimal | None:
        """The largest amount: those of several reasons are the same money."""
        return max((it.money_at_risk for it in self.items if it.money_at_risk), default=None)

    @property
    def currency(self) -> str:
        return next((it.currency for it in self.items if it.currency), "")

    @property
    def due_on(self) -> date | None:
        return min((it.due_on for it in self.items if it.due_on), default=None)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a day brought and what it settled."""

    raised: list[WorkItem]
    resolved: list[WorkItem]


def visible_items(user: User) -> QuerySet[WorkItem]:
    """The gate of this slice."""
    return WorkItem.objects.filter(customer__in=visible_customers(user)).select_related(
        "customer", "customer__owner", "owner"
    )


def item_for(user: User, pk: int) -> WorkItem:
    """One item, or Http404: a foreign one does not exist for this user."""
    found = visible_items(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def waiting(user: User, *, on: date, scope: str = "all") -> QuerySet[WorkItem]:
    """Open items, and snoozed ones that wake by the morning after `on`; `scope` mine or all."""
    awake = Q(state=State.OPEN) | Q(state=State.SNOOZED, snoozed_until__lte=on + timedelta(days=1))
    items = visible_items(user).filter(awake)
    if scope == "mine":
        items = items.filter(Q(owner=user) | Q(owner__isnull=True, customer__owner=user))
    return items.order_by("-rank_value", "pk")


def queue(
    user: User, *, on: date, lane: str | None = None, scope: str = "all", limit: int | None = None
) -> list[Card]:
    """The ranked cards, good news behind the rest. With a lane: by that lane's items alone."""
    items = waiting(user, on=on, scope=scope)
    ranked: Iterable[WorkItem] = items.filter(lane=lane) if lane else items
    if not sees_money(user):  # the rank would tell whose contract is larger
        ranked = sorted(ranked, key=_pressing, reverse=True)
    # Good news waits until the rest is done: its money is not at risk.
    ranked = sorted(ranked, key=lambda item: item.lane == Lane.GOOD_NEWS)
    by_customer: dict[int, list[WorkItem]] = {}
    for item in ranked:
        by_customer.setdefault(item.customer_id, []).append(item)
    cards = [
        Card(first.customer, first.owner or first.customer.owner, tuple(found))
        for found in by_customer.values()
        for first in found[:1]
    ]
    return cards[:limit]


def _pressing(item: WorkItem) -> float:
    """The rank without its money."""
    return float(item.terms["severity_rate"]) * float(item.terms["urgency_rate"])


def lane_counts(user: User, *, on: date, scope: str = "all") -> dict[str, int]:
    """Customers waiting in each lane; every lane has an entry."""
    pairs = waiting(user, on=on, scope=scope).order_by().values_list("lane", "customer_id")
    counts = Counter(lane for lane, _ in set(pairs))
    return {lane: counts.get(lane, 0) for lane in Lane.values}


def of_customer(user: User, customer: Customer) -> QuerySet[WorkItem]:
    """What is to be done at a customer, and what was, newest first."""
    return visible_items(user).filter(customer=customer).order_by("-closed_on", "-rank_value", "pk")


def changes(user: User, *, on: date) -> Changes:
    """What the day `on` raised (and still stands), and what it settled by itself."""
    items = visible_items(user)
    return Changes(
        list(items.filter(raised_on=on).exclude(state=State.DONE).order_by("-rank_value")),
        list(items.filter(closed_on=on, closed_by__isnull=True).order_by("-rank_value")),
    )
