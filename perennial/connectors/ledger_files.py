"""Reads orders and pauses for the revenue commands, without writing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from perennial.connectors.files import open_table
from perennial.connectors.kinds import ORDERS, PAUSES, Kind
from perennial.connectors.options import Options, RecordedRule
from perennial.connectors.plan import Plan, plan
from perennial.connectors.records import Reader, Record
from perennial.connectors.writing import order_rows, pause_row
from perennial.contracts.rows import OrderRow, PauseRow
from perennial.contracts.rules import pause_faults, row_faults
from perennial.units.dates import Dates
from perennial.units.errors import InputRefused, RowError
from perennial.units.mapping import Column

_LATEST = datetime(9999, 1, 1, tzinfo=UTC)  # a file may record what is still to come


def read_orders(
    path: Path,
    *,
    map: Mapping[str, Column] | None = None,
    dates: Dates | None = None,
    currency: str = "CNY",
) -> list[OrderRow]:
    """The rows of an orders file. `currency` stands in where the file names none.

    Raises InputRefused on the first thing that is wrong, with row and column.
    """
    how, records = _records(ORDERS, path, map, dates)
    rows, errors = order_rows(records, currency=currency)
    for row in rows:
        errors += row_faults(row)
    _refuse(how, path, errors)
    return rows


def read_pauses(
    path: Path,
    *,
    map: Mapping[str, Column] | None = None,
    dates: Dates | None = None,
) -> list[PauseRow]:
    """The rows of a pauses file. Raises InputRefused like `read_orders`."""
    how, records = _records(PAUSES, path, map, dates)
    rows = [pause_row(it) for it in records]
    _refuse(how, path, [fault for row in rows for fault in pause_faults(row)])
    return rows


def _records(
    kind: Kind, path: Path, mapping: Mapping[str, Column] | None, dates: Dates | None
) -> tuple[Plan, list[Record]]:
    if not path.is_file():
        raise InputRefused(
            "There is no file {path}.", code="no_such_file", params={"path": str(path)}
        )
    table = open_table(path)
    how = plan(kind, table, Options(map=mapping or {}))
    zone = dates or Dates(settings.PERENNIAL_TIME_ZONE)
    records = list(Reader(table, how, zone, RecordedRule.EFFECTIVE, _LATEST))
    if table.path != path:
        table.path.unlink(missing_ok=True)
    _refuse(how, path, [error for it in records for error in it.errors])
    return how, records


def _refuse(how: Plan, path: Path, errors: list[RowError]) -> None:
    if not errors:
        return
    first = min(
        (replace(it, column=how.theirs(it.column)) for it in errors), key=lambda it: it.row or 0
    )
    raise InputRefused(
        first.message,
        code=first.code,
        params=first.params,
        file=path.name,
        row=first.row,
        column=first.column,
    )
