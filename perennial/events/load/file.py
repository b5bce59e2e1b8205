"""What is asked of an import of events, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from perennial.events.rules.settings import BOT_PEOPLE
from perennial.units.errors import RowError
from perennial.units.mapping import Column, Source

FIELDS = (
    "event",
    "timestamp",
    "customer_id",
    "user_id",
    "message_id",
    "received_at",
    "product",
    "value",
    "order_id",
    "event_source",  # of exports: the source over which it once came, part of its identity
    "properties",
)
REQUIRED = ("event", "timestamp")
# Of daily aggregates; together the day, event, customer, user and product are a row's key.
DAILY_FIELDS = (
    "day",
    "event",
    "value",
    "customer_id",
    "user_id",
    "product",
    "recorded_at",
    "properties",
)
DAILY_REQUIRED = ("day", "event", "value")
DEFAULT_SOURCE = "file"
ERRORS_KEPT = 1_000


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


class Recorded(StrEnum):
    """What stands in for a missing received_at: the event's own time (and the row is marked
    assumed), or the moment of the import."""

    EFFECTIVE = "effective"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class EventFile:
    """One file of events: where it lies and how it is read.

    `path` is a plain file, text in UTF-8. `mapping` is our column → theirs or a constant; our
    columns that the file has by the same name need no entry; what nobody maps becomes a
    property. `id_columns` are theirs: together they are the message id. `orders` is order id →
    customer id, for events that name an order only. `recorded` None: effective for the first
    import of a source, now afterwards. `batch` names this import for `undo_batch`; an import
    that already committed under its batch is not repeated.
    """

    path: Path
    format: Format
    batch: int
    time_zone: ZoneInfo
    mapping: Mapping[str, Column] = field(default_factory=dict)
    id_columns: Sequence[str] = ()
    date_format: str | None = None
    delimiter: str = ","
    escape: str = '"'  # what stands before a quotation mark inside a cell of CSV
    source: str = DEFAULT_SOURCE
    recorded: Recorded | None = None
    skip_bad_rows: bool = False
    rejects_path: Path | None = None
    dry_run: bool = False
    orders: Mapping[str, str] = field(default_factory=dict)
    bot_people: str = BOT_PEOPLE  # ids of robots: their events are kept and flagged
    erased_among: Callable[[set[str]], set[str]] | None = None  # None: nobody was erased
    daily: bool = False  # rows are daily aggregates: columns DAILY_FIELDS, later values replace
    name: str = ""  # the name people know the file by, in errors; default that of the path

    @property
    def fields(self) -> tuple[str, ...]:
        return DAILY_FIELDS if self.daily else FIELDS

    @property
    def named(self) -> tuple[str, ...]:
        """The columns of the file that are asked for by name, each once."""
        sources = [column.name for column in self.mapping.values() if isinstance(column, Source)]
        return tuple(dict.fromkeys([*sources, *self.id_columns]))

    @property
    def required(self) -> tuple[str, ...]:
        return DAILY_REQUIRED if self.daily else REQUIRED

    @property
    def title(self) -> str:
        return self.name or self.path.name


@dataclass(frozen=True, slots=True)
class LoadResult:
    """Counts of rows: `rows` = added + changed + duplicates + rejected, unless nothing was
    written. `changed` are daily aggregates that replace another value.

    `unattributed` are those among the new rows whose customer is unknown so far. `errors` are the
    first thousand. `written` is False for a dry run and for a file refused for its errors.
    """

    rows: int
    added: int = 0
    changed: int = 0
    duplicates: int = 0
    rejected: int = 0
    unattributed: int = 0
    days: int = 0
    first_on: date | None = None
    last_on: date | None = None
    written: bool = False
    errors: tuple[RowError, ...] = ()
