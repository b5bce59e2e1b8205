"""Rows to CSV, NDJSON and Parquet, streamed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from perennial.connectors.fields import Field, Type

Row = Sequence[object]
_ROWS_AT_ONCE = 10_000
# A spreadsheet runs text that begins like this; an apostrophe makes it text again. Text that
# has the apostrophes already gets one more, so that the import takes back exactly what it was.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ARROW = {
    Type.DATE: pa.date32(),
    Type.MOMENT: pa.timestamp("us", "UTC"),
    Type.COUNT: pa.int64(),
    Type.FLAG: pa.bool_(),
    Type.AMOUNT: pa.decimal128(26, 6),
}
_TEXTUAL = {Type.TEXT, Type.LIST, Type.CURRENCY}


class ExportFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    NDJSON = "ndjson"


def neutral(text: str) -> str:
    """The text with an apostrophe before it when a spreadsheet would run it.

    >>> neutral("=1+1"), neutral("a=b")
    ("'=1+1", 'a=b')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case list() | tuple():
            return ";".join(str(it) for it in value)
    return str(value)


def csv_lines(fields: Sequence[Field], rows: Iterable[Row]) -> Iterator[str]:
    """CSV in UTF-8 text, header first; text cells neutralised."""
    buffer = io.StringIO()
    lines = csv.writer(buffer)
    textual = [field.type in _TEXTUAL for field in fields]
    lines.writerow([neutral(field.name) for field in fields])
    for row in rows:
        texts = [as_text(value) for value in row]
        lines.writerow(
            [neutral(it) if plain else it for it, plain in zip(texts, textual, strict=True)]
        )
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def write(path: Path, fields: Sequence[Field], rows: Iterable[Row], kind: ExportFormat) -> int:
    """Write the rows; the file appears when it is complete. Returns how many there were."""
    part = path.with_name(path.name + ".part")
    counted = _Counted(rows)
    try:
        match kind:
            case ExportFormat.CSV:
                with part.open("w", encoding="utf-8", newline="") as target:
                    target.writelines(csv_lines(fields, counted))
            case ExportFormat.NDJSON:
                with part.open("w", encoding="utf-8") as target:
                    target.writelines(_json_lines(fields, counted))
            case ExportFormat.PARQUET:
                _write_parquet(part, fields, counted)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return counted.count


class _Counted:
    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row


def _json_lines(fields: Sequence[Field], rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        pairs = zip(fields, row, strict=True)
        said = {field.name: _json(value) for field, value in pairs if value not in (None, "")}
        yield json.dumps(said, ensure_ascii=False) + "\n"


def _json(value: object) -> object:
    if isinstance(value, bool | int | float | list):
        return value
    return list(value) if isinstance(value, tuple) else as_text(value)


def _write_parquet(path: Path, fields: Sequence[Field], rows: Iterable[Row]) -> None:
    schema = pa.schema([(it.name, _ARROW.get(it.type, pa.string())) for it in fields])
    rest = iter(rows)
    with pq.ParquetWriter(path, schema, compression="zstd") as target:
        while portion := list(islice(rest, _ROWS_AT_ONCE)):
            columns = zip(*portion, strict=True)
            arrays = [
                pa.array([_arrow(it, field) for it in column], schema.field(field.name).type)
                for field, column in zip(fields, columns, strict=True)
            ]
            target.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _arrow(value: object, field: Field) -> object:
    if value in (None, ""):
        return None
    if field.type is Type.AMOUNT:
        return Decimal(as_text(value)).quantize(Decimal("0.000001"))
    return as_text(value) if field.type in _TEXTUAL else value
