"""Somebody decides against the window who is credited with an upsell, and takes it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perennial.contracts.models import OrderLine
from perennial.revenue.models import CreditedTo, CreditOverride
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

MOST_REASON = 1000


@transaction.atomic
def override_credit(
    order: OrderLine, *, credited_to: str, reason: str, by: User | None, at: datetime
) -> CreditOverride:
    """From now on the order is credited so, whatever the window says. Raises InputRefused without
    a reason, for an unknown party, and when it is so already."""
    why = reason.strip()
    if credited_to not in CreditedTo.values:
        raise InputRefused(sentence("Credit goes to sales or to the CSM."), code="unknown_party")
    if not why or len(why) > MOST_REASON:
        message = sentence("An override needs a reason, in at most 1,000 characters.")
        raise InputRefused(message, code="no_reason", column="reason")
    held = newest(order.order_id)
    if held and not held.void and (held.credited_to, held.reason) == (credited_to, why):
        raise InputRefused(sentence("It is credited so already."), code="unchanged")
    return _kept(order.order_id, credited_to, why, void=False, before=held, by=by, at=at)


@transaction.atomic
def undo_credit(override: CreditOverride, *, by: User | None, at: datetime) -> CreditOverride:
    """Back to what held before this decision. Raises InputRefused when a newer one stands."""
    order_id = override.order_id
    decided = CreditOverride.objects.filter(order_id=order_id).order_by("-recorded_at", "-pk")
    rows = list(decided[:2])
    if not rows or rows[0].pk != override.pk:
        raise InputRefused(sentence("A newer decision stands."), code="newer_decision")
    earlier = rows[1] if len(rows) > 1 else None
    back = earlier or override
    void = earlier is None or earlier.void
    return _kept(order_id, back.credited_to, back.reason, void=void, before=override, by=by, at=at)


def newest(order_id: str) -> CreditOverride | None:
    """The last decision about an order, a withdrawn one included."""
    return CreditOverride.objects.filter(order_id=order_id).order_by("-recorded_at", "-pk").first()


def _kept(
    order_id: str,
    credited_to: str,
    reason: str,
    *,
    void: bool,
    before: CreditOverride | None,
    by: User | None,
    at: datetime,
) -> CreditOverride:
    kept = CreditOverride.objects.create(
        order_id=order_id, credited_to=credited_to, reason=reason, void=void,
        recorded_at=at, recorded_by=by,
    )  # fmt: skip
    record(
        "credit_undone" if void else "credit_overridden",
        object_type="order",
        object_id=order_id,
        summary=order_id,
        detail={
            "before": before.credited_to if before and not before.void else None,
            "after": None if void else credited_to,
            "reason": reason,
        },
        by=by,
        at=at,
    )
    return kept
