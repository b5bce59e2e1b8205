"""One audit line for every change; called inside the action's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from perennial.team.models import AuditEntry, User


def record(
    action: str,
    *,
    object_type: str,
    object_id: object,
    summary: str,
    detail: Mapping[str, object] | None = None,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """Write who did what to which object. `summary` is plain text for people."""
    return AuditEntry.objects.create(
        action=action,
        object_type=object_type,
        object_id=str(object_id)[:120],
        summary=summary[:300],
        detail=dict(detail or {}),
        by=by,
        at=at,
    )
