"""How a file is to be imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from perennial.units.mapping import Column

DEFAULT_SOURCE = "file"


class RecordedRule(StrEnum):
    """What stands in for a missing recorded_at."""

    EFFECTIVE = "effective"  # the time of the fact itself; the row is marked assumed
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Options:
    """`map`: our column → theirs or a constant; columns of the same name need no entry.
    `id_columns`: theirs that together are the external id. `recorded` None: effective for the
    first import of a source, now afterwards. `title`: the file's name as people know it."""

    map: Mapping[str, Column] = field(default_factory=dict)
    id_columns: tuple[str, ...] = ()
    date_format: str | None = None
    time_zone: str | None = None  # None: business time
    encoding: str | None = None
    delimiter: str | None = None
    escape: str = '"'  # before a quotation mark inside a cell of CSV; files of events only
    recorded: RecordedRule | None = None
    source: str = DEFAULT_SOURCE
    dry_run: bool = False
    skip_bad_rows: bool = False
    create_customers: bool = False
    custom: bool = False
    rejects: Path | None = None
    title: str = ""
    exact: bool = False  # columns of the same name are not taken without an entry
