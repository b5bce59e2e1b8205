"""Reading a file of events in the engine: one relation, whatever the format.

Its columns are `row` and c0, c1, … for the file's columns in their order, so that no name of
the file (of any case, with any characters) meets a name of ours. `row` counts as a spreadsheet
does: a header is row 1; files without one (NDJSON, Parquet) begin at row 1.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

from perennial.events.load.file import EventFile, Format
from perennial.events.store import QueryError, Session, file_literal, identifier, literal
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

_PARQUET_MARK = b"PAR1"
_NEUTRALISED = r"(?s)'+[=+\-@\t\r].*"
_LINE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Relation:
    """`select` yields `row`, c0, c1, … (and `line` of NDJSON, NULL where it is no object)."""

    select: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    lines: bool = False
    nested: tuple[str, ...] = ()  # those of `names` that are fields inside objects: a.b

    def column(self, name: str) -> str:
        """The SQL of a column of the file; KeyError's cousin ValueError when there is none."""
        return f"c{self.names.index(name)}"

    def type_of(self, name: str) -> str:
        return self.types[self.names.index(name)]

    def json(self, name: str) -> str:
        """The SQL of a column as JSON, in the type that the file gave it."""
        return f"json_extract(line, {_pointer(name)})" if self.lines else self.column(name)


def open_relation(file: EventFile, session: Session) -> Relation:
    """How to read this file. Raises InputRefused when it is not what it says it is."""
    readers = {Format.CSV: _csv, Format.NDJSON: _ndjson, Format.PARQUET: _parquet}
    try:
        return readers[file.format](file, session)
    except QueryError as error:
        raise unreadable(file, error) from error


def unreadable(file: EventFile, error: QueryError) -> InputRefused:
    return InputRefused(
        sentence("The file cannot be read: {reason}"),
        code="unreadable",
        params={"reason": error.params.get("reason", "")},
        file=file.title,
    )


def _csv(file: EventFile, session: Session) -> Relation:
    names = _header(file)
    columns = ", ".join(f"c{index}: 'VARCHAR'" for index in range(len(names)))
    session.run("SET preserve_insertion_order = true")  # row numbers must be the file's
    # Broken lines go to the engine's table of rejects and come back as row errors.
    cells = ", ".join(f"{_restored(f'c{index}')} AS c{index}" for index in range(len(names)))
    select = (
        f"SELECT {cells}, row_number() OVER () + 1 AS row FROM read_csv({file_literal(file.path)}, "
        f"columns = {{{columns}}}, auto_detect = false, header = true, "
        f"delim = {literal(file.delimiter)}, quote = '\"', escape = {literal(file.escape)}, "
        "encoding = 'utf-8', store_rejects = true, rejects_limit = 0, "
        f"max_line_size = {_LINE_BYTES})"
    )
    return Relation(select, names, ("VARCHAR",) * len(names))


def _restored(cell: str) -> str:
    """A cell without the quote by which an export keeps spreadsheets from running it."""
    return (
        f"CASE WHEN {cell}[1] = '''' AND regexp_full_match({cell}, {literal(_NEUTRALISED)}) "
        f"THEN {cell}[2:] ELSE {cell} END"
    )


def _header(file: EventFile) -> tuple[str, ...]:
    with file.path.open(encoding="utf-8-sig", newline="", errors="replace") as lines:
        names = [name.strip() for name in next(csv.reader(lines, delimiter=file.delimiter), [])]
    if not names:
        raise InputRefused(
            sentence("The file is empty: not even a header."), code="empty_file", file=file.title
        )
    for name in names:
        if not name or names.count(name) > 1:
            raise InputRefused(
                sentence("The header has an empty or repeated column name: “{name}”."),
                code="bad_header",
                params={"name": name},
                file=file.title,
                row=1,
            )
    return tuple(names)


def _ndjson(file: EventFile, session: Session) -> Relation:
    session.run("SET preserve_insertion_order = true")
    # One text per line (no quotes, a delimiter that JSON never holds bare): a broken line is a
    # row error, where the engine's own JSON reader would refuse the file.
    lines = (
        f"SELECT text, row_number() OVER () AS row FROM read_csv({file_literal(file.path)}, "
        "columns = {text: 'VARCHAR'}, auto_detect = false, header = false, delim = '\x01', "
        f"quote = '', escape = '', encoding = 'utf-8', max_line_size = {_LINE_BYTES})"
    )
    objects = (
        "SELECT row, CASE WHEN json_valid(text) THEN "
        "CASE WHEN json_type(text) = 'OBJECT' THEN text::JSON END END AS line "
        f"FROM ({lines}) WHERE trim(text) <> ''"
    )
    found = session.rows(
        f"SELECT DISTINCT unnest(json_keys(line)) AS n FROM ({objects}) ORDER BY n"
    )
    names = tuple(name for (name,) in found)
    nested = tuple(
        name for name in file.named if name not in names and name.partition(".")[0] in names
    )
    columns = "".join(
        f", json_extract_string(line, {_pointer(name, nested=name in nested)}) AS c{index}"
        for index, name in enumerate(names + nested)
    )
    return Relation(
        f"SELECT row, line{columns} FROM ({objects})",
        names + nested,
        ("VARCHAR",) * len(names + nested),
        lines=True,
        nested=nested,
    )


def _pointer(name: str, *, nested: bool = False) -> str:
    escaped = name.replace("~", "~0").replace("/", "~1")
    return literal("/" + (escaped.replace(".", "/") if nested else escaped))


def _parquet(file: EventFile, session: Session) -> Relation:
    _check_parquet(file)
    path = file_literal(file.path)
    described = session.rows(f"DESCRIBE FROM read_parquet({path}, hive_partitioning = false)")
    columns = ", ".join(
        f"{identifier(name)} AS c{index}" for index, (name, *_) in enumerate(described)
    )
    return Relation(
        f"SELECT {columns}, file_row_number + 1 AS row FROM "
        f"read_parquet({path}, hive_partitioning = false, file_row_number = true)",
        tuple(name for name, *_ in described),
        tuple(kind for _, kind, *_ in described),
    )


def _check_parquet(file: EventFile) -> None:
    with file.path.open("rb") as content:
        first = content.read(4)
        size = content.seek(0, 2)
        content.seek(max(size - 4, 0))
        last = content.read(4)
    if first != _PARQUET_MARK:
        raise InputRefused(
            sentence("This is not a Parquet file."), code="wrong_format", file=file.title
        )
    if last != _PARQUET_MARK or size < 12:
        raise InputRefused(
            sentence("This Parquet file is cut off: its end is missing."),
            code="truncated",
            file=file.title,
        )
