"""Keeping the store tidy: few large files, and none that nobody needs."""

from __future__ import annotations

import os
import shutil
from datetime import date

from perennial.events.store.door import Store
from perennial.events.store.engine import Session
from perennial.events.store.snapshot import File, Snapshot
from perennial.events.store.tables import TABLES
from perennial.events.store.versions import KEPT_FROM
from perennial.events.store.writing import plan_files

KEEP_HOURS = 24  # readers of an older version finish within this time
SMALL_FILES = 8  # a month with more undersized files than this is compacted
TIER = 8  # so many files of one size and day become one, while small commits go on
_TIER_ROWS = 500  # rows of the smallest size; each next one is TIER times as large


def compact(store: Store, name: str) -> int:
    """Rewrite months that lie in many small files; how many files went away."""
    before = len(store.snapshot(name).files)
    if not _scattered(store.snapshot(name)):
        return 0
    with store.writing(), store.session() as session:
        snapshot = store.snapshot(name)
        change = store.change(name, session)
        change.data_change = False
        for month, files in _scattered(snapshot).items():
            rows = snapshot.sql(files)
            counts = session.rows(f"SELECT day, count(*) FROM ({rows}) GROUP BY day")
            for first, last in plan_files(counts, file_rows=snapshot.table.file_rows):
                change.add(
                    f"SELECT * FROM ({rows}) WHERE day BETWEEN '{first}' AND '{last}'",
                    month=month,
                )
            for file in files:
                change.remove(file)
        if change.removed:
            store.commit(change, days=())  # the same rows: nobody need look again
    return before - len(store.snapshot(name).files)


def merge_small(store: Store, name: str, *, session: Session) -> int:
    """Merge files of about one size as small commits leave them; how many went away.

    Under `writing`, after each small commit: a row is rewritten a few times in all, and a day
    never has more than a few dozen files. Files of one day are merged by themselves.
    """
    snapshot = store.snapshot(name)
    groups: dict[tuple[object, ...], list[File]] = {}
    for file in snapshot.files:
        if file.rows < snapshot.table.file_rows:
            day = file.first_on if file.first_on == file.last_on else None
            groups.setdefault((file.month, day, _tier(file.rows)), []).append(file)
    change = store.change(name, session)
    change.data_change = False
    with change.discarded_on_error():
        for files in groups.values():
            if len(files) >= TIER:
                change.add(snapshot.sql(tuple(files)), month=files[0].month)
                for file in files:
                    change.remove(file)
    if change.removed:
        store.commit(change, days=())  # the same rows: nobody need look again
    return len(change.removed) - len(change.added)


def _tier(rows: int) -> int:
    tier = 0
    while rows > _TIER_ROWS:
        rows //= TIER
        tier += 1
    return tier


def drop_before(store: Store, name: str, first_on: date) -> int:
    """Take whole days before a day out of a table; how many rows went.

    Nothing derived from them changes: the days do not become dirty, and are never rebuilt.
    """
    if not any(file.first_on < first_on for file in store.snapshot(name).files):
        return 0
    with store.writing(), store.session() as session:
        change = store.change(name, session)
        old = [file for file in store.snapshot(name).files if file.first_on < first_on]
        for file in old:
            if file.last_on >= first_on:
                rows = store.snapshot(name).sql((file,))
                change.add(f"SELECT * FROM ({rows}) WHERE day >= '{first_on}'", month=file.month)
            change.remove(file)
        store.commit(change, days=(), transactions={KEPT_FROM: first_on.toordinal()})
    return sum(file.rows for file in old) - change.rows


def sweep(store: Store, *, keep_hours: int = KEEP_HOURS) -> int:
    """Delete what no reader needs any more: replaced files, orphans of a kill, old scratch."""
    gone = 0
    with store.writing():
        for name in TABLES:
            delta = store.delta(name)
            if delta is not None:
                store.keep_digest(name)
                gone += len(
                    delta.vacuum(
                        retention_hours=keep_hours,
                        dry_run=False,
                        enforce_retention_duration=False,
                        full=True,
                    )
                )
        for left in store.scratch.glob("*-*"):
            if not _alive(left.name.rpartition("-")[2]):
                shutil.rmtree(left, ignore_errors=True)
                gone += 1
    return gone


def _scattered(snapshot: Snapshot) -> dict[date, tuple[File, ...]]:
    """Months with too many undersized files, and those files."""
    months: dict[date, list[File]] = {}
    for file in snapshot.files:
        if file.rows < snapshot.table.file_rows:
            months.setdefault(file.month, []).append(file)
    return {month: tuple(files) for month, files in months.items() if len(files) > SMALL_FILES}


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
