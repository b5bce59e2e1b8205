"""A table as read from a file: a header and numbered rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

# Numbers arrive as text, so that no float comes between the file and the ledger; dates that
# the file itself types (XLSX, Parquet) stay dates, since they cannot be misread.
Cell = str | date | datetime | None
Row = tuple[int, list[Cell]]


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is, by its content. `encoding` and `delimiter` hold for text only."""

    format: Format
    gzip: bool = False
    encoding: str = "utf-8"
    delimiter: str = ","


@dataclass(frozen=True, slots=True)
class Table:
    """`read()` streams rows (row number, cells in the order of `columns`).

    The row number counts as a spreadsheet does, the header being row 1; without a header
    (NDJSON, Parquet) the first record is row 1. A row of another length than the header is
    yielded as it is. Reading raises InputRefused where the file is broken.
    """

    path: Path
    title: str  # the name people know the file by
    recognised: Recognised
    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row]]
