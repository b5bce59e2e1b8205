"""What people decided to leave out of the adjusted renewal rates, as known on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
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
    """By order, its customer. Not gated."""
    signed = OrderLine.objects.filter(order_id__in=order_ids)
    return dict(signed.values_list("order_id", "customer_id"))


def exclusions_at(known_on: date | None = None) -> list[rules.Exclusion]:
    """The approved ones, for the arithmetic. Not gated."""
    approved = [one.row for one in held(known_on) if one.is_approved]
    merged = [row.order_id for row in approved if row.reason == ExclusionReason.MERGED]
    survivors = _survivors(merged)
    return [
        rules.Exclusion(
            row.order_id, row.reason, row.evidence, row.approved_by, survivors.get(row.order_id)
        )
        for row in approved
    ]


def _survivors(order_ids: Iterable[str]) -> dict[str, int]:
    """By order, the customer into which the one that signed it was merged in the end."""
    wanted = list(order_ids)
    if not wanted:
        return {}
    into = dict(
        Customer.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id")
    )
    found: dict[str, int] = {}
    for order_id, customer_id in customers_of(wanted).items():
        seen = {customer_id}
        while (following := into.get(customer_id)) and following not in seen:
            customer_id = following
            seen.add(customer_id)
        if len(seen) > 1:
            found[order_id] = customer_id
    return found
