"""Changing a table: Parquet files first, then one Delta commit that adds and removes them.

DuckDB writes the files straight into the table's folder; until the commit nobody sees them, so
a kill at any point leaves the table as it was (and orphans, which `sweep` deletes).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path

from deltalake import DeltaTable, PostCommitHookProperties
from deltalake.transaction import AddAction, RemoveAction

from perennial.events.store.commits import properties
from perennial.events.store.engine import Session, file_literal, identifier, literal, named_errors
from perennial.events.store.snapshot import File, nothing
from perennial.events.store.tables import Table
from perennial.units.durable import sync_files

ROW_GROUP = 65_536
# What the file list must know: the days a file covers, the batches, the unattributed.
_RANGES = ("day", "received_on", "batch")
_MAY_MISS = ("customer", "order_id", "replaced_on")


def plan_files(
    rows_by_day: Iterable[tuple[date, int]], *, file_rows: int
) -> list[tuple[date, date]]:
    """Runs of days [first, last] that make one file each: whole days, never across months.

    A dense day is its own file; a sparse month is one file.
    """
    runs: list[tuple[date, date]] = []
    for _month, days in groupby(sorted(rows_by_day), key=lambda pair: pair[0].replace(day=1)):
        filled = file_rows
        for day, rows in days:
            if filled >= file_rows:
                runs.append((day, day))
                filled = 0
            runs[-1] = (runs[-1][0], day)
            filled += rows
    return runs


@dataclass(slots=True)
class Change:
    """Files to add and to remove in one commit."""

    table: Table
    folder: Path
    session: Session
    added: list[AddAction] = field(default_factory=list)
    removed: list[RemoveAction] = field(default_factory=list)
    rows: int = 0
    data_change: bool = True  # False when the same rows only move to other files

    def add(self, select: str, *, month: date) -> int:
        """Write the rows of a SELECT (all of one month) as one file; how many there were.

        Columns of the table that the SELECT does not name are null.
        """
        name = f"month={month.isoformat()}/{uuid.uuid4().hex}.parquet"
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(identifier(column) for column in self.table.columns)
        order = ", ".join(identifier(column) for column in self.table.order)
        whole = f"{nothing(self.table)} UNION ALL BY NAME {select}"
        [(_, rows, size, _, statistics, *_)] = self.session.rows(
            f"COPY (SELECT {columns} FROM ({whole}) ORDER BY {order}) TO {literal(str(path))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, RETURN_STATS true)"
        )
        if rows == 0:
            path.unlink()
            return 0
        self.added.append(
            AddAction(
                path=name,
                size=size,
                partition_values={"month": month.isoformat()},
                modification_time=int(time.time() * 1000),
                data_change=self.data_change,
                stats=_delta_statistics(rows, statistics),
            )
        )
        self.rows += rows
        return int(rows)

    def written(self) -> str:
        """A SELECT over the files added so far."""
        names = ", ".join(file_literal(self.folder / action.path) for action in self.added)
        return f"SELECT * FROM read_parquet([{names}], hive_partitioning = false)"

    def discard(self) -> None:
        """Delete the files added so far, uncommitted."""
        for action in self.added:
            (self.folder / action.path).unlink()
        self.added.clear()

    @contextmanager
    def discarded_on_error(self) -> Iterator[None]:
        """An interrupted writer leaves no orphans; not for the commit, which may have happened."""
        try:
            yield
        except BaseException:
            self.discard()
            raise

    def remove(self, file: File) -> None:
        """Take a file out of the table; readers of older versions keep it until `sweep`."""
        self.removed.append(
            RemoveAction(
                file.path,
                self.data_change,
                int(time.time() * 1000),
                file.size,
                {"month": file.month.isoformat()},
            )
        )

    def commit(
        self,
        delta: DeltaTable,
        *,
        days: Iterable[date],
        transactions: Mapping[str, int],
        facts: Mapping[str, int],
    ) -> None:
        """One commit: the files, the days it touched, what has been consumed, and its figures.

        Durable when it returns, so that what the files were made of may be deleted.
        """
        sync_files([self.folder / action.path for action in self.added], within=self.folder)
        with named_errors():
            delta.create_write_transaction(
                [*self.added, *self.removed],
                mode="append",
                schema=delta.schema(),
                partition_by=["month"],
                commit_properties=properties(days=days, transactions=transactions, facts=facts),
                post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
            )


def _delta_statistics(rows: int, statistics: Mapping[str, Mapping[str, str]]) -> str:
    """Delta's statistics from DuckDB's, for the columns that the file list is asked about."""
    lowest: dict[str, object] = {}
    highest: dict[str, object] = {}
    missing: dict[str, int] = {}
    for column in (*_RANGES, *_MAY_MISS):
        found = statistics.get(identifier(column))
        if found is None:
            continue
        missing[column] = int(found.get("null_count", 0))
        if column in _RANGES and "min" in found:
            turn = int if column == "batch" else str
            lowest[column], highest[column] = turn(found["min"]), turn(found["max"])
    return json.dumps(
        {"numRecords": rows, "minValues": lowest, "maxValues": highest, "nullCount": missing}
    )
