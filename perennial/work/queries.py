"""The queue through the gate: only customers that the user may see, one card each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    Expression,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import Http404

from perennial.customers.models import Customer
from perennial.customers.queries import (
    STANDS_AT,
    at_customer,
    in_books,
    records_of,
    visible_records,
)
from perennial.team.access import Page, books, can, sees_money
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
    def effort_hours(self) -> float:
        """What acting on its first reason costs: so much it takes of a day."""
        return float(self.top.terms["effort_hours"])

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
class Totals:
    """How many customers wait, what is at risk at those with more than good news, and how many
    have something in each lane."""

    customers: int
    money_at_risk: Decimal
    lanes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a day brought, what it settled, and what colleagues have closed since, the weightiest
    first; `raised_count` of all."""

    raised: Sequence[WorkItem]
    raised_count: int
    resolved: Sequence[WorkItem]
    done_by_others: Sequence[WorkItem]


def visible_items(user: User) -> QuerySet[WorkItem]:
    """The gate of this slice."""
    return WorkItem.objects.filter(customer__in=visible_records(user)).select_related(
        "customer__owner", "customer__merged_into__owner", "owner"
    )


def reachable_items(user: User) -> QuerySet[WorkItem]:
    """The wider gate: also what was given to the user's own team, whose customer may be foreign.
    Such an item may be read and done; its customer is a name there, and no page."""
    own_team = Q(team=user.team_id) if user.team_id and user.is_active else Q(pk__in=())
    reach = Q(customer__in=visible_records(user)) | own_team
    return WorkItem.objects.filter(reach).select_related(
        "customer__owner", "customer__merged_into__owner", "owner", "team"
    )


def item_for(user: User, pk: int) -> WorkItem:
    """One item, or Http404: a foreign one does not exist for this user."""
    found = reachable_items(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_act(user: User, item: WorkItem) -> bool:
    """Who may do something with an item in reach: those who do things at customers, and for an
    item of their own department its members, but for viewers."""
    of_team = item.team_id is not None and item.team_id == user.team_id
    return can(user, Page.EDIT_CUSTOMERS) or (of_team and can(user, Page.COMMENT))


def waiting_for_team(user: User) -> QuerySet[WorkItem]:
    """What stands in the queue of one's own department and nobody has claimed yet."""
    queued = reachable_items(user).filter(team_id=user.team_id or 0)
    return queued.filter(owner__isnull=True).exclude(state=State.DONE)


def mine(user: User) -> Q:
    """Items of one's own: given to the user, or left to the CSM of a customer in the own book.
    What was given to a colleague who has left goes back to the customer's CSM. The books of
    absent colleagues count while the user stands in."""
    own = books(user)
    nobodys = Q(owner__isnull=True, team__isnull=True) | Q(owner__is_active=False)
    return Q(owner__in=own) | nobodys & in_books(own)


def waiting(user: User, *, on: date, scope: str = "all") -> QuerySet[WorkItem]:
    """Open items, those in progress, and snoozed ones that wake by the morning after `on`;
    `scope` mine or all."""
    awake = Q(state__in=(State.OPEN, State.IN_PROGRESS))
    awake |= Q(state=State.SNOOZED, snoozed_until__lte=on + timedelta(days=1))
    items = visible_items(user).filter(awake)
    if scope == "mine":
        items = items.filter(mine(user))
    return items.order_by("-rank_value", "pk")


def queue(
    user: User, *, on: date, lane: str | None = None, scope: str = "all", limit: int | None = None
) -> list[Card]:
    """The ranked cards, good news behind the rest. With a lane: by that lane's items alone."""
    items = waiting(user, on=on, scope=scope)
    items = items.filter(lane=lane) if lane else items
    ranked = _ranked_customers(items, user)[:limit]
    by_customer: dict[int, list[WorkItem]] = {pk: [] for pk in ranked}
    if limit is not None:
        items = items.filter(at_customer(list(by_customer)))
    # Good news waits until the rest is done: its money is not at risk.
    best_first = items.order_by(worth(user).desc(), "pk")
    for item in sorted(best_first, key=lambda item: item.lane == Lane.GOOD_NEWS):
        by_customer.setdefault(item.customer.pk, []).append(item)
    return [
        Card(found[0].customer, found[0].owner or found[0].customer.owner, tuple(found))
        for found in by_customer.values()
        if found  # between the two questions somebody may have settled the last item
    ][:limit]


def _ranked_customers(items: QuerySet[WorkItem], user: User) -> QuerySet[WorkItem, int]:
    """Customer ids in the order of their cards."""
    value = worth(user)
    grouped = items.order_by().annotate(at=STANDS_AT).values_list("at", flat=True)
    return grouped.annotate(
        pressing=Max(value, filter=~Q(lane=Lane.GOOD_NEWS)), best=Max(value), first=Min("pk")
    ).order_by(F("pressing").desc(nulls_last=True), "-best", "first")


def worth(user: User) -> F | Expression:
    """What items are ranked by; without money for those who see none, as the rank would tell
    whose contract is larger."""
    if sees_money(user):
        return F("rank_value")
    severity, urgency = (
        Cast(KT(f"terms__{name}"), FloatField()) for name in ("severity_rate", "urgency_rate")
    )
    return ExpressionWrapper(severity * urgency, output_field=FloatField())


def totals(user: User, *, on: date, scope: str = "all") -> Totals:
    """All cards together, in one question to the database."""
    cards = waiting(user, on=on, scope=scope).order_by().values(at=STANDS_AT)
    found = cards.annotate(
        most=Max("money_at_risk"),
        pressing=Count("pk", filter=~Q(lane=Lane.GOOD_NEWS)),
        **{f"in_{lane}": Count("pk", filter=Q(lane=lane)) for lane in Lane.values},
    ).aggregate(
        count=Count("at"),
        at_risk=Sum("most", filter=Q(pressing__gt=0)),
        **{lane: Count("at", filter=Q((f"in_{lane}__gt", 0))) for lane in Lane.values},
    )
    lanes = {lane: found[lane] for lane in Lane.values}
    return Totals(found["count"], found["at_risk"] or Decimal(0), lanes)


def of_customer(user: User, customer: Customer) -> QuerySet[WorkItem]:
    """What is to be done at a customer, and what was, newest first."""
    found = WorkItem.objects.filter(customer__in=records_of(user, customer))
    return found.order_by("-closed_on", "-rank_value", "pk")


def changes(user: User, *, on: date, scope: str = "all", limit: int | None = None) -> Changes:
    """What the day `on` raised (and still stands), what it settled by itself, and what
    colleagues have closed on it or since."""
    items = visible_items(user)
    if scope == "mine":
        items = items.filter(in_books(books(user)))
    # One look through the gate for all three: it costs more than the rows do.
    best_first = items.filter(Q(raised_on=on) | Q(closed_on__gte=on)).order_by(
        worth(user).desc(), "pk"
    )
    rows: Any = best_first.values_list("pk", "raised_on", "state", "closed_on", "closed_by")
    raised, resolved, others = [], [], []
    for pk, raised_on, state, closed_on, closed_by in rows:
        if raised_on == on and state != State.DONE:
            raised.append(pk)
        if closed_on == on and closed_by is None:
            resolved.append(pk)
        if closed_on and closed_on >= on and closed_by not in (None, user.pk):
            others.append(pk)
    shown = [raised[:limit], resolved[:limit], others[:limit]]
    known = items.select_related("closed_by").in_bulk([pk for part in shown for pk in part])
    brought, settled, done = ([known[pk] for pk in part if pk in known] for part in shown)
    return Changes(brought, len(raised), settled, done)


def done_by(user: User, *, on: date) -> QuerySet[WorkItem]:
    """What this user has closed on a business day."""
    return visible_items(user).filter(closed_by=user, closed_on=on).order_by("-closed_at")
