"""The envelope around events: is it JSON, and which keys does it name? Items stay unread.

One pass of a typed decoder over the well-formed body of a stock client; anything odd takes the
slower, tolerant road below. Judging items is the loader's business.
"""

from __future__ import annotations

from collections.abc import Callable
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
    api_key: Raw = NOTHING
    token: Raw = NOTHING


class _PosthogItem(_Item, gc=False):
    properties: _Inside | None = None


class _Loose(_Item, gc=False):
    """Any object: nothing in it need be of a certain type."""

    properties: Raw = NOTHING
    batch: Raw = NOTHING


class _Batch(_Item, gc=False):
    batch: list[_Item] | None = None


class _PosthogBatch(_PosthogItem, gc=False):
    batch: list[_PosthogItem] | None = None


_SEGMENT: Final = msgspec.json.Decoder(_Batch)
_SEGMENT_SINGLE: Final = msgspec.json.Decoder(_Item)
_POSTHOG: Final = msgspec.json.Decoder(_PosthogBatch)
_POSTHOG_LIST: Final = msgspec.json.Decoder(list[_PosthogItem])
_LOOSE: Final = msgspec.json.Decoder(_Loose)
_ANY: Final = msgspec.json.Decoder(Raw)
_LIST: Final = msgspec.json.Decoder(list[Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_QUOTE: Final = ord('"')


@dataclass(frozen=True, slots=True)
class Envelope:
    """`keys` stand in the envelope; `item_keys` in the items: item → its keys as JSON text."""

    body: bytes
    is_batch: bool
    keys: list[str]
    item_keys: dict[int, list[str]] = field(default_factory=dict)
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
        return Envelope(body, True, keys, _item_keys(batch.batch or ()))
    if body.lstrip()[:1] == b"[":
        return Envelope(body, True, [], _item_keys(_POSTHOG_LIST.decode(body)))
    found = _POSTHOG.decode(body)
    inside = found.properties or _Inside()
    keys = _texts(found.api_key, found.token, found.write_key, inside.token, inside.api_key)
    return Envelope(body, found.batch is not None, keys, _item_keys(found.batch or ()))


def _item_keys(items: list[_Item] | list[_PosthogItem] | tuple[()]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for place, item in enumerate(items):
        raws = [item.write_key, item.api_key, item.token]
        if isinstance(item, _PosthogItem) and item.properties:
            raws += [item.properties.token, item.properties.api_key]
        if any(raws) and (keys := _texts(*raws)):
            found[place] = keys
    return found


def _texts(*raws: Raw) -> list[str]:
    """The texts among JSON values; what is no text is no key."""
    return [_TEXT.decode(raw) for raw in raws if raw and memoryview(raw)[0] == _QUOTE]


def _read_loosely(it: Repaired, route: Route) -> Envelope:
    raw = _ANY.decode(it.body)
    items = None if route.single else _items_of(raw)
    is_batch = items is not None or not (route.single or route.posthog)
    item_keys = {place: keys for place, item in enumerate(items or ()) if (keys := _keys_of(item))}
    cut: list[int] = []
    if it.was_cut:
        cut = [place for place, item in enumerate(items or [raw]) if CUT in bytes(item)]
    return Envelope(it.body, is_batch, _keys_of(raw), item_keys, dict.fromkeys(cut, "too_deep"))


def _items_of(body: Raw) -> list[Raw] | None:
    """The elements of a list, or of an object's `batch`; None when there is no such list."""
    for candidate in (body, *_fields_of(body, "batch")):
        try:
            return _LIST.decode(candidate)
        except msgspec.ValidationError:
            continue
    return None


def _keys_of(item: Raw) -> list[str]:
    inside = [key for it in _fields_of(item, "properties") for key in _fields_of(it, *KEY_FIELDS)]
    return _texts(*_fields_of(item, *KEY_FIELDS), *inside)


def _fields_of(value: Raw, *names: str) -> list[Raw]:
    """Those of its fields that are there; a value that is no object has none."""
    try:
        found = _LOOSE.decode(value)
    except msgspec.ValidationError:
        return []
    return [raw for name in names if (raw := getattr(found, name))]
