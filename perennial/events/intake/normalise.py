"""From accepted requests to staged rows: every item becomes one row or one reject.

Works on columns; the rules that it applies to them stand in `events.rules`, item by item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.events.inbox.frames import Frame
from perennial.events.intake import moments, texts
from perennial.events.intake.contents import products_of, properties_of, traits_of
from perennial.events.intake.reading import Read, SourceRules, read
from perennial.events.intake.rejected import Rejected, rejects_of
from perennial.events.intake.staged import STAGED
from perennial.events.rules import bots
from perennial.events.rules.kinds import Kind
from perennial.events.rules.reasons import Fault, Reason
from perennial.events.rules.segment import SHORT_FORMS
from perennial.events.rules.settings import IntakeSettings

__all__ = ["Normalised", "Rejected", "SourceRules", "normalise"]

_KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.DAILY)
_UNKNOWN: Final = len(_KINDS)
_CODES: Final = {word: code for code, word in enumerate(_KINDS)}
_CODES.update({short: _CODES[kind] for short, kind in SHORT_FORMS.items()})
_FIELDS: Final = {  # as clients call them
    "event": "event",
    "message_id": "messageId",
    "anonymous_id": "anonymousId",
    "user_id": "userId",
    "previous_id": "previousId",
    "group_id": "groupId",
    "context_group_id": "context.groupId",
}
_KIND_WORDS: Final = pa.array([*_KINDS, None], pa.string())


@dataclass(frozen=True, slots=True)
class Normalised:
    """`table` in the shape of STAGED; items that came = its rows + the rejects."""

    table: pa.Table
    rejects: list[Rejected]


@dataclass(frozen=True, slots=True)
class _Said:
    """Who and what, as columns of texts; and the kinds as codes."""

    kinds: NDArray[np.int64]
    columns: Mapping[str, pa.Array]

    def of(self, *kinds: Kind) -> NDArray[np.bool_]:
        return np.isin(self.kinds, [_CODES[kind.value] for kind in kinds])

    def given(self, *names: str) -> NDArray[np.bool_]:
        """Where at least one of the columns is given."""
        found = np.zeros(len(self.kinds), dtype=bool)
        for name in names:
            found |= self.columns[name].is_valid().to_numpy(zero_copy_only=False)
        return found


def normalise(
    frames: Iterable[tuple[str, Frame]],
    *,
    sources: Mapping[int, SourceRules],
    settings: IntakeSettings,
) -> Normalised:
    """The items of accepted requests, given with their places in the inbox.

    An item without an id gets one made of its place, so that reading it again makes the same.
    Never raises for anything that a client can send.
    """
    came = read(frames, sources)
    counts = np.array(came.counts, dtype=np.int64)
    of_frame = np.repeat(np.arange(len(counts)), counts)
    said = _said(came)
    _judge(came, said)
    told = _times(came, of_frame, settings)
    columns = {
        "position": pa.array(np.arange(len(came.items)), pa.int64()),
        **_origin(came, of_frame, sources),
        **said.columns,
        "kind": _KIND_WORDS.take(pa.array(said.kinds)),
        **told,
        "value": pa.array(np.ones(len(came.items))),
        "properties": properties_of(came, report=came.report),
        "traits": traits_of(came, said.of(Kind.IDENTIFY, Kind.GROUP), report=came.report),
        "bot": _bots(came, of_frame, said, settings),
    }
    columns["product"] = products_of(came, columns["properties"], columns["product"])
    columns["message_id"] = texts.message_ids(said.columns["message_id"], came.place)
    event = pa.array(said.of(Kind.TRACK, Kind.SYSTEM))
    columns["event"] = pc.if_else(event, columns["event"], columns["kind"])
    table = pa.table({name: columns[name] for name in STAGED.names}).cast(STAGED)
    if came.faults:
        good = np.ones(len(came.items), dtype=bool)
        good[list(came.faults)] = False
        table = table.filter(pa.array(good))
    return Normalised(table, rejects_of(came, sources))


def _said(came: Read) -> _Said:
    items = came.items
    contexts = [item.context for item in items]
    columns: dict[str, Sequence[Any]] = {
        "event": [item.event for item in items],
        "message_id": [item.message_id for item in items],
        "anonymous_id": [item.anonymous_id for item in items],
        "user_id": [item.user_id for item in items],
        "previous_id": [item.previous_id for item in items],
        "group_id": [item.group_id for item in items],
        "context_group_id": [it and it.group_id for it in contexts],
    }
    return _Said(
        _kinds(came),
        {
            name: texts.texts(values, field=_FIELDS[name], nul=came.nul, report=came.report)
            for name, values in columns.items()
        },
    )


def _kinds(came: Read) -> NDArray[np.int64]:
    words = [item.type for item in came.items]
    if not set(map(type, words)) <= {str, type(None)}:
        words = [word if isinstance(word, str) else repr(word) for word in words]
    codes = np.array([_CODES.get(word, _UNKNOWN) for word in words], dtype=np.int64)
    for at in np.flatnonzero(codes == _UNKNOWN).tolist():
        word = came.items[at].type
        if word is None or word == "":
            came.report(at, Fault(Reason.NO_TYPE))
        else:
            came.report(at, Fault(Reason.UNKNOWN_TYPE, {"type": str(word)[:60]}))
    return codes


def _judge(came: Read, said: _Said) -> None:
    """What an item of its kind must say."""
    named = said.of(Kind.TRACK, Kind.SYSTEM) & ~said.given("event")
    alias = said.of(Kind.ALIAS) & ~(said.given("user_id") & said.given("previous_id"))
    group = said.of(Kind.GROUP) & ~said.given("group_id")
    person = said.given("user_id", "anonymous_id")
    nobody = ~person & ~said.given("group_id", "context_group_id") & ~said.of(Kind.SYSTEM)
    nobody |= said.of(Kind.IDENTIFY) & ~person
    for where, reason in (
        (named, Reason.NO_EVENT),
        (alias, Reason.NO_PREVIOUS),
        (group, Reason.NO_GROUP),
        (nobody, Reason.NO_ID),
    ):
        for at in np.flatnonzero(where).tolist():
            came.report(at, Fault(reason))


def _origin(
    came: Read, of_frame: NDArray[np.int64], sources: Mapping[int, SourceRules]
) -> dict[str, pa.Array]:
    rules = [sources[frame.source] for _, frame in came.frames]
    at = pa.array(of_frame)
    return {
        "source": pa.array([rule.name for rule in rules], pa.string()).take(at),
        "claimed": pa.array([rule.claimed for rule in rules], pa.bool_()).take(at),
        "product": pa.array([rule.product or None for rule in rules], pa.string()).take(at),
    }


def _times(
    came: Read, of_frame: NDArray[np.int64], settings: IntakeSettings
) -> dict[str, pa.Array]:
    stated = [it.timestamp for it in came.items]
    given = [it.original_timestamp for it in came.items]
    told = [mine if mine is not None else its for mine, its in zip(stated, given, strict=True)]
    received = np.array([frame.received_us for _, frame in came.frames], dtype=np.int64)[of_frame]
    original = moments.read(told)
    for at in np.flatnonzero(original == moments.NONE).tolist():
        if told[at] is not None and told[at] != "":
            came.report(at, Fault(Reason.BAD_TIMESTAMP, {"value": str(told[at])[:60]}))
    sent = moments.read([item.sent_at for item in came.items])
    # A timestamp beside the client's own time is the caller's word, or another server has
    # corrected it already: it stands.
    other = moments.read(given)
    trusted = np.where((other == moments.NONE) | (other == original), sent, moments.NONE)
    happened = moments.happened(original, trusted, received, settings)
    return {
        "original_at": moments.column(original),
        "sent_at": moments.column(sent),
        "received_at": moments.column(received),
        "ts": moments.column(happened.moments),
        "clock": happened.clocks,
    }


def _bots(
    came: Read, of_frame: NDArray[np.int64], said: _Said, settings: IntakeSettings
) -> pa.Array:
    agents = [bots.matches(frame.agent, settings.bot_agents) for _, frame in came.frames]
    found = np.array(agents, dtype=bool)[of_frame]
    named = [it.context and it.context.user_agent for it in came.items]
    if not set(map(type, named)) <= {type(None)}:
        for at, agent in enumerate(named):
            if isinstance(agent, str) and bots.matches(agent, settings.bot_agents):
                found[at] = True
    for name in ("user_id", "anonymous_id"):
        ids = said.columns[name].dictionary_encode()
        fits = pc.match_substring_regex(ids.dictionary, settings.bot_people).fill_null(False)
        if pc.any(fits).as_py():
            found |= fits.take(ids.indices).fill_null(False).to_numpy(zero_copy_only=False)
    return pa.array(found, pa.bool_())
