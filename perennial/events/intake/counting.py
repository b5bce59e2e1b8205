"""What a load says to the database: hours, names, rejects, traits; once per load.

It is gathered before the commit and kept in a file beside the manifest, so that a load that was
killed after its commit still tells it all.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa
from django.db import connection, transaction
from django.db.models import F

from perennial.events.intake.rejected import Rejected
from perennial.events.intake.traits import keep_traits
from perennial.events.models import EventName, IntakeHour, Reject, Source
from perennial.events.rules.kinds import COUNTED, Kind
from perennial.events.rules.reasons import Reason
from perennial.events.store import Session
from perennial.team.models import InstallationFact
from perennial.units.durable import sync_folder

FILE: Final = "loading.facts"
FACT: Final = "inbox_load"  # the last load whose facts are in the database
REJECTS_KEPT: Final = 1_000  # of a load and source; the rest is counted
REJECTS_AT_MOST: Final = 20_000  # of a source; the oldest go
NAMES_AT_MOST: Final = 5_000  # of a source: more are no names
_DAY_SECONDS: Final = 86_400
_COUNTED: Final = ", ".join(f"'{kind}'" for kind in sorted(COUNTED))
_HOUR_US: Final = 3_600_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TRAITS: Final = (
    *("position", "kind", "source", "claimed", "person", "customer", "user_id"),
    *("anonymous_id", "traits", "ts", "received_at"),
)
_COUNTS: Final = (
    *("accepted", "duplicates", "rejected", "unattributed", "clamped", "bots"),
    *("lag_seconds", "late"),
)


class Hour(msgspec.Struct):
    """An hour of arrival of a source (by name); `hour` counts from 1970."""

    source: str
    hour: int
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    unattributed: int = 0
    clamped: int = 0
    bots: int = 0
    lag_seconds: float = 0
    late: int = 0


class Kept(msgspec.Struct):
    """A reject as it goes to the database."""

    source: int
    received_us: int
    reason: str
    params: dict[str, str]
    body: str
    whole: bool
    place: str


class Facts(msgspec.Struct):
    """All that one load says to the database. `names` are (source, name, first, last day)."""

    number: int
    hours: list[Hour]
    names: list[tuple[str, str, date, date]]
    rejects: list[Kept]
    traits: bytes  # Arrow, columns _TRAITS
    damaged: list[str]

    def write(self, inbox: Path) -> None:
        """Keep them, durably."""
        new = inbox / (FILE + ".new")
        with new.open("wb") as handle:
            handle.write(msgspec.msgpack.encode(self))
            handle.flush()
            os.fsync(handle.fileno())
        new.replace(inbox / FILE)
        sync_folder(inbox)


def read_facts(inbox: Path, *, number: int) -> Facts | None:
    """The facts of a load; None when they were not kept."""
    try:
        found = msgspec.msgpack.decode((inbox / FILE).read_bytes(), type=Facts)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    return found if found.number == number else None


def forget_facts(inbox: Path) -> None:
    (inbox / FILE).unlink(missing_ok=True)


def gather(
    session: Session,
    *,
    number: int,
    attributed: str,
    copies: pa.Table,
    rejects: Sequence[Rejected],
    names: Mapping[int, str],
    damaged: Sequence[str],
) -> Facts:
    """The facts of a load: of a table of attributed rows in the session, of the items left out
    as copies, and of the rejects. `names` are those of the sources by key."""
    session.offer("copies", copies)
    hours = {(it.source, it.hour): it for it in _hours(session, attributed)}
    for reject in rejects:
        where = (names[reject.source], reject.received_us // _HOUR_US)
        hours.setdefault(where, Hour(*where)).rejected += 1
    seen = session.rows(
        "SELECT source, event, min(received_on), max(received_on) "
        f"FROM {attributed} WHERE kind IN ({_COUNTED}) GROUP BY ALL ORDER BY ALL"
    )
    traits = session.table(
        f"SELECT {', '.join(_TRAITS)} FROM {attributed} "
        f"WHERE traits IS NOT NULL OR kind = '{Kind.GROUP}' ORDER BY position"
    )
    return Facts(
        number,
        sorted(hours.values(), key=lambda it: (it.source, it.hour)),
        seen,
        _bounded(rejects),
        _packed(traits),
        list(damaged),
    )


def _hours(session: Session, attributed: str) -> list[Hour]:
    lag = "greatest(epoch_us(received_at) - epoch_us(ts), 0) / 1e6"
    rows = session.rows(f"""
        SELECT source, epoch_us(received_at) // {_HOUR_US} AS hour,
            count(*) FILTER (NOT copy) AS accepted, count(*) FILTER (copy) AS duplicates, 0,
            count(*) FILTER (NOT copy AND customer IS NULL AND kind <> 'system') AS unattributed,
            count(*) FILTER (clock = 'clamped') AS clamped, count(*) FILTER (bot) AS bots,
            coalesce(sum({lag}) FILTER (NOT copy), 0)::DOUBLE AS lag_seconds,
            count(*) FILTER (NOT copy AND {lag} > {_DAY_SECONDS}) AS late
        FROM (
            SELECT source, received_at, ts, customer, kind, clock, bot, false AS copy
            FROM {attributed}
            UNION ALL BY NAME
            SELECT source, received_at, ts, true AS copy FROM copies)
        GROUP BY ALL""")
    return [Hour(*row) for row in rows]


def _bounded(rejects: Sequence[Rejected]) -> list[Kept]:
    """The first rejects of every source: a flood must not fill the database."""
    taken: Counter[int] = Counter()
    kept = []
    for it in sorted(rejects, key=lambda it: it.reason != Reason.ERASED):  # these are acted upon
        taken[it.source] += 1
        if taken[it.source] <= REJECTS_KEPT:
            params = {**it.params, "_route": it.route, "_sent_us": str(it.sent_us or "")}
            kept.append(
                Kept(it.source, it.received_us, it.reason, params, it.body, it.whole, it.place)
            )
    return kept


def _packed(table: pa.Table) -> bytes:
    if not table.num_rows:
        return b""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def last_recorded() -> int:
    """The last load whose facts are in the database; −1 when there is none."""
    found = InstallationFact.objects.filter(name=FACT).values_list("value", flat=True).first()
    return -1 if found is None else int(found)


def record(facts: Facts) -> None:
    """Put a load's facts into the database, unless they are there; durable when it returns."""
    if last_recorded() < facts.number:
        with _outliving_power_cuts(), transaction.atomic():
            _record(facts)


@contextmanager
def _outliving_power_cuts() -> Iterator[None]:
    """SQLite as we use it may forget the last commits in a power cut. What these facts were made
    of is deleted next, so that they must not be forgotten."""
    relaxed = connection.vendor == "sqlite" and not connection.in_atomic_block
    if relaxed:
        connection.cursor().execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        if relaxed:
            connection.cursor().execute("PRAGMA synchronous=NORMAL")


def _record(facts: Facts) -> None:
    sources: dict[str, int] = dict(Source.objects.values_list("name", "pk"))
    _record_hours(facts, sources)
    _record_names(facts)
    _record_rejects(facts, set(sources.values()))
    if facts.traits:
        keep_traits(pa.ipc.open_stream(facts.traits).read_all())
    InstallationFact.objects.update_or_create(name=FACT, defaults={"value": facts.number})


def _record_hours(facts: Facts, sources: Mapping[str, int]) -> None:
    for it in facts.hours:
        if it.source not in sources:
            continue
        counts = {name: getattr(it, name) for name in _COUNTS}
        hour, made = IntakeHour.objects.get_or_create(
            source_id=sources[it.source],
            hour_at=_EPOCH + timedelta(hours=it.hour),
            defaults={"last_load": facts.number, **counts},
        )
        if not made and hour.last_load < facts.number:
            added = {name: F(name) + count for name, count in counts.items()}
            IntakeHour.objects.filter(pk=hour.pk).update(last_load=facts.number, **added)


def _record_names(facts: Facts) -> None:
    for source in {source for source, *_ in facts.names}:
        known = {it.name: it for it in EventName.objects.filter(source=source)}
        fresh: list[EventName] = []
        for theirs, name, first_on, last_on in facts.names:
            row = known.get(name)
            if theirs != source:
                continue
            if row is None:
                if len(known) + len(fresh) < NAMES_AT_MOST:
                    fresh.append(
                        EventName(source=source, name=name, first_on=first_on, last_on=last_on)
                    )
            elif first_on < row.first_on or last_on > row.last_on:
                row.first_on, row.last_on = min(row.first_on, first_on), max(row.last_on, last_on)
                row.save(update_fields=["first_on", "last_on"])
        EventName.objects.bulk_create(fresh, ignore_conflicts=True)


def _record_rejects(facts: Facts, sources: set[int]) -> None:
    rows = [
        Reject(
            source_id=it.source,
            received_at=_EPOCH + timedelta(microseconds=it.received_us),
            reason=it.reason,
            params=it.params,
            body=it.body,
            whole=it.whole,
            place=it.place,
        )
        for it in facts.rejects
        if it.source in sources
    ]
    Reject.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    for source in {it.source_id for it in rows}:
        newest = Reject.objects.filter(source=source).order_by("-pk").values_list("pk", flat=True)
        for pk in newest[REJECTS_AT_MOST : REJECTS_AT_MOST + 1]:
            Reject.objects.filter(source=source, pk__lte=pk).delete()
