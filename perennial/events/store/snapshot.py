"""What a table holds at one version: its files, and which days each covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deltalake import DeltaTable

from perennial.events.store.engine import file_literal, identifier
from perennial.events.store.tables import Table


@dataclass(frozen=True, slots=True)
class File:
    """A Parquet file of a table. `first_on` and `last_on` are inclusive; `batch_*` of events.

    `standing` counts the rows that nothing has replaced; None: written before rows could be.
    """

    path: str  # inside the table's folder
    size: int
    rows: int
    month: date
    first_on: date
    last_on: date
    first_batch: int | None = None
    last_batch: int | None = None
    batches_missing: int = 0  # rows of no import: they came over HTTP
    customers_missing: int = 0
    orders_missing: int | None = None
    standing: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a table at a version; -1 is a table not yet made."""

    table: Table
    folder: Path
    version: int
    files: tuple[File, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def standing_rows(self) -> int:
        """The rows that nothing has replaced."""
        return sum(file.rows if file.standing is None else file.standing for file in self.files)

    def between(self, first_on: date | None, last_on: date | None) -> tuple[File, ...]:
        """The files that may hold days of [first_on, last_on]; None leaves a side open."""
        return tuple(
            file
            for file in self.files
            if (last_on is None or file.first_on <= last_on)
            and (first_on is None or file.last_on >= first_on)
        )

    def sql(self, files: tuple[File, ...] | None = None) -> str:
        """A SELECT over files (all by default), right also when there are none.

        Rows that were replaced are among them: see `standing`.
        """
        chosen = self.files if files is None else files
        older = [file for file in chosen if self.table.newest and file.standing is None]
        whole = [file for file in chosen if file not in older] if older else chosen
        columns = ", ".join(identifier(name) for name in self.table.columns)
        parts = []
        if whole:
            parts.append(f"SELECT {columns} FROM {self._read(whole)}")
        if older:  # columns that came later are null in them
            rows = f"SELECT * FROM {self._read(older, named=True)}"
            parts.append(f"{nothing(self.table)} UNION ALL BY NAME {rows}")
        return " UNION ALL BY NAME ".join(parts) or nothing(self.table)

    def standing(self, files: tuple[File, ...] | None = None, *, known_by: date | None) -> str:
        """A SELECT of the rows as they were known at the end of a day; None: as known now."""
        chosen = self.files if files is None else files
        conditions = []
        if any(file.standing not in (None, file.rows) for file in chosen):
            later = "" if known_by is None else f" OR replaced_on > '{known_by.isoformat()}'"
            conditions.append(f"(replaced_on IS NULL{later})")
        if known_by is not None and "received_on" in self.table.columns:
            conditions.append(f"received_on <= '{known_by.isoformat()}'")
            if "known_on" in self.table.columns:
                conditions.append(f"(known_on IS NULL OR known_on <= '{known_by.isoformat()}')")
        rows = self.sql(chosen)
        return f"SELECT * FROM ({rows}) WHERE {' AND '.join(conditions)}" if conditions else rows

    def _read(self, files: Sequence[File], *, named: bool = False) -> str:
        names = ", ".join(file_literal(self.folder / file.path) for file in files)
        union = ", union_by_name = true" if named else ""
        return f"read_parquet([{names}], hive_partitioning = false{union})"


def nothing(table: Table) -> str:
    """A SELECT of no row that has every column of a table with its type."""
    fields = ", ".join(
        f"NULL::{_SQL_TYPES[str(table.schema.field(name).type)]} AS {identifier(name)}"
        for name in table.columns
    )
    return f"SELECT {fields} WHERE false"


_SQL_TYPES = {
    "date32[day]": "DATE",
    "string": "VARCHAR",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
    "double": "DOUBLE",
    "int64": "BIGINT",
    "binary": "BLOB",
    "bool": "BOOLEAN",
}


def read_snapshot(table: Table, folder: Path, delta: DeltaTable | None) -> Snapshot:
    """The file list of an opened Delta table, in the order of days."""
    if delta is None:
        return Snapshot(table, folder, -1, ())
    actions = delta.get_add_actions(flatten=True)
    names = set(actions.schema.names)
    wanted = {
        "path": "path",
        "size": "size_bytes",
        "rows": "num_records",
        "month": "partition.month",
        "first_on": "min.day",
        "last_on": "max.day",
        "first_batch": "min.batch",
        "last_batch": "max.batch",
        "batches_missing": "null_count.batch",
        "customers_missing": "null_count.customer",
        "orders_missing": "null_count.order_id",
        "standing": "null_count.replaced_on",
    }
    columns = {
        ours: actions.column(theirs).to_pylist()
        for ours, theirs in wanted.items()
        if theirs in names
    }
    files = [
        File(**dict(zip(columns, values, strict=True)))
        for values in zip(*columns.values(), strict=True)
    ]
    return Snapshot(
        table, folder, delta.version(), tuple(sorted(files, key=lambda f: (f.first_on, f.path)))
    )
