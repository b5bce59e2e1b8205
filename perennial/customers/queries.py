"""The gate: the only way to get customers, people and touches in an edge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from django.http import Http404
from numpy.typing import NDArray

from perennial.customers.models import Classification, Customer, Merge, Person, Touch
from perennial.team.access import Scope, scope
from perennial.team.models import Role, User
from perennial.units.moment import business_day, day_end

K = TypeVar("K", int, str)
STANDS_AT = Coalesce("customer__merged_into", "customer")  # of a row: under whom it is read


def visible_customers(user: User) -> QuerySet[Customer]:
    """Every customer this user may see; merged ones stand under their survivor only."""
    alive = Customer.objects.filter(merged_into__isnull=True)
    return alive.filter(_within(user, ""))


def visible_customer(user: User, customer: Customer) -> QuerySet[Customer]:
    """The gate narrowed to one customer, so that the database need not list the others."""
    return visible_customers(user).filter(pk=customer.pk)


def visible_records(user: User) -> QuerySet[Customer]:
    """The gate of what is stored at customers: those the user may see and, behind each, the
    ones that were merged into it."""
    if scope(user).scope is Scope.ALL:
        return Customer.objects.all()
    behind = Q(merged_into__isnull=False) & _within(user, "merged_into__")
    return Customer.objects.filter(Q(merged_into__isnull=True) & _within(user, "") | behind)


def records_of(user: User, customer: Customer) -> QuerySet[Customer]:
    """The same gate, narrowed to one customer and those merged into it."""
    here = Q(pk=customer.pk, merged_into__isnull=True) | Q(merged_into=customer.pk)
    return visible_records(user).filter(here)


def _within(user: User, whose: str) -> Q:
    reach = scope(user)
    match reach.scope:
        case Scope.ALL:
            return Q()
        case Scope.TEAM:
            owners = User.objects.filter(Q(team=reach.team_id) | Q(pk__in=reach.books))
            owned = Q(**{f"{whose}owner__in": owners.order_by().values("pk")})
            return owned | Q(**{f"{whose}team": reach.team_id})
        case Scope.OWN:
            return Q(**{f"{whose}owner__in": reach.books})
        case Scope.NONE:
            return Q(pk__in=())


def at_customer(pk: int | Collection[int], key: str = "customer") -> Q:
    """Rows at a customer, or at some, and at those merged into them; `key` leads to it.

    The customers are named by themselves: a condition over both tables reads all the rows.
    """
    pks = [pk] if isinstance(pk, int) else list(pk)
    here = Customer.objects.filter(Q(pk__in=pks) | Q(merged_into__in=pks)).order_by()
    return Q(**{f"{key}__in": here.values("pk")})


def in_books(users: Collection[int], key: str = "customer") -> Q:
    """Rows at customers whose CSM is one of these users; after a merge the survivor's counts."""
    own = {f"{key}__merged_into": None, f"{key}__owner__in": users}
    return Q(**own) | Q(**{f"{key}__merged_into__owner__in": users})


def with_absorbed(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """These and the customers merged into them: what is stored under both is theirs."""
    seen = customers.values("pk")
    return Customer.objects.filter(Q(pk__in=seen) | Q(merged_into__in=seen))


def standing(known_before: datetime | None = None) -> dict[int, int]:
    """Primary key of every merged customer → that of the one it finally stands under.

    As known before a moment; None: now. Readers of stored facts put the one for the other.
    """
    if known_before is None:
        merged = Customer.objects.filter(merged_into__isnull=False)
        return dict(merged.order_by("pk").values_list("pk", "merged_into_id"))
    merges = Merge.objects.filter(Q(undone_at__isnull=True) | Q(undone_at__gte=known_before))
    rows = merges.filter(merged_at__lt=known_before).order_by("merged_at", "pk")
    under = dict(rows.values_list("customer_id", "into_id"))
    return {customer: _last_of(customer, under) for customer in under}


def survivors(known_on: date | None = None) -> dict[str, str]:
    """External id of every merged customer → that of the one it finally stands under.

    As known at the end of a day; None: now. Readers replace the one by the other.
    """
    merges = Merge.objects.filter(undone_at__isnull=True)
    if known_on is not None:
        end = day_end(known_on, settings.PERENNIAL_TIME_ZONE)
        merges = Merge.objects.filter(Q(undone_at__isnull=True) | Q(undone_at__gte=end))
        merges = merges.filter(merged_at__lt=end)
    rows = merges.order_by("merged_at", "pk")
    under = dict(rows.values_list("customer__external_id", "into__external_id"))
    return {customer: _last_of(customer, under) for customer in under}


def _last_of(customer: K, under: Mapping[K, K]) -> K:
    passed = {customer}
    while customer in under and under[customer] not in passed:
        customer = under[customer]
        passed.add(customer)
    return customer


def customer_for(user: User, pk: int) -> Customer:
    """One customer, or Http404: a foreign one does not exist for this user."""
    found = visible_customers(user).select_related("owner", "team").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def people_of(user: User, customer: Customer) -> QuerySet[Person]:
    """The people of a customer and of those merged into it, S first, those who left last."""
    return Person.objects.filter(customer__in=records_of(user, customer)).order_by(
        "to_on", "-grade", "name"
    )


def touches_of(user: User, customer: Customer) -> QuerySet[Touch]:
    """What was said with a customer and those merged into it, newest first."""
    return (
        Touch.objects.filter(customer__in=records_of(user, customer))
        .select_related("person", "owner")
        .order_by("-happened_at")
    )


def person_for(user: User, customer: Customer, pk: int) -> Person:
    """One person of a customer, or Http404."""
    found = people_of(user, customer).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def assignable_owners(user: User) -> QuerySet[User]:
    """Who may be given customers by this user: a leader's team, for an administrator everybody."""
    working = User.objects.filter(is_active=True, role__in=(Role.CSM, Role.LEADER, Role.ADMIN))
    reach = scope(user)
    match reach.scope:
        case Scope.ALL:
            return working.order_by("name")
        case Scope.TEAM:
            return working.filter(team=reach.team_id).order_by("name")
        case _:
            return working.filter(pk=reach.user_id)


_OPEN = date.max  # the class holds still, or nobody knew its end


def classes_on(
    kind: str,
    customers: NDArray[np.int64],
    as_of: NDArray[np.datetime64],
    *,
    known: bool = False,
) -> NDArray[np.object_]:
    """What each customer (primary key) was classed as at the end of its `as_of`, in one query.

    None: nothing is recorded for that day; an empty text: nobody could say. With `known` only
    what was recorded by the end of that day counts, ends of classes too.
    """
    whose, value, from_on, until_on, knew_on, closed_on = _class_rows(kind, known=known)
    found = np.full(len(customers), None, object)
    if not len(whose):
        return found
    days = as_of.astype("datetime64[D]")
    at = np.searchsorted(_keys(whose, from_on), _keys(customers, days), side="right") - 1
    mine = (at >= 0) & (whose[at] == customers)
    while known and (late := mine & (knew_on[at] > days)).any():
        at[late] -= 1
        mine = (at >= 0) & (whose[at] == customers)
    end = (
        np.where(closed_on[at] > days, np.datetime64(_OPEN), until_on[at])
        if known
        else until_on[at]
    )
    holds = mine & (end > days)
    found[holds] = value[at[holds]]
    return found


def _keys(customers: NDArray[np.int64], days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """One number that sorts by customer, then by day."""
    return customers.astype(np.int64) * 2**24 + days.astype(np.int64)


def _class_rows(kind: str, *, known: bool) -> tuple[NDArray[Any], ...]:
    """The history of a kind as columns, by customer and day: who, what, from, until, and the
    days on which we knew of it and of its end (only when `known`)."""
    names = ["customer_id", "value", "from_on", "until_on"]
    # As text: a run stamps thousands of rows with the same moment, and each is read once.
    moments = [Cast(it, TextField()) for it in ("recorded_at", "closed_at")] if known else []
    rows = list(
        Classification.objects.filter(kind=kind)
        .order_by("customer_id", "from_on", "pk")
        .values_list(*names, *moments)
    )
    columns: list[Any] = list(zip(*rows, strict=True)) or [()] * (len(names) + len(moments))
    recorded = [_days(map(_local(), column)) for column in columns[4:]] or [np.array([])] * 2
    return (
        np.array(columns[0], np.int64),
        np.array(columns[1], object),
        _days(columns[2]),
        _days(columns[3]),
        *recorded,
    )


def _days(days: Any) -> NDArray[np.datetime64]:
    return np.array([day or _OPEN for day in days], "datetime64[D]")


def _local() -> Callable[[str | None], date | None]:
    """Moment, as the database writes it → business day; each different one is read once."""
    zone = settings.PERENNIAL_TIME_ZONE
    seen: dict[str | None, date | None] = {None: None}

    def day_of(text: str | None) -> date | None:
        if text not in seen:
            moment = datetime.fromisoformat(str(text))
            seen[text] = business_day(moment if moment.tzinfo else moment.replace(tzinfo=UTC), zone)
        return seen[text]

    return day_of
