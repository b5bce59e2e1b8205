"""The one door to the analytical store (`HOME/store`): snapshots, sessions, commits."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa

from perennial.events.store.engine import Engine, Session, identifier
from perennial.events.store.schema import is_checkpoint_near, upgraded
from perennial.events.store.tables import HEALTH_HISTORY, TABLES
from perennial.events.store.versions import Versions
from perennial.events.store.writing import Change, plan_files
from perennial.units.errors import Busy

WAIT_SECONDS = 600.0


class Store(Versions):
    """Delta tables in a folder. Cheap to open; one per process and folder is enough.

    Readers see the last committed version and never wait; writers take turns (`writing`).
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.scratch = path / "scratch"
        self._engine: Engine | None = None

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
            version = self.snapshot(name).version
            if is_checkpoint_near(version) and version >= 0:
                self.keep_digest(name)
            delta = upgraded(self.delta(name) or self.create(change.table), change.table)
            change.commit(delta, days=days, transactions=transactions or {}, facts=facts or {})
            now = self.snapshot(name).version
            if self.sync_log(name, first=version + 1, last=now):
                delta.cleanup_metadata()  # a durable checkpoint stands for the older entries
            return now

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
        """Write scores of whole days. A row of the same day, customer, profile and version is
        replaced; other rows of these days stay in the history and no longer stand."""
        days = sorted(set(table.column("day").unique().to_pylist()))
        with self.writing(), self.session() as session:
            session.offer("scores", table)
            change = self.change("health_history", session)
            before = self.snapshot("health_history")
            files = before.between(days[0], days[-1])
            columns = ", ".join(identifier(it) for it in before.table.columns[:-1])
            others = (
                f"SELECT {columns}, coalesce(replaced_on, day) AS replaced_on "
                f"FROM ({before.sql(files)}) WHERE day IN (SELECT day FROM scores) AND "
                "(day, customer, profile, version) NOT IN "
                "(SELECT (day, customer, profile, version) FROM scores)"
            )
            counts = session.rows("SELECT day, count(*) FROM scores GROUP BY day")
            self.replace_days(
                change,
                lambda first, last: (
                    f"SELECT * FROM (FROM scores UNION ALL BY NAME {others}) "
                    f"WHERE day BETWEEN '{first}' AND '{last}'"
                ),
                counts=counts,
            )
            self.commit(change, days=days)


def _days_where(first_on: date | None, last_on: date | None) -> str:
    limits = []
    if first_on is not None:
        limits.append(f"day >= '{first_on.isoformat()}'")
    if last_on is not None:
        limits.append(f"day <= '{last_on.isoformat()}'")
    return f" WHERE {' AND '.join(limits)}" if limits else ""
