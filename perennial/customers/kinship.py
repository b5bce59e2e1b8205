"""Who belongs to whom: parent companies without loops, and who does business with whom."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from perennial.customers.actions import EditConflict
from perennial.customers.audit import record_about
from perennial.customers.models import Customer, CustomerLink
from perennial.customers.queries import at_customer
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

DEEPEST = 10


class KinRefused(InputRefused):
    """These customers cannot stand so to each other; nothing was written."""

    code = "kin_refused"


@transaction.atomic
def set_parent(
    customer: Customer, *, parent: Customer | None, version: int, by: User | None, at: datetime
) -> Customer:
    """Let a customer belong to another, or to nobody. Raises KinRefused for a loop, EditConflict
    when `version` is no longer the newest."""
    if parent is not None and customer.pk in ancestors(parent):
        raise KinRefused(
            sentence("{name} belongs to this customer already: that would be a loop."),
            params={"name": parent.name},
        )
    before = customer.parent.name if customer.parent else ""
    found = Customer.objects.filter(pk=customer.pk, version=version)
    if not found.update(parent=parent, version=F("version") + 1):
        raise EditConflict(
            sentence("Somebody changed this customer in the meantime. Look again and save again.")
        )
    detail = {"parent": [before, parent.name if parent else ""]}
    record_about(customer, action="customer.parent_set", detail=detail, by=by, at=at)
    customer.refresh_from_db()
    return customer


def ancestors(customer: Customer) -> list[int]:
    """The customer itself and everybody it belongs to, upwards."""
    found: list[int] = []
    at: int | None = customer.pk
    while at is not None and at not in found:
        found.append(at)
        above = Coalesce("parent__merged_into", "parent")
        at = Customer.objects.filter(pk=at).values_list(above, flat=True).first()
    return found


def group_of(customer: Customer) -> list[int]:
    """Everybody of the same group: from its top all the way down, a query per level."""
    top = ancestors(customer)[-1]
    found, level = [top], [top]
    for _ in range(DEEPEST):
        below = Customer.objects.filter(at_customer(level, "parent"), merged_into__isnull=True)
        level = [pk for pk in below.values_list("pk", flat=True) if pk not in found]
        found += level
        if not level:
            break
    return found


@transaction.atomic
def link_customers(
    customer: Customer,
    *,
    other: Customer,
    kind: str,
    note: str,
    by: User | None,
    at: datetime,
) -> CustomerLink:
    """`customer` supplies `other`, or works with it. Raises KinRefused for itself or twice."""
    if customer.pk == other.pk:
        raise KinRefused(sentence("A customer has no business with itself."))
    same = Q(customer=customer, other=other) | (
        Q(customer=other, other=customer) if kind == "partner" else Q(pk=None)
    )
    if CustomerLink.objects.filter(same, kind=kind).exists():
        raise KinRefused(sentence("This link stands already."))
    link = CustomerLink.objects.create(
        customer=customer, other=other, kind=kind, note=note[:200], made_at=at
    )
    detail = {"kind": kind, "other": other.name}
    record_about(customer, action="customer.linked", detail=detail, by=by, at=at)
    return link


@transaction.atomic
def unlink_customers(link: CustomerLink, *, by: User | None, at: datetime) -> None:
    """They have no business with each other any more."""
    detail = {"kind": link.kind, "other": link.other.name}
    record_about(link.customer, action="customer.unlinked", detail=detail, by=by, at=at)
    link.delete()
