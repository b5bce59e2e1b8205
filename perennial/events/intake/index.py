"""The index of fingerprints of a store: opened, made anew when it is missing, kept up.

It is derived from the store. Imports do not write it; the loader reads what they brought from
their commits, so that an import costs nothing and its events are known here all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from perennial.events.intake.fingerprints import EVER, Index, fingerprints
from perennial.events.store import File, Session, Store, literal

FOLDER: Final = "fingerprints"
_STATE: Final = "state.json"
_indexes: dict[str, Index] = {}


def open_index(store: Store, session: Session, *, zone: ZoneInfo, horizon: int) -> Index:
    """The index of this store, which knows every commit but the loader's own from then on."""
    folder = store.path / FOLDER
    index = _indexes.setdefault(str(folder), Index(folder))
    version = store.snapshot("events").version
    known = _known_version(store)
    if known == version:
        return index
    imported = None if known is None or known > version else store.imported_since("events", known)
    if imported is None:
        for run in index.runs():
            run.path.unlink()
        _feed(index, store, session, store.snapshot("events").files, zone=zone, horizon=horizon)
    elif imported:
        files = [
            file
            for file in store.snapshot("events").files
            if file.first_batch is not None
            and any(file.first_batch <= it <= (file.last_batch or 0) for it in imported)
        ]
        _feed(
            *(index, store, session, files),
            zone=zone,
            horizon=horizon,
            where=f"batch IN ({', '.join(map(str, sorted(imported)))})",
        )
    _remember_version(store, version)
    return index


def _known_version(store: Store) -> int | None:
    try:
        return int(json.loads((store.path / FOLDER / _STATE).read_text(encoding="utf-8"))["events"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _remember_version(store: Store, version: int) -> None:
    """Not made durable: an older one only makes the next load look at more of the log."""
    folder = store.path / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / (_STATE + ".new")
    new.write_text(json.dumps({"events": version}), encoding="utf-8")
    new.replace(folder / _STATE)


def _feed(
    index: Index,
    store: Store,
    session: Session,
    files: Iterable[File],
    *,
    zone: ZoneInfo,
    horizon: int,
    where: str = "true",
) -> None:
    """Add what files hold, one file at a time: memory stays bounded."""
    snapshot = store.snapshot("events")
    oldest = datetime.now(zone).date() - timedelta(days=horizon)
    sent = f"timezone({literal(zone.key)}, coalesce(original_at, ts))::DATE"
    for file in files:
        found = session.table(
            "SELECT source, message_id, day, received_on, "
            f"original_at IS NOT NULL AND {sent} <> day AS moved "
            f"FROM ({snapshot.sql((file,))}) WHERE replaced_on IS NULL AND ({where}) "
            f"AND (moved OR received_on >= DATE '{oldest}')"
        )
        if not found.num_rows:
            continue
        names = found.column("source").combine_chunks().dictionary_encode()
        ids = b"".join(found.column("message_id").to_pylist())
        codes = names.indices.to_numpy().astype(np.int64)
        prints = fingerprints(names.dictionary.to_pylist(), codes, ids)
        day = found.column("day").cast("int32").to_numpy().astype(np.int64)
        came = found.column("received_on").cast("int32").to_numpy().astype(np.int64)
        moved = found.column("moved").to_numpy()
        name = file.path.rpartition("/")[2].removesuffix(".parquet")
        index.add(name, prints[moved], day[moved], arrived=(EVER, EVER))
        if (usual := ~moved).any():
            arrived = (int(came[usual].min()), int(came[usual].max()))
            index.add(name, prints[usual], day[usual], arrived=arrived)
