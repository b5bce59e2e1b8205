"""The one door to the analytical store (`HOME/store`): snapshots, sessions, commits."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, Schema

from perennial.events.store.commits import Digest, entry, read_digest, read_note
from perennial.events.store.engine import Engine, Session, identifier, named_errors
from perennial.events.store.schema import CONFIGURATION, upgraded
from perennial.events.store.snapshot import Snapshot, read_snapshot
from perennial.events.store.tables import HEALTH_HISTORY, TABLES, Table
from perennial.events.store.writing import Change, plan_files
from perennial.units.errors import Busy

WAIT_SECONDS = 600.0
DIGEST_EVERY = 64  # versions; the log is kept far longer than so many take


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
        self._seen: dict[str, int] = {}  # when the folder of a table's log last changed, ns
        self._digests: dict[str, Digest] = {}

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
        self,
        *tables: str,
        first_on: date | None = None,
        last_on: date | None = None,
        known_by: date | None = None,
    ) -> Iterator[Session]:
        """A session with a view per table name, limited to the days [first_on, last_on].

        Rows are those that stood at the end of the day `known_by`; None: those that stand now.
        """
        with self.session() as session:
            for name in tables:
                snapshot = self.snapshot(name)
                files = snapshot.between(first_on, last_on)
                session.run(
                    f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS "
                    f"SELECT * FROM ({snapshot.standing(files, known_by=known_by)})"
                    f"{_days_where(first_on, last_on)}"
                )
            yield session

    def snapshot(self, name: str) -> Snapshot:
        """The file list of a table's last version, cached until there is a newer one."""
        with self._guard:
            delta, known = self.delta(name), self._snapshots.get(name)
            version = -1 if delta is None else delta.version()
            if known is None or known.version != version:
                known = read_snapshot(TABLES[name], self.path / name, delta)
                self._snapshots[name] = known
            return known

    def consumed(self, name: str, application: str) -> int:
        """The last version that an application recorded in a table's commits; -1 if none."""
        delta = self.delta(name)
        found = delta.transaction_version(application) if delta else None
        return -1 if found is None else int(found)

    def changed_days(self, name: str, *, since: int) -> set[date] | None:
        """The days touched by commits after a version; None when nobody knows any more."""
        with self._guard:
            return self._digest(name).since(max(since, 0))

    def last_change(self, name: str) -> int:
        """The last version that changed what a table says; files merged since are no change."""
        with self._guard:
            digest = self._digest(name)
            return max(digest.touched.values(), default=digest.first)

    def facts(self, name: str, *, application: str) -> dict[str, int] | None:
        """The figures of the commit in which an application was recorded, if still known."""
        for version in range(self.snapshot(name).version, 0, -1):
            note = read_note(self._log(name), version)
            if note is not None and application in note.applications:
                return dict(note.facts)
        return None

    def imported_since(self, name: str, version: int) -> set[int] | None:
        """The imports (their batches) committed after a version; None when the log is cleaned."""
        batches: set[int] = set()
        for number in range(version + 1, self.snapshot(name).version + 1):
            note = read_note(self._log(name), number)
            if note is None:
                return None
            imports = (it for it in note.applications if it.startswith("import:"))
            batches |= {int(it.removeprefix("import:")) for it in imports}
        return batches

    def has_batch(self, batch: int) -> int | None:
        """How many events an import committed; None when it never did."""
        application = f"import:{batch}"
        if self.consumed("events", application) < 0:
            return None
        return (self.facts("events", application=application) or {}).get("added", 0)

    def event_batches(
        self, *, received_by: date | None = None, customers: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All events, month by month in bounded portions, with the columns of the events table.

        `received_by` includes its day: rows as they were known at its end; `customers` are
        external ids.
        """
        snapshot = self.snapshot("events")
        theirs = "" if customers is None else " WHERE customer IN (SELECT unnest($1::VARCHAR[]))"
        parameters = [] if customers is None else [list(customers)]
        for file in snapshot.files:
            sql = f"SELECT * FROM ({snapshot.standing((file,), known_by=received_by)}){theirs}"
            with self.session() as session:
                yield from session.batches(sql, parameters)

    def health(
        self,
        *,
        from_on: date,
        to_on: date,
        customers: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """Score history of the days [from_on, to_on], both included; all columns by default."""
        chosen = ", ".join(identifier(name) for name in columns or HEALTH_HISTORY.columns)
        with self.reading("health_history", first_on=from_on, last_on=to_on) as session:
            if customers is None:
                return session.table(f"SELECT {chosen} FROM health_history ORDER BY day, customer")
            return session.table(
                f"SELECT {chosen} FROM health_history "
                "WHERE customer IN (SELECT unnest($1::VARCHAR[])) ORDER BY day, customer",
                [list(customers)],
            )

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
            delta = upgraded(self.delta(name) or self._create(change.table), change.table)
            change.commit(delta, days=days, transactions=transactions or {}, facts=facts or {})
            version = self.snapshot(name).version
            if version % DIGEST_EVERY == 0:
                self._digest(name).write(self._digest_path(name))
            return version

    def replace_days(
        self,
        change: Change,
        select: Callable[[date, date], str],
        *,
        counts: Sequence[tuple[date, int]],
    ) -> None:
        """Let a change put new rows in the place of whole days.

        `counts` names the days and about how many rows each brings; `select(first, last)` is
        SQL that yields the rows of just these days in [first, last]. Other days of the files
        concerned are kept. Work goes run of days by run of days, in bounded memory.
        """
        session, table = change.session, change.table
        days = {day for day, _ in counts}
        if not days:
            return
        snapshot = self.snapshot(table.name)
        touched = tuple(
            file
            for file in snapshot.between(min(days), max(days))
            if any(file.first_on <= day <= file.last_on for day in days)
        )
        session.run("CREATE OR REPLACE TEMP TABLE replaced (day DATE)")
        session.run("INSERT INTO replaced SELECT unnest($1::DATE[])", [sorted(days)])
        kept = f"FROM ({snapshot.sql(touched)}) WHERE day NOT IN (FROM replaced)"
        keeping = session.rows(f"SELECT day, count(*) {kept} GROUP BY day")
        for first, last in plan_files([*counts, *keeping], file_rows=table.file_rows):
            span = f"day BETWEEN '{first}' AND '{last}'"
            rest = f" UNION ALL BY NAME SELECT * {kept} AND {span}" if keeping else ""
            change.add(f"SELECT * FROM ({select(first, last)}){rest}", month=first.replace(day=1))
        for file in touched:
            change.remove(file)

    def append_health(self, table: pa.Table) -> None:
        """Write scores; they replace what the history holds of the days in the table."""
        days = set(table.column("day").unique().to_pylist())
        with self.writing(), self.session() as session:
            session.offer("scores", table)
            change = self.change("health_history", session)
            counts = session.rows("SELECT day, count(*) FROM scores GROUP BY day")
            self.replace_days(
                change,
                lambda first, last: f"FROM scores WHERE day BETWEEN '{first}' AND '{last}'",
                counts=counts,
            )
            self.commit(change, days=days)

    # Inside

    def _log(self, name: str) -> Path:
        return self.path / name / "_delta_log"

    def _digest_path(self, name: str) -> Path:
        return self.path / name / "_digest.json"  # Delta overlooks names that begin so

    def _digest(self, name: str) -> Digest:
        version = self.snapshot(name).version
        known = self._digests.get(name)
        if known is None or known.last > version:
            known = read_digest(self._digest_path(name))
        if known.last > version:  # of a table that was deleted
            known = Digest(0, 0, {})
        self._digests[name] = known.up_to(version, log=self._log(name))
        return self._digests[name]

    def delta(self, name: str) -> DeltaTable | None:
        """The table at its last version; None when it is not there yet."""
        log = self._log(name)
        with self._guard:
            try:
                changed = log.stat().st_mtime_ns
            except FileNotFoundError:  # not yet made, or deleted, to be rebuilt
                for known in (self._deltas, self._snapshots, self._digests, self._seen):
                    known.pop(name, None)
                return None
            delta = self._deltas.get(name)
            with named_errors():
                if delta is not None and entry(log, delta.version() + 1).exists():
                    delta.update_incremental()
                elif delta is None or (
                    self._seen.get(name) != changed and not entry(log, delta.version()).exists()
                ):  # new to us, or so old that the log was cleaned since
                    if not DeltaTable.is_deltatable(str(self.path / name)):
                        return None
                    delta = self._deltas[name] = DeltaTable(self.path / name)
            self._seen[name] = changed
            return delta

    def _create(self, table: Table) -> DeltaTable:
        folder = self.path / table.name
        folder.mkdir(parents=True, exist_ok=True)
        delta = DeltaTable.create(
            folder,
            schema=Schema.from_arrow(table.schema),
            mode="ignore",
            partition_by=["month"],
            configuration=CONFIGURATION,
        )
        return self._deltas.setdefault(table.name, delta)


def _days_where(first_on: date | None, last_on: date | None) -> str:
    limits = []
    if first_on is not None:
        limits.append(f"day >= '{first_on.isoformat()}'")
    if last_on is not None:
        limits.append(f"day <= '{last_on.isoformat()}'")
    return f" WHERE {' AND '.join(limits)}" if limits else ""
