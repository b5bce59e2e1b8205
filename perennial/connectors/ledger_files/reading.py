"""What all these files share: a table of a kind becomes records, or all that is wrong with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from django.conf import settings

from perennial.connectors.files import Table, open_table
from perennial.connectors.kinds import Kind
from perennial.connectors.options import Options, RecordedRule
from perennial.connectors.plan import Plan, plan, suggest
from perennial.connectors.records import Reader, Record
from perennial.units.dates import Dates
from perennial.units.errors import InputRefused, RowError
from perennial.units.mapping import Column, Source

T = TypeVar("T")
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # a file may record what is still to come
_AMOUNTS = frozenset({"recurring_amount", "mrr", "arr", "total_amount"})


@dataclass(slots=True)
class Reading(Generic[T]):
    """`rows` are the good ones; `errors` what is wrong with the others so far; `taken` the
    columns of the file that nobody mapped, by the column of ours that they were read as."""

    title: str
    plan: Plan
    taken: dict[str, str]
    rows: list[T] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, errors: Iterable[RowError]) -> None:
        """Take errors of rows in, named as the file names its columns."""
        self.errors += [
            replace(it, column=self.plan.theirs(it.column), file=self.title) for it in errors
        ]

    def settle(self, *, skip_bad_rows: bool = False) -> list[RowError]:
        """All errors in the order of their rows. Raises InputRefused with them, the first as
        its message, unless bad rows may be left out."""
        errors = sorted(self.errors, key=lambda it: it.row or 0)
        if errors and not skip_bad_rows:
            raise refusal(errors)
        return errors


def refusal(errors: list[RowError]) -> InputRefused:
    first = errors[0]
    refused = InputRefused(
        first.message,
        code=first.code,
        params=first.params,
        file=first.file,
        row=first.row,
        column=first.column,
    )
    refused.errors = tuple(errors)
    return refused


def read_file(
    kind: Kind,
    path: Path,
    map: Mapping[str, Column] | None,
    dates: Dates | None = None,
    *,
    row: Callable[[Record], T | RowError],
) -> Reading[T]:
    """What `row` makes of each record; a million records at once would not fit into memory.

    Raises InputRefused where the file as a whole cannot be taken.
    """
    if not path.is_file():
        raise InputRefused(
            "There is no file {path}.", code="no_such_file", params={"path": str(path)}
        )
    table = open_table(path, unpack_in=Path(tempfile.gettempdir()))
    try:
        suggested = _suggested(kind, table, map or {})
        how = plan(kind, table, Options(map=suggested | dict(map or {})))
        reader = Reader(
            table,
            how,
            dates or Dates(settings.PERENNIAL_TIME_ZONE),
            RecordedRule.EFFECTIVE,
            _LATEST,
        )
        taken = {str(column): ours for ours, column in suggested.items()}
        reading: Reading[T] = Reading(path.name, how, taken)
        for record in reader:
            _take(record, reading, row)
    finally:
        if table.path != path:
            table.path.unlink(missing_ok=True)
    return reading


def _take(record: Record, reading: Reading[T], row: Callable[[Record], T | RowError]) -> None:
    if record.errors:  # which name the file's columns already
        reading.errors += [replace(it, file=reading.title) for it in record.errors]
        return
    made = row(record)
    if isinstance(made, RowError):
        reading.refuse([made])
    else:
        reading.rows.append(made)


def _suggested(kind: Kind, table: Table, given: Mapping[str, Column]) -> dict[str, Column]:
    """What names like ours suggest for columns that nobody mapped. One amount is enough: with
    `mrr` in the file, a column `amount` beside it is somebody else's."""
    used = {column.name for column in given.values() if isinstance(column, Source)}
    exact = {name for name in table.columns if kind.field(name) and name not in used}
    free = tuple(name for name in table.columns if name not in used | exact)
    known = exact | given.keys()
    has_amount = not _AMOUNTS.isdisjoint(known)
    return {
        ours: column
        for ours, column in suggest(kind, free).items()
        if ours not in known and not (has_amount and ours in _AMOUNTS)
    }


def as_it_is(record: Record) -> Record:
    return record
