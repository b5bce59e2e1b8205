"""Sending refused items through intake once more, after what was wrong has been mended."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from perennial.events.models import Reject
from perennial.events.queries.rejects import can_be_replayed
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

AT_ONCE: Final = 1000  # bodies in memory


@transaction.atomic
def replay_rejects(rejects: QuerySet[Reject], *, by: User | None, at: datetime) -> int:
    """How many went back into the inbox; one that is still wrong is refused anew. Raises
    InputRefused when none of them can go."""
    waiting = can_be_replayed(rejects).order_by("received_at", "pk")
    pks = list(waiting.values_list("pk", flat=True))
    if not pks:
        message = sentence("None of these can be sent once more.")
        raise InputRefused(message, code="nothing_to_replay")
    from perennial.events.intake.replay import replay

    for start in range(0, len(pks), AT_ONCE):
        rows = Reject.objects.filter(pk__in=pks[start : start + AT_ONCE])
        replay(list(rows.order_by("received_at", "pk")), at=at)
        rows.update(replayed_at=at)
    record(
        "rejects_replayed",
        object_type="reject",
        object_id=pks[0] if len(pks) == 1 else "",
        summary=str(len(pks)),
        detail={"rejects": len(pks)},
        by=by,
        at=at,
    )
    return len(pks)
