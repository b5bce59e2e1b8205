"""The one door to the analytical store (`HOME/store`): snapshots, sessions, commits."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from deltalake import DeltaTable, Schema

from perennial.events.store.engine import Engine, Session, identifier
from perennial.events.store.snapshot import File, Snapshot, read_snapshot
from perennial.events.store.tables import TABLES, Table
from perennial.events.store.writing import Change, decode_days, plan_files
from perennial.units.errors import Busy

WAIT_SECONDS = 600.0
KEEP_HOURS = 24  # readers of an older version finish within this time
SMALL_FILES = 8  # a month with more undersized files than this is compacted


class Store:
    """Delta tables in a folder. Cheap to open; one per process and folder is enough.

    Readers see the last committed version and never wait; writers take turns (`writing`).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scratch = path / "scratch"
        self._guard = threading.RLock()
        self._engine: Engine | None = None
        self._deltas: dict[str, DeltaTable] = {}
        self._snapshots: dict[str, Snapshot] = {}

    # Reading

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of the engine."""
        with self._guard:
            if self._engine is None:
                self.scratch.mkdir(parents=True, exist_ok=True)
                self._engine = Engine(self.scratch / f"engine-{os.getpid()}")
        session = self._engine.session()
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def reading(
        self, *tables: str, first_on: date | None = None, last_on: date | None = None
    ) -> Iterator[Session]:
        """A session with a view per table name, limited to the days [first_on, last_on]."""
        with self.session() as session:
            for name in tables:
                snapshot = self.snapshot(name)
                session.run(
                    f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS "
                    f"SELECT * FROM ({snapshot.sql(snapshot.between(first_on, last_on))})"
                    f"{_days_where(first_on, last_on)}"
                )
            yield session

    def snapshot(self, name: str) -> Snapshot:
        """The file list of a table's last version, cached until there is a newer one."""
        with self._guard:
            known = self._snapshots.get(name)
            if known is not None and known.version >= 0:
                newer = self._log(name) / f"{known.version + 1:020}.json"
                if not newer.exists():
                    return known
            table, folder = TABLES[name], self.path / name
            delta = self._delta(name)
            self._snapshots[name] = read_snapshot(table, folder, delta)
            return self._snapshots[name]

    def consumed(self, name: str, application: str) -> int:
        """The last version that an application recorded in a table's commits; -1 if none."""
        delta = self._delta(name)
        found = delta.transaction_version(application) if delta else None
        return -1 if found is None else int(found)

    def changed_days(self, name: str, *, since: int) -> set[date] | None:
        """The days touched by commits after a version; None when the log does not reach back."""
        days: set[date] = set()
        for version in range(max(since, 0) + 1, self.snapshot(name).version + 1):
            written = self._written(name, version)
            if written is None:
                return None
            days |= decode_days(written["days"])
        return days

    def facts(self, name: str, *, application: str) -> dict[str, int] | None:
        """The figures of the commit in which an application was recorded, if it is still known."""
        for version in range(self.snapshot(name).version, 0, -1):
            written = self._written(name, version)
            if written is not None and application in written["applications"]:
                return dict(written["facts"])
        return None

    # Writing

    @contextmanager
    def writing(self, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Hold the writers' lock; the system frees it when a process dies."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "writer.lock").open("w") as handle:
            until = time.monotonic() + wait_seconds
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        raise Busy(
                            "Another process is writing to the analytical store.", code="store_busy"
                        ) from None
                    time.sleep(0.05)
            yield

    def change(self, name: str, session: Session) -> Change:
        """Begin a change of a table (under `writing`)."""
        return Change(TABLES[name], self.path / name, session)

    def commit(
        self,
        change: Change,
        *,
        days: Iterable[date],
        transactions: Mapping[str, int] | None = None,
        facts: Mapping[str, int] | None = None,
    ) -> int:
        """Make a change visible, atomically; the table's new version."""
        name = change.table.name
        with self._guard:
            delta = self._delta(name) or self._create(change.table)
            change.commit(delta, days=days, transactions=transactions or {}, facts=facts or {})
            return self.snapshot(name).version

    def replace_days(
        self,
        name: str,
        select: str,
        *,
        days: set[date],
        session: Session,
        transactions: Mapping[str, int] | None = None,
    ) -> int:
        """Put the rows of a SELECT in the place of whole days, in one commit; rows written.

        Days of the set for which the SELECT has no rows end up empty.
        """
        change = self.change(name, session)
        self.replace_in(change, select, days=days)
        self.commit(change, days=days, transactions=transactions)
        return change.rows

    def replace_in(self, change: Change, select: str, *, days: set[date]) -> None:
        """The work of `replace_days` without its commit: files that hold other days, too, are
        written anew with those days kept."""
        if not days:
            return
        table, session = change.table, change.session
        snapshot = self.snapshot(table.name)
        session.run("CREATE OR REPLACE TEMP TABLE replaced_days (day DATE)")
        session.run("INSERT INTO replaced_days SELECT unnest($1::DATE[])", [sorted(days)])
        touched = tuple(
            file
            for file in snapshot.between(min(days), max(days))
            if any(file.first_on <= day <= file.last_on for day in days)
        )
        kept = snapshot.sql(touched)
        both = (
            f"SELECT * FROM ({kept}) WHERE day NOT IN (FROM replaced_days) "
            f"UNION ALL BY NAME SELECT * FROM ({select})"
        )
        counts = session.rows(f"SELECT day, count(*) FROM ({both}) GROUP BY day")
        for first, last in plan_files(counts, file_rows=table.file_rows):
            change.add(
                f"SELECT * FROM ({both}) WHERE day BETWEEN '{first}' AND '{last}'",
                month=first.replace(day=1),
            )
        for file in touched:
            change.remove(file)

    def compact(self, name: str) -> int:
        """Rewrite months that lie in many small files; how many files went away."""
        before = len(self.snapshot(name).files)
        with self.writing(), self.session() as session:
            snapshot = self.snapshot(name)
            change = self.change(name, session)
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
                self.commit(change, days=())  # the same rows: nobody need look again
        return before - len(self.snapshot(name).files)

    def sweep(self, *, keep_hours: int = KEEP_HOURS) -> int:
        """Delete what no reader needs any more: replaced files, orphans of a kill, old scratch."""
        with self.writing():
            gone = 0
            for name in TABLES:
                delta = self._delta(name)
                if delta is not None:
                    gone += len(
                        delta.vacuum(
                            retention_hours=keep_hours,
                            dry_run=False,
                            enforce_retention_duration=False,
                            full=True,
                        )
                    )
            for left in self.scratch.glob("*-*"):
                if not _alive(left.name.rpartition("-")[2]):
                    shutil.rmtree(left, ignore_errors=True)
                    gone += 1
        return gone

    # Inside

    def _log(self, name: str) -> Path:
        return self.path / name / "_delta_log"

    def _delta(self, name: str) -> DeltaTable | None:
        with self._guard:
            delta = self._deltas.get(name)
            if delta is not None:
                if (self._log(name) / f"{delta.version() + 1:020}.json").exists():
                    delta.update_incremental()
                return delta
            if not self._log(name).is_dir() or not DeltaTable.is_deltatable(str(self.path / name)):
                return None
            return self._deltas.setdefault(name, DeltaTable(self.path / name))

    def _create(self, table: Table) -> DeltaTable:
        folder = self.path / table.name
        folder.mkdir(parents=True, exist_ok=True)
        delta = DeltaTable.create(
            folder,
            schema=Schema.from_arrow(table.schema),
            mode="ignore",
            partition_by=["month"],
            configuration={"delta.checkpointInterval": "20"},
        )
        return self._deltas.setdefault(table.name, delta)

    def _written(self, name: str, version: int) -> dict[str, object] | None:
        """What `Change.commit` noted in a version; None when its log entry is gone."""
        entry = self._log(name) / f"{version:020}.json"
        try:
            lines = [json.loads(line) for line in entry.read_text().splitlines() if line]
        except FileNotFoundError:
            return None
        noted: dict[str, object] = {"days": [], "facts": {}, "applications": set()}
        for line in lines:
            if "commitInfo" in line:
                noted |= line["commitInfo"].get("perennial", {})
            elif "txn" in line:
                noted["applications"].add(line["txn"]["appId"])
        return noted


def _days_where(first_on: date | None, last_on: date | None) -> str:
    limits = []
    if first_on is not None:
        limits.append(f"day >= '{first_on.isoformat()}'")
    if last_on is not None:
        limits.append(f"day <= '{last_on.isoformat()}'")
    return f" WHERE {' AND '.join(limits)}" if limits else ""


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
