"""Rows of a table become records of a kind, or row errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from perennial.connectors.fields import CellError, Field, read
from perennial.connectors.files import Cell, Table
from perennial.connectors.options import RecordedRule
from perennial.connectors.plan import Plan
from perennial.units.dates import AmbiguousDate, Dates
from perennial.units.errors import InputRefused, RowError
from perennial.units.mapping import Constant
from perennial.units.moment import day_start
from perennial.units.sentence import sentence

_KNOWN = 20_000  # values of a column that are remembered


@dataclass(slots=True)
class Record:
    """One row: `cells` as in the file, `values` by our column names (only columns that the
    file has), and when it is to count as recorded. With `errors` it is not to be written."""

    row: int
    cells: list[Cell]
    values: dict[str, object] = field(default_factory=dict)
    recorded_at: datetime | None = None
    recorded_given: bool = False
    recorded_assumed: bool = False
    errors: list[RowError] = field(default_factory=list)


@dataclass(slots=True)
class _Column:
    """Where a column of ours comes from. `known`: what cells of it were read as already, since
    files repeat themselves."""

    what: Field
    place: int | None = None
    together: tuple[int, ...] = ()  # several that are one id
    constant: str = ""
    translate: Mapping[str, str] | None = None
    known: dict[Cell, object] = field(default_factory=dict)

    def cell(self, cells: list[Cell]) -> Cell:
        if self.place is not None:
            cell = cells[self.place]
            if self.translate and isinstance(cell, str):
                return self.translate.get(cell.strip(), cell.strip())
            return cell
        if not self.together:
            return self.constant
        parts = [_plain(cells[place]) for place in self.together]
        return "+".join(parts) if all(parts) else ""


def _columns(table: Table, plan: Plan) -> list[_Column]:
    position = {name: index for index, name in enumerate(table.columns)}
    found = []
    for what in plan.kind.fields:
        column = plan.columns.get(what.name)
        if plan.ids and what.name == plan.kind.id_field:
            found.append(_Column(what, together=tuple(position[name] for name in plan.ids)))
        elif isinstance(column, Constant):
            found.append(_Column(what, constant=column.text))
        elif column is not None:
            found.append(_Column(what, position[column.name], translate=column.translate))
    return found


@dataclass(slots=True)
class Reader:
    """Reads the records of one file; `duplicates` counts rows equal to an earlier one."""

    table: Table
    plan: Plan
    dates: Dates
    recorded: RecordedRule
    at: datetime
    duplicates: int = 0
    rows: int = 0
    _seen: dict[object, tuple[int, int]] = field(default_factory=dict)
    _columns: list[_Column] = field(default_factory=list)

    def __iter__(self) -> Iterator[Record]:
        """Every row but exact duplicates. Raises InputRefused for an ambiguous date."""
        self._columns = _columns(self.table, self.plan)
        for number, cells in self.table.read():
            self.rows += 1
            record = Record(number, cells)
            if len(cells) != len(self.table.columns):
                record.errors.append(self._wrong_length(number, cells))
            else:
                self._fill(record)
            same = self._repeats(record)
            if same:
                self.duplicates += 1
            else:
                yield record

    def _fill(self, record: Record) -> None:
        for column in self._columns:
            cell = column.cell(record.cells)
            if cell in column.known:
                record.values[column.what.name] = column.known[cell]
            else:
                self._read(record, column, cell)
        if self.plan.custom:
            record.values["custom"] = {
                ours: _plain(cell)
                for theirs, ours in self.plan.custom.items()
                if (cell := record.cells[self.table.columns.index(theirs)]) not in (None, "")
            }
        if not record.errors:
            self._stamp(record)

    def _read(self, record: Record, column: _Column, cell: Cell) -> None:
        what = column.what
        try:
            record.values[what.name] = value = read(what, cell, dates=self.dates)
            if len(column.known) < _KNOWN:
                column.known[cell] = value
        except AmbiguousDate as wrong:
            raise InputRefused(
                "The date “{value}” can be read two ways. Say which with a date format, "
                "for example %d/%m/%Y (--date-format).",
                code="ambiguous_date",
                params={"value": str(wrong)},
                file=self.table.title,
                row=record.row,
                column=self.plan.theirs(what.name),
            ) from wrong
        except CellError as wrong:
            record.errors.append(
                RowError(
                    wrong.code,
                    wrong.message,
                    record.row,
                    self.plan.theirs(what.name),
                    self.table.title,
                    wrong.params,
                )
            )

    def _stamp(self, record: Record) -> None:
        """When the row counts as recorded: as the file says, else by the rule."""
        given = record.values.pop("recorded_at", None)
        if isinstance(given, datetime):
            record.recorded_at, record.recorded_given = given, True
            return
        record.recorded_at = self.at
        if self.recorded is RecordedRule.EFFECTIVE:
            effective = record.values.get(self.plan.kind.effective)
            if effective is None and self.plan.kind.name == "orders":
                effective = record.values.get("start_on")
            moment = _moment(effective, self.dates.zone)
            if moment is not None:
                record.recorded_at, record.recorded_assumed = min(moment, self.at), True

    def _repeats(self, record: Record) -> bool:
        """Whether an earlier row is equal in every column; the same id with other contents
        is a row error."""
        contents = hash(tuple(record.cells))
        names = () if self.plan.kind.versions else self.plan.kind.key
        key: object = contents
        if names and not record.errors:
            told = (record.recorded_at,) if record.recorded_given else ()
            key = (*(record.values.get(name) for name in names), *told)
        first, known = self._seen.setdefault(key, (record.row, contents))
        if first == record.row:
            return False
        if known == contents:
            return True
        if names and not record.errors:
            record.errors.append(
                RowError(
                    "repeated_id",
                    sentence("“{id}” stands in row {first} already, with other contents."),
                    record.row,
                    self.plan.theirs(names[0]),
                    self.table.title,
                    {"id": str(record.values.get(names[0])), "first": str(first)},
                )
            )
        return False

    def _wrong_length(self, number: int, cells: list[Cell]) -> RowError:
        return RowError(
            "wrong_length",
            sentence("The row has {found} values, but the header has {expected}."),
            number,
            None,
            self.table.title,
            {"found": str(len(cells)), "expected": str(len(self.table.columns))},
        )


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    return cell.replace("\x00", "").strip() if isinstance(cell, str) else cell.isoformat()


@lru_cache(maxsize=20_000)
def _moment(value: object, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, datetime):
        return value
    return day_start(value, zone) if isinstance(value, date) else None
