"""Merging customers and taking it back: a dated alias each time, and nothing is rewritten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.customers.models import Customer, Merge
from perennial.customers.queries import survivors, visible_customers
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused


class MergeRefused(InputRefused):
    """These customers cannot be merged; nothing was written."""

    code = "merge_refused"


@transaction.atomic
def merge_customers(customer: Customer, *, into: Customer, by: User | None, at: datetime) -> Merge:
    """Let a customer stand under another from now on; both keep their ids.

    Raises MergeRefused for one that is merged already, or when they are the same.
    """
    if customer.pk == into.pk:
        raise MergeRefused(gettext_noop("A customer cannot be merged into itself."))
    pair = Customer.objects.select_for_update().filter(pk__in=(customer.pk, into.pk))
    alive = pair.filter(merged_into__isnull=True)
    if by is not None:
        alive = visible_customers(by).filter(pk__in=(customer.pk, into.pk))
    if alive.count() < 2:  # so loops cannot arise: both stand under nobody
        raise MergeRefused(gettext_noop("One of these customers is merged already, or not yours."))
    merge = Merge.objects.create(customer=customer, into=into, merged_at=at, by=by)
    _settle()
    _line("customer.merged", merge, by=by, at=at)
    return merge


@transaction.atomic
def undo_merge(merge: Merge, *, by: User | None, at: datetime) -> Merge:
    """Let a customer stand by itself again; what was merged before it stays under it.

    Raises MergeRefused when it was undone before.
    """
    if by is not None and not visible_customers(by).filter(pk__in=_standing(merge)).exists():
        raise MergeRefused(gettext_noop("One of these customers is merged already, or not yours."))
    if not Merge.objects.filter(pk=merge.pk, undone_at__isnull=True).update(undone_at=at):
        raise MergeRefused(gettext_noop("This merge was undone before."))
    merge.refresh_from_db()
    _settle()
    _line("customer.merge_undone", merge, by=by, at=at)
    return merge


def _standing(merge: Merge) -> list[int]:
    """The customer under which both stand now."""
    into = Customer.objects.get(pk=merge.into_id)
    return [into.merged_into_id or into.pk]


def _settle() -> None:
    """Let `merged_into` say of every customer under whom it finally stands."""
    final = survivors()
    ids = dict(
        Customer.objects.filter(external_id__in={*final, *final.values()}).values_list(
            "external_id", "pk"
        )
    )
    wanted = {ids[customer]: ids[under] for customer, under in final.items()}
    merged = Customer.objects.filter(merged_into__isnull=False)
    before = dict(merged.values_list("pk", "merged_into"))
    for pk in before.keys() | wanted.keys():
        if before.get(pk) != wanted.get(pk):
            Customer.objects.filter(pk=pk).update(
                merged_into=wanted.get(pk), version=F("version") + 1
            )


def _line(code: str, merge: Merge, *, by: User | None, at: datetime) -> None:
    audit.record(
        code,
        object_type="customer",
        object_id=merge.into_id,
        summary=merge.customer.name,
        detail={"merge": merge.pk, "customer": merge.customer_id, "into": merge.into_id},
        by=by,
        at=at,
    )
