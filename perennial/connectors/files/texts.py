"""CSV and NDJSON, streamed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perennial.connectors.files.recognising import opened
from perennial.connectors.files.table import Cell, Recognised, Row, Table
from perennial.units.errors import InputRefused

csv.field_size_limit(8 * 1024 * 1024)

# Our exports put one apostrophe before text that a spreadsheet would run as a formula.
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def plain(text: str) -> str:
    """A CSV cell without the apostrophe that an export put before it."""
    return text[1:] if text[:1] == "'" and _NEUTRALISED.match(text) else text


@contextmanager
def _text(path: Path, title: str, found: Recognised) -> Iterator[io.TextIOWrapper]:
    with (
        opened(path, gzipped=found.gzip, title=title) as stream,
        io.TextIOWrapper(stream, encoding=found.encoding, newline="") as text,
    ):
        yield text


def csv_table(path: Path, title: str, found: Recognised) -> Table:
    def records() -> Iterator[tuple[int, list[str]]]:
        with _text(path, title, found) as text:
            reader = csv.reader(text, delimiter=found.delimiter, strict=True)
            number, header = 0, True
            try:
                for number, record in enumerate(reader, start=1):
                    if any(record) or (header and record):
                        header = False
                        yield number, record
            except csv.Error as wrong:
                raise InputRefused(
                    "The row cannot be read as CSV: its quotation marks do not match.",
                    code="bad_csv",
                    file=title,
                    row=number + 1,
                ) from wrong

    def rows() -> Iterator[Row]:
        lines = records()
        next(lines)
        for number, record in lines:
            yield number, [plain(cell) for cell in record]

    header = tuple(cell.strip() for cell in next(records(), (1, []))[1])
    return Table(path, title, found, header, rows)


def ndjson_table(path: Path, title: str, found: Recognised) -> Table:
    def objects() -> Iterator[tuple[int, dict[str, Cell]]]:
        with _text(path, title, found) as text:
            for number, line in enumerate(text, start=1):
                if line.strip():
                    yield number, _flat(_object(line, title, number))

    names: dict[str, None] = {}
    for _number, record in objects():
        names.update(dict.fromkeys(record))
    columns = tuple(names)

    def rows() -> Iterator[Row]:
        for number, record in objects():
            yield number, [record.get(name) for name in columns]

    return Table(path, title, found, columns, rows)


def _object(line: str, title: str, row: int) -> dict[str, object]:
    try:
        value = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputRefused("The line is not one JSON object.", code="bad_json", file=title, row=row)
    return value


def _flat(record: dict[str, object], prefix: str = "") -> dict[str, Cell]:
    """Nested objects become columns such as `context.page`; lists of plain values `a;b`."""
    cells: dict[str, Cell] = {}
    for name, value in record.items():
        if isinstance(value, dict) and value:
            cells |= _flat(value, f"{prefix}{name}.")
        else:
            cells[prefix + name] = as_text(value)
    return cells


def as_text(value: object) -> str | None:
    """A plain value as people would type it."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            if not any(isinstance(item, dict | list) for item in value):
                return ";".join(as_text(item) or "" for item in value)
        case dict():
            pass
        case _:
            return str(value)
    return json.dumps(value, ensure_ascii=False)
