"""What is wrong with a home after kills: compares its store with what the clients wrote down.

Reads the store by itself, not through the code that is on trial.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from deltalake import DeltaTable

from tests.crash.crew import Crew

SOURCE = "web"
COUNTED = ("track", "page", "screen", "daily")
DAY_ZERO, ROUND = -25_567, 65_536  # of the fingerprints' files: docs/decisions/0006
HARMLESS = {"day_never_computed", "days_missed"}  # of doctor: the day was killed, too


def ids(notes: Path, kind: str) -> set[bytes]:
    """The ids that all clients together sent or had acknowledged."""
    data = b"".join(path.read_bytes() for path in notes.glob(f"{kind}-*"))
    return {data[at : at + 16] for at in range(0, len(data), 16)}


def stored(home: Path) -> duckdb.DuckDBPyRelation:
    """The events that stand now."""
    files = DeltaTable(home / "store" / "events").file_uris()
    return duckdb.read_parquet(files).filter("replaced_on IS NULL")


def wrongs(crew: Crew) -> list[str]:
    """Every sentence is a broken promise; the crew is at rest, and nothing waits."""
    return [*_of_ids(crew), *_of_counts(crew), *_of_fingerprints(crew), *_of_files(crew)]


def _of_ids(crew: Crew) -> Iterator[str]:
    sent, acked = ids(crew.notes, "sent"), ids(crew.notes, "acked")
    kept = Counter(bytes(it) for (it,) in stored(crew.home).select("message_id").fetchall())
    if lost := acked - kept.keys():
        yield f"{len(lost)} acknowledged ids are not in the store: {_some(lost)}"
    if invented := kept.keys() - sent:
        yield f"{len(invented)} ids in the store were never sent: {_some(invented)}"
    if twice := [it for it, count in kept.items() if count > 1]:
        yield f"{len(twice)} ids are in the store more than once: {_some(twice)}"


def _of_counts(crew: Crew) -> Iterator[str]:
    """The metric says per customer what stands in the store; so do the counts of the intake."""
    by_customer = dict(
        stored(crew.home)
        .filter(f"kind IN {COUNTED} AND NOT bot AND customer IS NOT NULL")
        .aggregate("customer, count(*)")
        .fetchall()
    )
    asked = ("metrics", "query", "event_count", "--grain", "month", "--from", 2025, "--to", 2027)
    figures: Counter[str] = Counter()
    for row in crew.ask(*asked):
        figures[row["customer"]] += int(row["value"])
    if dict(figures) != by_customer:
        yield f"event_count says {figures.total()}, the store {sum(by_customer.values())}"
    [(rows,)] = stored(crew.home).aggregate("count(*)").fetchall()
    with closing(sqlite3.connect(crew.home / "perennial.sqlite3")) as database:
        ((accepted,),) = database.execute("SELECT sum(accepted) FROM events_intakehour")
        ((sound,),) = database.execute("PRAGMA integrity_check")
    if accepted != rows:
        yield f"the intake counted {accepted} accepted items, the store holds {rows}"
    if sound != "ok":
        yield f"the database is damaged: {sound}"


def _of_fingerprints(crew: Crew) -> Iterator[str]:
    """The index knows every event's day: a copy that comes tomorrow is found."""
    rows = stored(crew.home).select("message_id, (day - DATE '1970-01-01')::BIGINT AS day")
    found = rows.fetchnumpy()
    prints = _fingerprints(b"".join(bytes(it) for it in found["message_id"]))
    wanted = set(zip(prints.tolist(), np.asarray(found["day"]).tolist(), strict=True))
    for path in (crew.home / "store" / "fingerprints").glob("*.run"):
        data = path.read_bytes()
        if len(data) % 10:
            yield f"{path.name} of the fingerprints is torn"
        entries = len(data) // 10
        known = np.frombuffer(data[: 8 * entries], "<u8").tolist()
        days = np.frombuffer(data[8 * entries : 10 * entries], "<u2").astype(np.int64) + DAY_ZERO
        wanted -= set(zip(known, days.tolist(), strict=True))
    if wanted:
        yield f"{len(wanted)} events are not in the index of fingerprints"


def _fingerprints(keys: bytes) -> Any:
    """splitmix64 over both halves of an id and its source, as docs/decisions/0006 has it."""
    halves = np.frombuffer(keys, "<u8").reshape(-1, 2)
    digest = hashlib.md5(SOURCE.encode(), usedforsecurity=False).digest()[:8]
    seed = np.uint64(int.from_bytes(digest, "little"))
    return _mixed(halves[:, 0] ^ _mixed(halves[:, 1] ^ seed))


def _mixed(number: Any) -> Any:
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return number ^ (number >> np.uint64(31))


def _of_files(crew: Crew) -> Iterator[str]:
    """No segment is damaged, nothing is left over, and doctor finds no problem."""
    left = [it.name for it in crew.inbox.glob("*") if it.suffix not in {".loaded", ".json"}]
    if left:
        yield f"left over in the inbox: {', '.join(sorted(left))}"
    for it in crew.ask("doctor", fine=(0, 1))["findings"]:
        if it["level"] == "problem" and it["code"] not in HARMLESS:
            yield f"doctor: {it['message']}"


def _some(those: set[bytes] | list[bytes]) -> str:
    return ", ".join(it.hex() for it in sorted(those)[:5])
