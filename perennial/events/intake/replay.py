"""Refused items go through intake once more, as if they had just arrived when they did."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import Segment
from perennial.events.intake.loading import inbox_folder
from perennial.events.models import Reject

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IDS = {"posthog": "uuid"}  # by route; Segment's forms call it messageId


def replay(rejects: Sequence[Reject], *, at: datetime) -> int:  # noqa: ARG001
    """Put the whole ones into the inbox, durably; how many there were. Raises OSError.

    An item without an id gets one from the place of its reject, so that replaying it twice
    (after a kill between here and the database, say) is one event.
    """
    frames = [pack(_frame(it)) for it in rejects if it.whole]
    if frames:
        folder = inbox_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        segment = Segment(folder)
        try:
            segment.write(b"".join(frames))
        finally:
            segment.seal()
    return len(frames)


def _frame(reject: Reject) -> Frame:
    route = reject.params.get("_route") or "batch"
    sent = reject.params.get("_sent_us")
    return Frame(
        received_us=(reject.received_at - _EPOCH) // timedelta(microseconds=1),
        source=reject.source_id,
        route=route,
        agent="",
        body=_with_id(reject, route).encode(),
        sent_us=int(sent) if sent else None,
    )


def _with_id(reject: Reject, route: str) -> str:
    try:
        item: Any = json.loads(reject.body)
    except (ValueError, RecursionError):
        return reject.body
    name = _IDS.get(route, "messageId")
    if not isinstance(item, dict) or item.get(name):
        return reject.body
    digest = hashlib.md5(reject.place.encode(), usedforsecurity=False).hexdigest()
    return json.dumps(item | {name: str(uuid.UUID(digest))}, ensure_ascii=False)
