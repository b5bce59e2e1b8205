"""Requests become items: at engine speed while they are in the form, one by one when not.

An item that cannot be read is a fault of its own; the others of its request are unharmed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

import msgspec
from msgspec import Raw

from perennial.events.inbox.frames import Frame
from perennial.events.rules import posthog, segment
from perennial.events.rules.items import Item
from perennial.events.rules.reasons import DEPTH_AT_MOST, Fault, Reason

_BATCH, _POSTHOG = "batch", "posthog"
_SENT: Final = ("sentAt", "sent_at")
_SAID_AT_MOST: Final = 1000  # bytes
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class SourceRules:
    """What a source says about its events; `claimed`: it is a browser's, with a public key."""

    pk: int
    name: str
    claimed: bool
    event_bytes: int
    group_type: str = ""
    product: str = ""


@dataclass(slots=True)
class Read:
    """The items of many requests in the order of arrival. `counts` are items per frame;
    an item at fault stands as an empty one. `nul`: some text holds a NUL character."""

    frames: list[tuple[str, Frame]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    nul: bool = False
    ends: list[int] = field(default_factory=list)

    def report(self, at: int, fault: Fault) -> None:
        """The first fault of an item is its reason."""
        self.faults.setdefault(at, fault)

    def where(self, at: int) -> tuple[str, Frame, int]:
        """The place of an item's frame, the frame, and which of its items it is."""
        if len(self.ends) != len(self.counts):
            self.ends = list(accumulate(self.counts))
        nth = bisect_right(self.ends, at)
        place, frame = self.frames[nth]
        return place, frame, at - self.ends[nth] + self.counts[nth]

    def place(self, at: int) -> str:
        """Where an item stands in the inbox."""
        place, _, index = self.where(at)
        return f"{place}:{index}"


class _Batch(msgspec.Struct, gc=False):
    batch: list[Raw] | None = None


class _Context(msgspec.Struct, rename="camel", omit_defaults=True):
    group_id: Any = None
    user_agent: Any = None


def read(frames: Iterable[tuple[str, Frame]], sources: Mapping[int, SourceRules]) -> Read:
    """All items. Frames of sources that are gone are left out: nobody could see them."""
    found = Read()
    for place, frame in frames:
        if (rules := sources.get(frame.source)) is None:
            continue
        items, faults = _items(frame, rules)
        start = len(found.items)
        for index, fault in faults.items():
            found.faults[start + index] = fault
        found.frames.append((place, frame))
        found.counts.append(len(items))
        found.items += items
        found.nul = found.nul or b"\\u0000" in frame.body
    return found


def _items(frame: Frame, rules: SourceRules) -> tuple[list[Item], dict[int, Fault]]:
    simple = len(frame.body) <= rules.event_bytes and not frame.refused
    try:
        if not frame.body.isascii():
            frame.body.decode()
        items = _decoded(frame, frame.body, rules)
        faults = {} if simple else _sizes(frame, rules)
    except UNREADABLE:
        return _one_by_one(frame, rules)
    for index in faults:
        items[index] = Item()
    return items, faults


def _decoded(frame: Frame, body: bytes, rules: SourceRules) -> list[Item]:
    if frame.route == _POSTHOG:
        return posthog.items(
            body,
            group_type=rules.group_type,
            sent_us=frame.sent_us or 0,
            received_us=frame.received_us,
        )
    return segment.items(body, kind=None if frame.route == _BATCH else frame.route)


def _sizes(frame: Frame, rules: SourceRules) -> dict[int, Fault]:
    """The items that are over size, and those that the intake refused."""
    faults = {at: _refused(code) for at, code in frame.refused.items()}
    sizes = list(map(len, pieces(frame.body)))
    if max(sizes, default=0) > rules.event_bytes:
        for at, size in enumerate(sizes):
            if size > rules.event_bytes:
                told = {"bytes": str(size), "at_most": str(rules.event_bytes)}
                faults.setdefault(at, Fault(Reason.TOO_LARGE, told))
    return faults


def _refused(code: str) -> Fault:
    """What the intake found; it allows deeper nesting than is stored."""
    if code == Reason.TOO_DEEP:
        return Fault(Reason.TOO_DEEP, {"field": "…", "at_most": str(DEPTH_AT_MOST)})
    return Fault(Reason(code) if code in set(Reason) else Reason.BROKEN)


def _one_by_one(frame: Frame, rules: SourceRules) -> tuple[list[Item], dict[int, Fault]]:
    """Each item in a request of its own, so that only those at fault fail."""
    try:
        found, said = pieces(frame.body), around(frame.body)
        faults = _sizes(frame, rules)
    except UNREADABLE as error:
        return [Item()], {0: _fault(error, b"{")}
    items = []
    for index, piece in enumerate(found):
        item = Item()
        if index not in faults:
            try:
                bytes(piece).decode()
                (item,) = _decoded(frame, _alone(piece, said), rules)
            except UNREADABLE as error:
                faults[index] = _fault(error, bytes(piece))
        items.append(item)
    return items, faults


def _fault(error: Exception, piece: bytes) -> Fault:
    if isinstance(error, UnicodeDecodeError):
        return Fault(Reason.BAD_TEXT, {"field": "…"})
    if isinstance(error, RecursionError):
        return Fault(Reason.TOO_DEEP, {"field": "…", "at_most": str(DEPTH_AT_MOST)})
    if not piece.lstrip().startswith(b"{"):
        return Fault(Reason.NOT_AN_OBJECT)
    if isinstance(error, msgspec.ValidationError) and "`$" in (text := str(error)):
        path = text.rsplit("`$", 1)[1].strip("`").replace(".batch[...]", "").lstrip(".")
        return Fault(Reason.WRONG_TYPE, {"field": path or "…"})
    return Fault(Reason.BROKEN)


def pieces(body: bytes) -> list[Raw]:
    """The texts of a body's items. Raises msgspec's errors for a body that is no JSON."""
    if body.lstrip()[:1] == b"[":
        return msgspec.json.decode(body, type=list[Raw])
    try:
        batch = msgspec.json.decode(body, type=_Batch).batch
    except msgspec.ValidationError:
        return [Raw(body)]
    return [Raw(body)] if batch is None else batch


def around(body: bytes) -> dict[str, Raw]:
    """What a request says of all its items, as far as it is small. Raises as `pieces` does."""
    try:
        said = msgspec.json.decode(body, type=dict[str, Raw])
    except msgspec.ValidationError:
        return {}
    if "batch" not in said:
        return {}
    try:
        context = msgspec.json.decode(said.get("context", b"{}"), type=_Context)
    except msgspec.ValidationError:
        context = _Context()
    found = {name: said[name] for name in _SENT if name in said}
    found["context"] = Raw(msgspec.json.encode(context))
    return {name: raw for name, raw in found.items() if 2 < len(raw) <= _SAID_AT_MOST}


def _alone(piece: Raw, said: dict[str, Raw]) -> bytes:
    return msgspec.json.encode({**said, "batch": [piece]})
