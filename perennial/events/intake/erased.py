"""Items of erased people are refused, however late they come; the reject names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from perennial.events.inbox.segments import LOADED
from perennial.events.intake.counting import Kept
from perennial.events.intake.normalise import Rejected
from perennial.events.intake.segments import Read
from perennial.events.models import Source, Tombstone
from perennial.events.queries.erased import erased_among
from perennial.events.rules.reasons import Reason

_IDS = ("user_id", "anonymous_id", "previous_id")


def refuse_erased(found: Read, *, number: int) -> None:
    """Take the items of erased people out of what a load read. Rejects that name them lose
    their text."""
    if not Tombstone.objects.exists():
        return
    columns = [found.table.column(name) for name in _IDS]
    ids = {it for column in columns for it in column.unique().to_pylist() if it is not None}
    texts = {reject.place: _strings(reject.body) for reject in found.rejects}
    erased = erased_among(ids.union(*texts.values()))
    found.rejects[:] = [
        replace(it, body="", whole=False, params={}, reason=Reason.ERASED)
        if erased & texts[it.place]
        else it
        for it in found.rejects
    ]
    names = pa.array(sorted(erased), pa.string())
    refused = pc.is_in(columns[0], names)
    for column in columns[1:]:
        refused = pc.or_(refused, pc.is_in(column, names))
    found.rejects += _rejects(found.table.filter(refused), number)
    found.table = found.table.filter(pc.invert(refused)).combine_chunks()


def forget_frames_of_erased(inbox: Path, rejects: Sequence[Kept]) -> None:
    """Loaded segments are kept for the live view, but not with frames that were refused."""
    if any(reject.reason == Reason.ERASED for reject in rejects):
        for path in inbox.glob("*" + LOADED):
            path.unlink(missing_ok=True)


def _rejects(items: pa.Table, number: int) -> list[Rejected]:
    sources = dict(Source.objects.values_list("name", "pk"))
    received = pc.cast(items.column("received_at"), pa.int64()).to_pylist()
    places = items.column("position").to_pylist()
    names = items.column("source").to_pylist()
    return [
        Rejected(
            place=f"erased:{number}:{place}",
            source=sources[name],
            received_us=at,
            reason=Reason.ERASED,
            params={},
            body="",
            whole=False,
            route="batch",
            sent_us=None,
        )
        for place, name, at in zip(places, names, received, strict=True)
    ]


def _strings(text: str) -> set[str]:
    """All texts in a JSON value, and the text itself when it is none."""
    try:
        waiting = [msgspec.json.decode(text)]
    except (msgspec.DecodeError, RecursionError, ValueError):
        return set(text.split('"'))
    found: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        else:
            found.add(str(value))
    return found
