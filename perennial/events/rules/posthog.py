"""Bodies in PostHog's form, read as the items of the other clients.

A counted event is what a person did: named events, $pageview, $screen and $autocapture. What
the software says by itself ($pageleave, $feature_flag_called, …) is kept and not counted.
Of the properties that begin with $ the few that say something about use are kept, in the words
of the other clients; addresses of machines, browsers and keys are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw

from perennial.events.rules.clock import microseconds
from perennial.events.rules.items import NOTHING, Context, Item
from perennial.events.rules.kinds import Kind

GROUP_TYPES: Final = ("company", "organization", "account", "customer")
_KINDS: Final = {
    "$identify": Kind.IDENTIFY,
    "$set": Kind.IDENTIFY,
    "$set_once": Kind.IDENTIFY,
    "$create_alias": Kind.ALIAS,
    "$merge_dangerously": Kind.ALIAS,
    "$groupidentify": Kind.GROUP,
    "$pageview": Kind.PAGE,
    "$screen": Kind.SCREEN,
    "$autocapture": Kind.TRACK,
}
_KEPT: Final = {
    "$current_url": "url",
    "$pathname": "path",
    "$referrer": "referrer",
    "$screen_name": "name",
    "$event_type": "action",
    "$el_text": "text",
}
_LEFT_OUT: Final = frozenset({"token", "distinct_id"})


class Event(msgspec.Struct, gc=False):
    """One event as it comes; `offset` is its age in milliseconds when it was sent."""

    event: Any = None
    uuid: Any = None
    distinct_id: Any = None
    other_distinct_id: Any = msgspec.field(default=None, name="$distinct_id")
    timestamp: Any = None
    offset: Any = None
    sent_at: Any = None
    properties: dict[str, Raw] | None = None
    set: Raw = msgspec.field(default=NOTHING, name="$set")
    set_once: Raw = msgspec.field(default=NOTHING, name="$set_once")


class _Body(Event, gc=False):
    batch: list[Event] | None = None


_body: Final = msgspec.json.Decoder(_Body)
_list: Final = msgspec.json.Decoder(list[Event])
_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


def items(body: bytes, *, group_type: str, sent_us: int, received_us: int) -> list[Item]:
    """The items of a body. `group_type` is the source's, empty for the usual ones; `sent_us` is
    what the address said of the sending time, else 0. Raises msgspec's errors when even one
    item is not in the form."""
    read = _Body(batch=_list.decode(body)) if body.lstrip()[:1] == b"[" else _body.decode(body)
    events: list[Event] = [read] if read.batch is None else read.batch
    around = read.sent_at if read.sent_at is not None else (sent_us or None)
    for event in events:
        event.sent_at = around if event.sent_at is None else event.sent_at
    return [_item(event, group_type=group_type, received_us=received_us) for event in events]


def group_of(groups: object, *, group_type: str) -> Any:
    """The customer among `$groups`: of the source's type, else of the usual ones in their
    order, else the only one."""
    if not isinstance(groups, dict):
        return None
    for name in (group_type,) if group_type else GROUP_TYPES:
        if groups.get(name) is not None:
            return groups[name]
    return next(iter(groups.values())) if len(groups) == 1 else None


class _Words:
    """The properties of an event, read one by one: most are never looked at."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Mapping[str, Raw]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> Any:
        raw = self._raw.get(name)
        return None if raw is None else _decode(raw)


def _item(event: Event, *, group_type: str, received_us: int) -> Item:
    properties = event.properties or {}
    words = _Words(properties)
    item = Item(
        type=_kind(event.event),
        event=event.event,
        message_id=_first(event.uuid, words["uuid"], words["$insert_id"]),
        timestamp=_happened(event, received_us),
        sent_at=event.sent_at,
        group_id=group_of(words["$groups"], group_type=group_type),
        properties=_kept(properties),
        traits=_traits(event, properties),
        context=Context(user_agent=_first(words["$raw_user_agent"], words["$user_agent"])),
    )
    distinct = _first(event.distinct_id, event.other_distinct_id, words["distinct_id"])
    if item.type == Kind.GROUP:
        _group(item, words, group_type=group_type)
    elif item.type == Kind.ALIAS:
        _alias(item, distinct, words)
    else:
        _person(item, distinct, words)
    return item


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None and value != ""), None)


def _kind(name: object) -> Kind:
    if isinstance(name, str) and name[:1] == "$":
        return _KINDS.get(name, Kind.SYSTEM)
    return Kind.TRACK


def _happened(event: Event, received_us: int) -> Any:
    """The client's time. An age counts back from the sending, else from the arrival."""
    if event.timestamp is not None or not isinstance(event.offset, int | float):
        return event.timestamp
    sent = microseconds(event.sent_at)
    base = received_us if sent is None else sent
    return base - round(event.offset * 1000)


def _group(item: Item, words: _Words, *, group_type: str) -> None:
    """What is said of a group says nothing of the person whose id it carries. Groups of other
    types than the source's customers are not customers."""
    kind = words["$group_type"]
    item.traits = _as_raw(words["$group_set"])
    if group_type and kind != group_type:
        item.type, item.traits = Kind.SYSTEM, NOTHING
    else:
        item.group_id = words["$group_key"]


def _alias(item: Item, distinct: Any, words: _Words) -> None:
    """`alias` is another id of the person. The Python client names them the other way round:
    its first argument, the earlier id, is the distinct id."""
    item.user_id, item.previous_id = distinct, words["alias"]
    item.properties = NOTHING
    if words["$lib"] == "posthog-python":
        item.user_id, item.previous_id = item.previous_id, item.user_id


def _person(item: Item, distinct: Any, words: _Words) -> None:
    """The distinct id is the person's, unless the client says that it does not know them."""
    unknown = words["$is_identified"] is False or words["$process_person_profile"] is False
    if unknown and item.type != Kind.IDENTIFY:
        item.anonymous_id = distinct
        return
    item.user_id = distinct
    item.anonymous_id = _first(words["$anon_distinct_id"], words["$device_id"])


def _traits(event: Event, properties: Mapping[str, Raw]) -> Raw:
    """$set, and under its own name what holds only where nothing is known yet."""
    if not (event.set or event.set_once or "$set" in properties or "$set_once" in properties):
        return NOTHING
    said = _object(properties.get("$set")) | _object(event.set)
    once = _object(properties.get("$set_once")) | _object(event.set_once)
    if once := {name: value for name, value in once.items() if bytes(value) != b"null"}:
        said["$set_once"] = _as_raw(once)
    return _as_raw(said) if said else NOTHING


def _object(raw: Raw | None) -> dict[str, Raw]:
    """The members of an object whose names are not PostHog's own."""
    if not raw or bytes(raw)[:1] != b"{":
        return {}
    members: dict[str, Raw] = msgspec.json.decode(raw, type=dict[str, Raw])
    return {name: value for name, value in members.items() if name[:1] != "$"}


def _kept(properties: Mapping[str, Raw]) -> Raw:
    kept = {
        _KEPT.get(name, name): value
        for name, value in properties.items()
        if (name[:1] != "$" and name not in _LEFT_OUT) or name in _KEPT
    }
    return _as_raw(kept) if kept else NOTHING


def _as_raw(value: object) -> Raw:
    return NOTHING if value is None else Raw(_encode(value))
