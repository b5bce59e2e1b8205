"""Somebody proposes to leave an order out of the adjusted renewal rates, somebody else approves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perennial.revenue.models import Exclusion, ExclusionReason
from perennial.revenue.queries.exclusions import Held, held_of
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

MOST_EVIDENCE = 1000


@transaction.atomic
def propose_exclusion(
    order_id: str, *, reason: str, evidence: str, by: User, at: datetime
) -> Exclusion:
    """It counts only once approved. Raises InputRefused without reason or evidence, and while
    an exclusion of the order stands."""
    proof = evidence.strip()
    if reason not in ExclusionReason.values:
        raise InputRefused(sentence("Choose a reason."), code="no_reason", column="reason")
    if not proof or len(proof) > MOST_EVIDENCE:
        message = sentence("Say what proves it, in at most 1,000 characters.")
        raise InputRefused(message, code="no_evidence", column="evidence")
    if held_of(order_id):
        raise InputRefused(sentence("This order is proposed or excluded already."), code="held")
    row = Exclusion(order_id=order_id, reason=reason, evidence=proof)
    return _kept(row, "exclusion_proposed", by=by, at=at)


@transaction.atomic
def approve_exclusion(order_id: str, *, by: User, at: datetime) -> Exclusion:
    """From now on the order is left out. Raises InputRefused when nothing waits for approval,
    and for the one who proposed it."""
    waiting = _standing(order_id)
    if waiting.is_approved:
        raise InputRefused(sentence("This exclusion is approved already."), code="approved")
    if waiting.proposed_by_id == by.pk:
        message = sentence("Somebody else than the one who proposed it has to approve it.")
        raise InputRefused(message, code="own_proposal")
    row = _copy(waiting, approved_by=(by.name or by.email)[:200])
    return _kept(row, "exclusion_approved", by=by, at=at)


@transaction.atomic
def withdraw_exclusion(order_id: str, *, by: User, at: datetime) -> Exclusion:
    """The order counts again. Raises InputRefused when there is nothing to withdraw."""
    standing = _standing(order_id)
    row = _copy(standing, approved_by=standing.row.approved_by)
    row.void = True
    return _kept(row, "exclusion_withdrawn", by=by, at=at)


def _standing(order_id: str) -> Held:
    found = held_of(order_id)
    if found is None:
        raise InputRefused(sentence("This order is not excluded."), code="not_held")
    return found


def _copy(standing: Held, *, approved_by: str) -> Exclusion:
    row = standing.row
    return Exclusion(
        order_id=row.order_id, reason=row.reason, evidence=row.evidence, approved_by=approved_by
    )


def _kept(row: Exclusion, action: str, *, by: User, at: datetime) -> Exclusion:
    row.recorded_at, row.recorded_by = at, by
    row.save()
    record(
        action,
        object_type="order",
        object_id=row.order_id,
        summary=row.order_id,
        detail={
            "reason": row.reason,
            "evidence": row.evidence,
            "approved_by": row.approved_by,
            "void": row.void,
        },
        by=by,
        at=at,
    )
    return row
