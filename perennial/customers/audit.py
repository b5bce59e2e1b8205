"""Audit lines about a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from perennial.customers.models import Customer
from perennial.team.audit import record
from perennial.team.models import User


def record_about(
    customer: Customer,
    *,
    action: str,
    detail: Mapping[str, object],
    by: User | None,
    at: datetime,
) -> None:
    """Write what somebody did at a customer; called inside the action's transaction."""
    record(
        action,
        object_type="customer",
        object_id=customer.pk,
        summary=customer.name,
        detail=detail,
        by=by,
        at=at,
    )
