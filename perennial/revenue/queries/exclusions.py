"""What people decided to leave out of the adjusted renewal rates, as known on a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from perennial.contracts.models import OrderLine
from perennial.customers.queries import standing
from perennial.revenue.models import Exclusion, ExclusionReason
from perennial.revenue.queries.clock import moment_after
from perennial.revenue.rules import exclusions as rules


@dataclass(frozen=True, slots=True)
class Held:
    """The exclusion of an order that stands: proposed, or approved as well. `row` is the newest
    record; names are empty for people who are gone."""

    row: Exclusion
    proposed_by_id: int | None
    proposed_by: str
    proposed_at: datetime

    @property
    def is_approved(self) -> bool:
        return bool(self.row.approved_by)


def held(known_on: date | None = None, *, order_ids: Collection[str] | None = None) -> list[Held]:
    """Every exclusion that was proposed and not withdrawn by the end of `known_on` (None: now),
    the last proposed first. Not gated."""
    rows = Exclusion.objects.select_related("recorded_by").order_by("recorded_at", "pk")
    before = moment_after(known_on)
    if before is not None:
        rows = rows.filter(recorded_at__lt=before)
    if order_ids is not None:
        rows = rows.filter(order_id__in=order_ids)
    proposals: dict[str, Exclusion] = {}
    newest: dict[str, Exclusion] = {}
    for row in rows:
        newest[row.order_id] = row
        if not row.approved_by and not row.void:
            proposals[row.order_id] = row
    found = [
        _held(row, proposals.get(row.order_id, row)) for row in newest.values() if not row.void
    ]
    return sorted(found, key=lambda one: one.proposed_at, reverse=True)


def _held(row: Exclusion, proposal: Exclusion) -> Held:
    by = proposal.recorded_by
    name = (by.name or by.email) if by else ""
    return Held(row, by.pk if by else None, name, proposal.recorded_at)


def held_of(order_id: str) -> Held | None:
    """What stands about one order now."""
    return next(iter(held(order_ids=[order_id])), None)


def customers_of(order_ids: Collection[str]) -> dict[str, int]:
    """By order, its customer, as it stands now. Not gated."""
    under = standing()
    signed = OrderLine.objects.filter(order_id__in=order_ids)
    rows = signed.values_list("order_id", "customer_id")
    return {order_id: under.get(pk, pk) for order_id, pk in rows}


def exclusions_at(known_on: date | None = None) -> list[rules.Exclusion]:
    """The approved ones, for the arithmetic. Not gated."""
    approved = [one.row for one in held(known_on) if one.is_approved]
    merged = [row.order_id for row in approved if row.reason == ExclusionReason.MERGED]
    survivors = _survivors(merged, known_on)
    return [
        rules.Exclusion(
            row.order_id, row.reason, row.evidence, row.approved_by, survivors.get(row.order_id)
        )
        for row in approved
    ]


def _survivors(order_ids: Collection[str], known_on: date | None) -> dict[str, int]:
    """By order, the customer into which the one that signed it was merged in the end."""
    under = standing(moment_after(known_on)) if order_ids else {}
    signed = OrderLine.objects.filter(order_id__in=order_ids, customer__in=under)
    return {order_id: under[pk] for order_id, pk in signed.values_list("order_id", "customer_id")}
