"""XLSX and Parquet: files whose cells have types."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import InvalidFileException

from perennial.connectors.files.table import Cell, Recognised, Row, Table
from perennial.connectors.files.texts import as_text, plain
from perennial.units.errors import InputRefused

# Excel files carry harmless extensions that openpyxl warns about.
warnings.filterwarnings("ignore", module=r"openpyxl\.")
# A workbook is a zip: what it unpacks to is bounded, whatever its size.
XLSX_BYTES = 1 << 30
_BATCH_ROWS = 10_000
_BROKEN_XLSX = (
    zipfile.BadZipFile,
    InvalidFileException,
    KeyError,
    IndexError,
    ValueError,
    SyntaxError,  # XML that is none
    OSError,
)


def as_cell(value: object) -> Cell:
    """A typed value as a cell: dates stay, everything else becomes text.

    >>> as_cell(9.0), as_cell(0.1)
    ('9', '0.1')
    """
    match value:
        case None | datetime() | date():
            return value
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case Decimal():
            return format(value, "f")
        case time():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return as_text(value)


def xlsx_table(path: Path, title: str, found: Recognised) -> Table:
    """The first sheet of a workbook."""
    _check_size(path, title)
    header = [_name(cell) for cell in next(_sheet_rows(path, title), (1, []))[1]]
    while header and not header[-1]:
        header.pop()

    def body() -> Iterator[Row]:
        lines = _sheet_rows(path, title)
        next(lines, None)
        for number, cells in lines:
            beyond = any(cell not in (None, "") for cell in cells[len(header) :])
            yield number, cells if beyond else (cells + [None] * len(header))[: len(header)]

    return Table(path, title, found, tuple(header), body)


def _check_size(path: Path, title: str) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as wrong:
        raise _bad_xlsx(title) from wrong
    if size > XLSX_BYTES:
        raise InputRefused(
            "The Excel file unpacks to more than 1 GB. Save it as CSV.",
            code="too_large",
            file=title,
        )


def _sheet_rows(path: Path, title: str) -> Iterator[Row]:
    """The rows that are not empty, with their numbers in the sheet."""
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            for number, values in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
                cells = [as_cell(value) for value in values]
                if any(cell not in (None, "") for cell in cells):
                    yield number, [plain(c) if isinstance(c, str) else c for c in cells]
    except _BROKEN_XLSX as wrong:
        raise _bad_xlsx(title) from wrong


def _bad_xlsx(title: str) -> InputRefused:
    return InputRefused(
        "The Excel file is damaged and cannot be opened. Save it again.",
        code="damaged_file",
        file=title,
    )


def _name(cell: Cell) -> str:
    return "" if cell is None else str(cell).strip()


def parquet_table(path: Path, title: str, found: Recognised) -> Table:
    try:
        with pq.ParquetFile(path) as file:
            names = tuple(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as wrong:
        raise _bad_parquet(title) from wrong

    def rows() -> Iterator[Row]:
        number = 0
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(_BATCH_ROWS):
                    columns = [_values(column) for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        number += 1
                        yield number, list(cells)
        except (pa.ArrowException, OSError) as wrong:
            raise _bad_parquet(title) from wrong

    return Table(path, title, found, names, rows)


def _values(column: pa.Array) -> list[Cell]:
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return [as_cell(value) for value in column.to_pylist()]


def _bad_parquet(title: str) -> InputRefused:
    return InputRefused(
        "The Parquet file is damaged or incomplete. Fetch it again.",
        code="damaged_file",
        file=title,
    )
