"""A CSM's book handed over: one offer per customer, in one step."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from perennial.customers.queries import visible_customers
from perennial.team.access import Page, can
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence
from perennial.work.models import Handover
from perennial.work.onboarding.actions.telling import tell_book

BATCH = 500
_OPEN = (Handover.State.DRAFT, Handover.State.OFFERED)


def book_of(user: User, giver: User, customers: Collection[int] | None = None) -> list[int]:
    """Customers of `giver` that `user` may see and that no handover of is open."""
    open_ones = Handover.objects.filter(state__in=_OPEN).values("customer")
    rows = visible_customers(user).filter(owner=giver).exclude(pk__in=open_ones)
    if customers is not None:
        rows = rows.filter(pk__in=customers)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def offer_book(
    giver: User,
    *,
    to_user: User,
    notes: str,
    customers: Collection[int] | None = None,
    by: User,
    at: datetime,
) -> int:
    """Offer every customer of a CSM (or these of them) to another; how many. Raises InputRefused
    when there is none, or the receiver may not look after customers."""
    _refuse(giver, to_user)
    wanted = book_of(by, giver, customers)
    if not wanted:
        raise InputRefused(
            sentence("There is nothing to hand over: no customer without an open handover."),
            column="giver",
        )
    usual: dict[str, Any] = {"kind": Handover.Kind.CSM_CSM, "state": Handover.State.OFFERED}
    usual |= {"from_user": giver, "to_user": to_user, "notes": notes.strip()}
    rows = [Handover(customer_id=pk, made_at=at, offered_at=at, **usual) for pk in wanted]
    Handover.objects.bulk_create(rows, batch_size=BATCH)
    record(
        "handover.book_offered",
        object_type="customers",
        object_id=len(wanted),
        summary=f"{giver.name} → {to_user.name}",
        detail={"from": giver.pk, "to": to_user.pk, "customers": wanted},
        by=by,
        at=at,
    )
    tell_book(giver, to_user=to_user, count=len(wanted), at=at)
    return len(wanted)


def _refuse(giver: User, to_user: User) -> None:
    if giver.pk == to_user.pk:
        raise InputRefused(sentence("Giver and receiver are the same."), column="to_user")
    if not can(to_user, Page.EDIT_CUSTOMERS):
        raise InputRefused(
            sentence("{name} cannot look after customers."),
            column="to_user",
            params={"name": to_user.name},
        )
