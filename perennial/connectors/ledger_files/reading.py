"""What all these files share: a table of a kind becomes records, or all that is wrong with it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from perennial.connectors.files import Table, open_table
from perennial.connectors.kinds import Kind
from perennial.connectors.options import Options, RecordedRule
from perennial.connectors.plan import Plan, plan, suggest
from perennial.connectors.records import Reader, Record
from perennial.units.dates import Dates
from perennial.units.errors import InputRefused, RowError
from perennial.units.mapping import Column, Source

_LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # a file may record what is still to come
_AMOUNTS = frozenset({"recurring_amount", "mrr", "arr", "total_amount"})


@dataclass(slots=True)
class Reading:
    """`records` are the good ones; `errors` what is wrong with the others so far."""

    title: str
    plan: Plan
    records: list[Record]
    errors: list[RowError]

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
    kind: Kind, path: Path, map: Mapping[str, Column] | None, dates: Dates | None = None
) -> Reading:
    """Raises InputRefused where the file as a whole cannot be taken."""
    if not path.is_file():
        raise InputRefused(
            "There is no file {path}.", code="no_such_file", params={"path": str(path)}
        )
    table = open_table(path, unpack_in=Path(tempfile.gettempdir()))
    try:
        how = plan(kind, table, Options(map=_columns(kind, table, map or {})))
        reader = Reader(
            table,
            how,
            dates or Dates(settings.PERENNIAL_TIME_ZONE),
            RecordedRule.EFFECTIVE,
            _LATEST,
        )
        records = list(reader)
    finally:
        if table.path != path:
            table.path.unlink(missing_ok=True)
    wrong = [replace(error, file=path.name) for it in records for error in it.errors]
    return Reading(path.name, how, [it for it in records if not it.errors], wrong)


def _columns(kind: Kind, table: Table, given: Mapping[str, Column]) -> dict[str, Column]:
    """What was said, and what names like ours suggest for the rest. One amount is enough: with
    `mrr` in the file, a column `amount` beside it is somebody else's."""
    used = {column.name for column in given.values() if isinstance(column, Source)}
    exact = {name for name in table.columns if kind.field(name) and name not in used}
    free = tuple(name for name in table.columns if name not in used | exact)
    known = exact | given.keys()
    has_amount = not _AMOUNTS.isdisjoint(known)
    suggested = {
        ours: column
        for ours, column in suggest(kind, free).items()
        if ours not in known and not (has_amount and ours in _AMOUNTS)
    }
    return suggested | dict(given)
