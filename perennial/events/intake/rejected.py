"""Items that were not stored, each in a form in which it can be sent again alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Raw

from perennial.events.inbox.frames import Frame
from perennial.events.intake.reading import UNREADABLE, Read, SourceRules, around, pieces
from perennial.events.rules.reasons import Reason

KEPT_BYTES: Final = 128 * 1024  # of an item above its source's limit: the limit may be raised
_KEYS: Final = frozenset({"writeKey", "api_key", "token"})  # never shown, never stored


@dataclass(frozen=True, slots=True)
class Rejected:
    """`body` is the item with its type and what its request said of all items, without keys,
    cut at KEPT_BYTES or the source's limit, whichever is more (`whole` tells); `source` is a
    primary key. A frame of `route`, `sent_us` and `body` sends it again."""

    place: str
    source: int
    received_us: int
    reason: Reason
    params: Mapping[str, str]
    body: str
    whole: bool
    route: str
    sent_us: int | None


def rejects_of(came: Read, sources: Mapping[int, SourceRules]) -> list[Rejected]:
    """The items at fault, in the order of arrival."""
    if not came.faults:
        return []
    found = []
    texts: dict[str, list[bytes]] = {}  # of the frame at hand
    for at in sorted(came.faults):
        place, frame, index = came.where(at)
        if place not in texts:
            texts = {place: _texts(frame)}
        text = texts[place][index].decode(errors="replace")
        limit = max(sources[frame.source].event_bytes, KEPT_BYTES)
        fault = came.faults[at]
        found.append(
            Rejected(
                place=f"{place}:{index}",
                source=frame.source,
                received_us=frame.received_us,
                reason=fault.reason,
                params=fault.params,
                body=text[:limit],
                whole=len(text) <= limit,
                route="posthog" if frame.route == "posthog" else "batch",
                sent_us=frame.sent_us,
            )
        )
    return found


def _texts(frame: Frame) -> list[bytes]:
    """A request's items as texts of their own."""
    try:
        found, said = pieces(frame.body), around(frame.body)
    except UNREADABLE:
        return [frame.body]
    return [_alone(bytes(piece), said, frame.route) for piece in found]


def _alone(piece: bytes, said: Mapping[str, Raw], route: str) -> bytes:
    try:
        item = msgspec.json.decode(piece, type=dict[str, Raw])
    except UNREADABLE:
        return piece
    own = {name: value for name, value in item.items() if name not in _KEYS}
    if route not in ("batch", "posthog"):
        own.setdefault("type", Raw(msgspec.json.encode(route)))
    for name, value in said.items():
        own.setdefault(name, value)
    return msgspec.json.encode(own)
