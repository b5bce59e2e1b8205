"""Opens a file as a table, whatever it is."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from perennial.connectors.files import sheets, texts
from perennial.connectors.files.recognising import opened, recognise
from perennial.connectors.files.table import Format, Table
from perennial.units.errors import InputRefused


def open_table(
    path: Path,
    *,
    title: str = "",
    encoding: str | None = None,
    delimiter: str | None = None,
    unpack_in: Path | None = None,
) -> Table:
    """The table in a CSV, XLSX, NDJSON or Parquet file, packed with gzip or not.

    `title` is the name people know the file by (default: its own); `unpack_in` where a packed
    one may be unpacked (default: the home's). Raises InputRefused with one clear sentence when
    the file is empty, broken, has no header or is of another kind than its name says.
    """
    title = title or path.name
    found = recognise(path, title=title, encoding=encoding, delimiter=delimiter)
    readers = {
        Format.CSV: texts.csv_table,
        Format.NDJSON: texts.ndjson_table,
        Format.XLSX: sheets.xlsx_table,
        Format.PARQUET: sheets.parquet_table,
    }
    if found.gzip and found.format in (Format.XLSX, Format.PARQUET):
        path = unpacked(path, title=title, folder=unpack_in or scratch())
    table = readers[found.format](path, title, found)
    _check_header(table)
    return table


def scratch() -> Path:
    """The folder of the home for files that live as long as one command."""
    folder: Path = settings.PERENNIAL_HOME / "tmp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def unpacked(path: Path, *, title: str, folder: Path) -> Path:
    """A plain copy of a gzip file in a scratch folder."""
    with (
        opened(path, gzipped=True, title=title) as packed,
        tempfile.NamedTemporaryFile(dir=folder, delete=False) as plain,
    ):
        shutil.copyfileobj(packed, plain, 1 << 20)
    return Path(plain.name)


def _check_header(table: Table) -> None:
    named = [name for name in table.columns if name]
    if not named:
        raise InputRefused(
            "The first row must hold the names of the columns; it is empty.",
            code="no_header",
            file=table.title,
            row=1,
        )
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice:
        raise InputRefused(
            "Two columns have the same name. Rename one of them.",
            code="duplicate_column",
            file=table.title,
            row=1,
            column=twice,
        )
