"""The import itself: judge every row, keep what is new, commit once.

1. Stage: the file, mapped and judged, goes to scratch Parquet, a folder per month.
2. Refuse: any fault refuses the file, unless bad rows are to be skipped.
3. Write, run of days by run of days (bounded memory): rows whose identity (source, message id,
   day) is new go into the table's folder.
4. Commit: one Delta commit with the batch as its transaction.
A kill before 4 leaves nothing but scratch and orphans, which `Store.sweep` deletes; after 4 the
import is done, and the same batch is not imported again.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from perennial.events.load import daily, faults, moments
from perennial.events.load.columns import Columns, resolve
from perennial.events.load.file import EventFile, LoadResult, Recorded
from perennial.events.load.judging import parsed
from perennial.events.load.source import open_relation, unreadable
from perennial.events.rules.kinds import Kind
from perennial.events.store import (
    EVENTS,
    Change,
    QueryError,
    Session,
    Snapshot,
    Store,
    file_literal,
    files_literal,
    literal,
    plan_files,
)
from perennial.units.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class _Staged:
    """The judged rows in scratch: good ones by month, bad ones under the month NULL."""

    folder: Path
    session: Session
    rows: int
    at: datetime

    def month(self, month: date) -> str:
        """The good rows of a month, if there are any."""
        files = files_literal(self.folder / f"month={month.isoformat()}", "*.parquet")
        return f"read_parquet({files}, hive_partitioning = false)"

    def everything(self) -> str:
        return (
            f"read_parquet({files_literal(self.folder, '*/*.parquet')}, hive_partitioning = false)"
        )


def import_events(
    file: EventFile,
    *,
    store: Store,
    known_customers: pa.Table,
    zone: ZoneInfo,
    at: datetime,
    progress: Progress = silent,
) -> LoadResult:
    """Import a file of events into the store.

    `known_customers` has one column `customer` (external ids); `zone` is the business time
    zone. Raises InputRefused when the file as a whole cannot be taken; faults of rows come back
    as `errors`, with nothing written unless `file.skip_bad_rows`.
    """
    if (done := _already_committed(store, file.batch)) is not None:
        return done
    with _scratch(store) as folder, store.session() as session:
        staged, columns = _stage(file, store, session, folder, zone=zone, at=at)
        found = faults.collect(columns, session, staged.everything(), rows=staged.rows)
        if found.count and file.rejects_path:
            faults.write_rejects(columns, session, file.rejects_path)
        result = LoadResult(rows=found.rows, rejected=found.count, errors=found.errors)
        if found.count and not file.skip_bad_rows:
            return result
        session.offer("known_customers", known_customers)
        with store.writing():
            return _write(file, store, staged, result, progress)


def _already_committed(store: Store, batch: int) -> LoadResult | None:
    application = f"import:{batch}"
    if store.consumed("events", application) < 0:
        return None
    facts = store.facts("events", application=application) or {}
    first, last = facts.get("first_on"), facts.get("last_on")
    return LoadResult(
        rows=facts.get("rows", 0),
        added=facts.get("added", 0),
        changed=facts.get("changed", 0),
        duplicates=facts.get("duplicates", 0),
        rejected=facts.get("rejected", 0),
        unattributed=facts.get("unattributed", 0),
        days=facts.get("days", 0),
        first_on=date.fromordinal(first) if first else None,
        last_on=date.fromordinal(last) if last else None,
        written=True,
    )


@contextmanager
def _scratch(store: Store) -> Iterator[Path]:
    """A folder that goes away, at the latest when `Store.sweep` finds its process dead."""
    folder = store.scratch / f"import-{uuid.uuid4().hex}-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stage(
    file: EventFile,
    store: Store,
    session: Session,
    folder: Path,
    *,
    zone: ZoneInfo,
    at: datetime,
) -> tuple[_Staged, Columns]:
    relation = open_relation(file, session)
    columns = resolve(file, relation)
    recorded = file.recorded or (
        Recorded.NOW
        if store.consumed("events", f"source:{file.source}") >= 0
        else Recorded.EFFECTIVE
    )
    orders = {"order_id": list(file.orders), "customer": list(file.orders.values())}
    session.offer(
        "orders",
        pa.table(orders, pa.schema([("order_id", pa.string()), ("customer", pa.string())])),
    )
    try:
        moments.read_others(columns, session)
        select = parsed(columns, zone=zone, at=at, recorded=recorded)
        [(rows,)] = session.rows(
            f"COPY ({select}) TO {file_literal(folder)} (FORMAT parquet, COMPRESSION zstd, "
            "PARTITION_BY (month))"
        )
    except QueryError as error:
        raise unreadable(file, error) from error
    session.run("SET preserve_insertion_order = false")
    return _Staged(folder, session, rows, at), columns


def _write(
    file: EventFile, store: Store, staged: _Staged, result: LoadResult, progress: Progress
) -> LoadResult:
    """Write what is new, and commit; under the writers' lock."""
    session = staged.session
    good = f"SELECT day, count(*) FROM {staged.everything()} WHERE {_GOOD} GROUP BY day"
    counts = session.rows(good) if staged.rows else []
    change, snapshot = store.change("events", session), store.snapshot("events")
    daily.begin(session)
    with change.discarded_on_error():
        new = _add_fresh(file, staged, counts, change, snapshot, progress)
        days, unattributed = _look_over(change)
        changed = daily.replace_former(change, snapshot) if file.daily else 0
    result = replace(
        result,
        added=new - changed,
        changed=changed,
        duplicates=sum(rows for _, rows in counts) - new,
        unattributed=unattributed,
        days=len(days),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
    )
    if file.dry_run:
        change.discard()
        return result
    if new:
        store.commit(
            change,
            days=days,
            transactions={f"import:{file.batch}": 1, f"source:{file.source}": 1},
            facts=_facts(result),
        )
    return replace(result, written=True)


def _add_fresh(
    file: EventFile,
    staged: _Staged,
    counts: Sequence[tuple[date, int]],
    change: Change,
    snapshot: Snapshot,
    progress: Progress,
) -> int:
    """Write the new rows, run of days by run of days; how many."""
    runs, new = plan_files(counts, file_rows=EVENTS.file_rows), 0
    for number, (first, last) in enumerate(runs):
        known = snapshot.between(first, last)
        fresh = _fresh(file, staged, first, last, snapshot.sql(known) if known else "")
        new += change.add(fresh, month=first.replace(day=1))
        progress(number + 1, len(runs))
    return new


_GOOD = "fault IS NULL AND row NOT IN (SELECT row FROM bad)"


def _fresh(file: EventFile, staged: _Staged, first: date, last: date, existing: str) -> str:
    """The rows of a run of days that are the first of their identity, in file and store."""
    span = f"day BETWEEN '{first}' AND '{last}'"
    rows = f"SELECT * FROM {staged.month(first.replace(day=1))} WHERE {span} AND {_GOOD}"
    unknown = (
        f" AND NOT EXISTS (SELECT 1 FROM ({existing}) AS old WHERE old.{span} "
        f"AND old.source = rows.source AND old.message_id = rows.message_id "
        "AND old.day = rows.day)"
    )
    firsts = f"SELECT min(row) AS row FROM ({rows}) GROUP BY day, source, message_id"
    if not existing or file.daily:
        unknown = ""
    said = f", '{Kind.DAILY}' AS kind, '{staged.at.isoformat()}'::TIMESTAMPTZ AS sent_at"
    new = (
        f"SELECT rows.*, {file.batch}::BIGINT AS batch, "
        f"coalesce(regexp_matches(person, {literal(file.bot_people)}), false) AS bot"
        f"{said if file.daily else ''} "
        f"FROM ({rows}) AS rows SEMI JOIN ({firsts}) AS firsts USING (row) "
        f"WHERE true{unknown}"
    )
    if not file.daily:
        return new
    return daily.fresh(
        staged.session, new, f"SELECT * FROM ({existing}) AS it WHERE {span}" if existing else ""
    )


def _look_over(change: Change) -> tuple[set[date], int]:
    """The days of the rows just written, and how many of these belong to nobody known."""
    if not change.added:
        return set(), 0
    found = change.session.rows(
        "SELECT day, count(*) FILTER (known_customers.customer IS NULL) "
        f"FROM ({change.written()}) LEFT JOIN known_customers USING (customer) GROUP BY day"
    )
    return {day for day, _ in found}, sum(unknown for _, unknown in found)


_COUNTS = ("rows", "added", "changed", "duplicates", "rejected", "unattributed", "days")


def _facts(result: LoadResult) -> dict[str, int]:
    """The result as the commit keeps it, for an import that was killed after its commit."""
    facts = {name: int(getattr(result, name)) for name in _COUNTS}
    if result.first_on and result.last_on:
        facts |= {"first_on": result.first_on.toordinal(), "last_on": result.last_on.toordinal()}
    return facts
