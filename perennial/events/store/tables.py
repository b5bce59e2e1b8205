"""The five tables of the analytical store: explicit schemas, always.

Each is partitioned by `month` (the first of the month of `day`); inside a month a file holds
one day or a run of days, and Delta's statistics tell which. `day` is a business day.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

_DAY = pa.date32()
_MOMENT = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name, its columns, the order of rows inside a file, and rows wished per file.

    `newest` is the column whose statistics tell that a file was written with all of these.
    """

    name: str
    schema: pa.Schema
    order: tuple[str, ...]
    file_rows: int = 250_000
    newest: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the files; `month` stands in the folder's name only."""
        return tuple(name for name in self.schema.names if name != "month")


EVENTS = Table(
    "events",
    pa.schema(
        [
            ("month", _DAY),
            ("day", _DAY),
            ("customer", pa.string()),
            ("person", pa.string()),
            ("event", pa.string()),
            ("product", pa.string()),
            ("ts", _MOMENT),
            ("received_at", _MOMENT),
            ("received_on", _DAY),
            ("value", pa.float64()),
            ("order_id", pa.string()),
            ("message_id", pa.binary()),
            ("source", pa.string()),
            ("batch", pa.int64()),
            ("properties", pa.string()),
            ("assumed", pa.bool_()),
            # Of the HTTP intake; null in files: a counted event as it stands.
            ("kind", pa.string()),
            ("anonymous_id", pa.string()),
            ("given_id", pa.string()),  # the id that was given, where `person` is another one
            ("original_at", _MOMENT),
            ("sent_at", _MOMENT),
            ("clock", pa.string()),
            ("attribution", pa.string()),
            ("bot", pa.bool_()),
            # When a row is known otherwise later (its person or customer becomes known), it is
            # replaced from a day on and stays for the days before: the past never changes.
            ("known_on", _DAY),
            ("replaced_on", _DAY),
        ]
    ),
    order=("customer", "ts", "message_id"),
    newest="replaced_on",
)
LINKS = Table(
    "links",
    pa.schema(
        [
            ("month", _DAY),
            ("day", _DAY),
            ("received_on", _DAY),
            ("relation", pa.string()),  # alias: id is target; member: id works at target
            ("source", pa.string()),
            ("id", pa.string()),
            ("target", pa.string()),
            ("since_at", _MOMENT),
            ("received_at", _MOMENT),
            ("claimed", pa.bool_()),
            ("batch", pa.int64()),  # in which order links became known
        ]
    ),
    order=("relation", "id", "since_at"),
    file_rows=1_000_000,
)
ACTIVITY = Table(
    "activity",
    pa.schema(
        [
            ("month", _DAY),
            ("day", _DAY),
            ("received_on", _DAY),
            ("customer", pa.string()),
            ("person", pa.string()),
            ("product", pa.string()),
            ("n", pa.int64()),
            ("value", pa.float64()),
            ("features", pa.int64()),
            ("deep", pa.float64()),  # sum of the values of deep features
            ("bot", pa.bool_()),
            ("replaced_on", _DAY),  # see events; received_on is the day from which it was known
        ]
    ),
    order=("customer",),  # enough to read one customer fast; more costs half the fill again
    file_rows=1_000_000,
    newest="replaced_on",
)
HEALTH_HISTORY = Table(
    "health_history",
    pa.schema(
        [
            ("month", _DAY),
            ("day", _DAY),
            ("customer", pa.string()),
            ("score", pa.float64()),
            ("band", pa.string()),
            ("profile", pa.string()),
            ("version", pa.int64()),
            ("coverage", pa.float64()),
            ("parts", pa.string()),  # the record: inputs and each part
            # Beneath a person's score, which then stands in `score` and `band`.
            ("computed", pa.float64()),
            ("computed_band", pa.string()),
            ("read_band", pa.string()),  # what this evaluation alone said
            ("override", pa.int64()),
            # Judged again by another version: the row stays, and no longer stands.
            ("replaced_on", _DAY),
        ]
    ),
    order=("customer", "day"),
    file_rows=1_000_000,
    newest="replaced_on",
)
TABLES = {table.name: table for table in (EVENTS, LINKS, ACTIVITY, HEALTH_HISTORY)}
