"""What arrives now, item by item, for people who connect a source: read from the end of the inbox
as the loader reads it, beside what became of it in the store. Takes no lock, changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
from django.conf import settings

from perennial.events.inbox.frames import Frame
from perennial.events.inbox.segments import tail
from perennial.events.intake.normalise import normalise
from perennial.events.intake.reading import UNREADABLE, SourceRules, pieces, read
from perennial.events.models import Source, SourceKind
from perennial.events.queries.settings import intake_settings
from perennial.events.rules.kinds import Attribution
from perennial.events.store import open_store
from perennial.units.moment import business_day

TAIL_BYTES: Final = 512 * 1024
ITEMS_READ: Final = 300
RAW_LETTERS: Final = 20_000
STORE_DAYS: Final = 3  # older days are not looked up: an archive sent again lies anywhere
KEYS: Final = ("writeKey", "api_key", "token")


class Arrived(StrEnum):
    """What became of an item that arrived."""

    WAITING = "waiting"  # durable, and loaded within seconds
    STORED = "stored"
    COPY = "copy"  # the same message id was there before: one event
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Item:
    """One item as a person follows it. `raw` is its JSON as it came, without keys."""

    source: int
    source_name: str
    state: Arrived
    received_at: datetime
    raw: str
    kind: str = ""
    event: str = ""
    person: str = ""
    customer: str = ""  # external id
    attribution: str = ""
    delay: timedelta | None = None  # between happening and arrival
    clock: str = ""
    is_bot: bool = False
    is_claimed: bool = False
    reason: str = ""  # of a reject
    params: Mapping[str, str] | None = None


def arriving(*, source: int | None = None) -> list[Item]:
    """The items that came last, the newest first."""
    sources = {it.pk: it for it in _rules(source)}
    folder = Path(settings.PERENNIAL_HOME) / "inbox"
    if not sources or not folder.is_dir():
        return []
    newest = [it for it in tail(folder, TAIL_BYTES) if it.source in sources]
    frames = [(str(at), frame) for at, frame in enumerate(_bounded(newest))][::-1]
    came = read(frames, sources)
    found = normalise(frames, sources=sources, settings=intake_settings())
    raw = _raw(frames, came.counts)
    stored = _stored(found.table)
    items = [_accepted(row, sources, stored, raw) for row in found.table.to_pylist()]
    items += [
        Item(
            source=it.source,
            source_name=sources[it.source].name,
            state=Arrived.REJECTED,
            received_at=datetime.fromtimestamp(it.received_us / 1e6, UTC),
            raw=_pretty(it.body.encode()),
            reason=it.reason.value,
            params=it.params,
        )
        for it in found.rejects
    ]
    return sorted(items, key=lambda item: item.received_at, reverse=True)


def _rules(source: int | None) -> list[SourceRules]:
    rows = Source.objects.filter(pk=source) if source else Source.objects.all()
    return [
        SourceRules(
            it.pk,
            it.name,
            it.kind == SourceKind.BROWSER,
            it.event_bytes,
            it.group_type,
            it.product,
        )
        for it in rows
    ]


def _bounded(frames: Iterable[Frame]) -> Iterable[Frame]:
    """The newest frames, until they hold enough items."""
    items = 0
    for frame in frames:
        if items >= ITEMS_READ:
            return
        yield frame
        try:
            items += len(pieces(frame.body))
        except UNREADABLE:
            items += 1


def _raw(frames: Sequence[tuple[str, Frame]], counts: Sequence[int]) -> list[str]:
    """The text of every item, by its position."""
    texts: list[str] = []
    for (_, frame), count in zip(frames, counts, strict=True):
        try:
            found = [bytes(piece) for piece in pieces(frame.body)]
        except UNREADABLE:
            found = [frame.body]
        texts += [_pretty(text) for text in (found + [b""] * count)[:count]]
    return texts


def _pretty(text: bytes) -> str:
    """Indented, without write keys; what is no JSON stays as it came."""
    try:
        value = msgspec.json.decode(text)
        if isinstance(value, dict):
            value = {name: it for name, it in value.items() if name not in KEYS}
        shown = json.dumps(value, ensure_ascii=False, indent=2)
    except (*UNREADABLE, ValueError):
        shown = text.decode(errors="replace")
    return shown if len(shown) <= RAW_LETTERS else shown[:RAW_LETTERS] + " …"


Key = tuple[object, ...]


def _keys(row: Mapping[str, Any]) -> tuple[Key, Key]:
    """By which a message is found again: its id, and (for one whose id was made of its place,
    which is not known here) when it came and what it says."""
    return (row["source"], row["message_id"]), (
        *(row["source"], row["received_at"]),
        *(row["event"], row["ts"]),
    )


def _stored(table: pa.Table) -> dict[Key, dict[str, Any]]:
    """What the store holds of these messages, by both keys."""
    if not table.num_rows:
        return {}
    zone = settings.PERENNIAL_TIME_ZONE
    days = [business_day(at, zone) for at in table.column("ts").to_pylist()]
    last_on = max(days)
    first_on = max(min(days), last_on - timedelta(days=STORE_DAYS))
    wanted = table.select(["source", "message_id", "received_at"])
    with open_store().reading("events", first_on=first_on, last_on=last_on) as session:
        session.offer("watched", wanted)
        rows = session.table(
            "SELECT source, message_id, event, ts, received_at, person, customer, attribution "
            "FROM events WHERE (source, message_id) IN (SELECT (source, message_id) FROM watched) "
            "OR (source, received_at) IN (SELECT (source, received_at) FROM watched)"
        )
    return {key: row for row in rows.to_pylist() for key in _keys(row)}


def _accepted(
    row: Mapping[str, Any],
    sources: Mapping[int, SourceRules],
    stored: Mapping[Key, Mapping[str, Any]],
    raw: Sequence[str],
) -> Item:
    by_id, by_look = _keys(row)
    known = stored.get(by_id) or stored.get(by_look)
    state = Arrived.WAITING
    if known:
        same = known["received_at"] == row["received_at"]
        state = Arrived.STORED if same else Arrived.COPY
    seen: Mapping[str, Any] = known or {}
    said = row["group_id"] or row["context_group_id"] or ""
    return Item(
        source=next(pk for pk, it in sources.items() if it.name == row["source"]),
        source_name=row["source"],
        state=state,
        received_at=row["received_at"],
        raw=raw[row["position"]],
        kind=row["kind"],
        event=row["event"] or "",
        person=seen.get("person") or row["user_id"] or row["anonymous_id"] or "",
        customer=seen.get("customer") or said,
        attribution=seen.get("attribution") or _tried(row),
        delay=row["received_at"] - row["ts"],
        clock=row["clock"] or "",
        is_bot=bool(row["bot"]),
        is_claimed=bool(row["claimed"]),
    )


def _tried(row: Mapping[str, Any]) -> str:
    """How it will find its customer; by the person's last group, only the store can tell."""
    if row["group_id"]:
        return Attribution.EXPLICIT.value
    return Attribution.CONTEXT.value if row["context_group_id"] else ""
