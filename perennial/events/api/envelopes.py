"""The envelope around events: is it JSON, and which keys does it name? Items stay unread.

One pass of a typed decoder over the well-formed body of a stock client; anything odd takes the
slower, tolerant road below. Judging items is the loader's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import msgspec
from msgspec import Raw

from perennial.events.api import answers
from perennial.events.api.answers import Refused
from perennial.events.api.repair import CUT, Repaired, repaired
from perennial.events.api.routes import Route

NOTHING: Final = Raw()
KEY_FIELDS: Final = ("write_key", "api_key", "token")


class _Inside(msgspec.Struct, gc=False):
    api_key: Raw = NOTHING
    token: Raw = NOTHING


class _Item(msgspec.Struct, gc=False):
    write_key: Raw = msgspec.field(default=NOTHING, name="writeKey")


class _Keyed(_Item, gc=False):
    api_key: Raw = NOTHING
    token: Raw = NOTHING


class _PosthogItem(_Keyed, gc=False):
    properties: _Inside | None = None


class _Loose(_Keyed, gc=False):
    """Any object: nothing in it need be of a certain type."""

    properties: Raw = NOTHING
    batch: Raw = NOTHING


class _Batch(_Keyed, gc=False):
    batch: list[_Item] | None = None


class _PosthogBatch(_PosthogItem, gc=False):
    batch: list[_PosthogItem] | None = None


_SEGMENT: Final = msgspec.json.Decoder(_Batch)
_SEGMENT_SINGLE: Final = msgspec.json.Decoder(_Keyed)
_POSTHOG: Final = msgspec.json.Decoder(_PosthogBatch)
_POSTHOG_LIST: Final = msgspec.json.Decoder(list[_PosthogItem])
_LOOSE: Final = msgspec.json.Decoder(_Loose)
_ANY: Final = msgspec.json.Decoder(Raw)
_LIST: Final = msgspec.json.Decoder(list[Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_QUOTE: Final = ord('"')


@dataclass(frozen=True, slots=True)
class Envelope:
    """`keys` stand in the envelope. `named`: item → keys that it names itself. `hinted`: item →
    `token` and `api_key` of its properties: a key only where there is no other, because people
    call properties so, too. `refused`: item → reason."""

    body: bytes
    is_batch: bool
    keys: list[str]
    named: dict[int, list[str]] = field(default_factory=dict)
    hinted: dict[int, list[str]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def envelope_of(body: bytes, route: Route) -> Envelope:
    """Raises Refused (400) for what is not JSON at all; the tolerant road says what is."""
    roads: tuple[Callable[[], Envelope], ...] = (
        lambda: _read(body, route),
        lambda: _read_loosely(Repaired(body), route),  # JSON, but not of the usual shape
        lambda: _read_loosely(repaired(body), route),
    )
    for road in roads:
        with suppress(msgspec.DecodeError, ValueError, RecursionError):
            return road()
    raise Refused(answers.UNDECODABLE)


def _read(body: bytes, route: Route) -> Envelope:
    if route.single:
        single = _SEGMENT_SINGLE.decode(body)
        return Envelope(body, False, _texts(single.write_key, single.api_key, single.token))
    if not route.posthog:
        batch = _SEGMENT.decode(body)
        keys = _texts(batch.write_key, batch.api_key, batch.token)
        return Envelope(body, True, keys, _found((it.write_key,) for it in batch.batch or ()))
    if body.lstrip()[:1] == b"[":
        items = _POSTHOG_LIST.decode(body)
        return Envelope(body, True, [], _named(items), _hinted(items))
    found = _POSTHOG.decode(body)
    items = found.batch or []
    keys = _texts(found.api_key, found.token, found.write_key, *_inside(found))
    return Envelope(body, found.batch is not None, keys, _named(items), _hinted(items))


def _named(items: list[_PosthogItem]) -> dict[int, list[str]]:
    return _found((it.api_key, it.token, it.write_key) for it in items)


def _hinted(items: list[_PosthogItem]) -> dict[int, list[str]]:
    return _found(map(_inside, items))


def _inside(item: _PosthogItem) -> tuple[Raw, ...]:
    return (item.properties.token, item.properties.api_key) if item.properties else ()


def _found(raws_of_items: Iterable[Iterable[Raw]]) -> dict[int, list[str]]:
    """The keys of those items that have some."""
    return {place: keys for place, raws in enumerate(raws_of_items) if (keys := _texts(*raws))}


def _texts(*raws: Raw) -> list[str]:
    """The texts among JSON values; what is no text is no key."""
    return [_TEXT.decode(raw) for raw in raws if raw and memoryview(raw)[0] == _QUOTE]


def _read_loosely(it: Repaired, route: Route) -> Envelope:
    raw = _ANY.decode(it.body)
    items = None if route.single else _items_of(raw)
    is_batch = items is not None or not (route.single or route.posthog)
    names = KEY_FIELDS if route.posthog else KEY_FIELDS[:1]
    named = _found(_fields_of(item, *names) for item in items or ())
    hinted = _found(map(_hints, items or ())) if route.posthog else {}
    keys = _texts(*_fields_of(raw, *KEY_FIELDS), *(_hints(raw) if route.posthog else ()))
    cut: list[int] = []
    if it.was_cut:
        cut = [place for place, item in enumerate(items or [raw]) if CUT in bytes(item)]
    return Envelope(it.body, is_batch, keys, named, hinted, dict.fromkeys(cut, "too_deep"))


def _items_of(body: Raw) -> list[Raw] | None:
    """The elements of a list, or of an object's `batch`; None when there is no such list."""
    for candidate in (body, *_fields_of(body, "batch")):
        try:
            return _LIST.decode(candidate)
        except msgspec.ValidationError:
            continue
    return None


def _hints(item: Raw) -> list[Raw]:
    inside = _fields_of(item, "properties")
    return [key for properties in inside for key in _fields_of(properties, "token", "api_key")]


def _fields_of(value: Raw, *names: str) -> list[Raw]:
    """Those of its fields that are there; a value that is no object has none."""
    try:
        found = _LOOSE.decode(value)
    except msgspec.ValidationError:
        return []
    return [raw for name in names if (raw := getattr(found, name))]
