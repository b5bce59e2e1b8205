"""Dates that the engine does not read itself: their distinct texts go through `units.dates`."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from perennial.events.load.columns import Columns
from perennial.events.store import Session
from perennial.units.dates import AmbiguousDate, BadDate, Dates
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

_AT_ONCE = 100_000
_MOMENTS = pa.schema([("text", pa.string()), ("ts", pa.timestamp("us", "UTC"))])


def read_others(columns: Columns, session: Session) -> None:
    """Fill the temporary table `moments` (text → ts, NULL where it is no date).

    Raises InputRefused for the first date that can be read two ways: other rows never settle
    it, and skipping bad rows does not help.
    """
    session.run("CREATE OR REPLACE TEMP TABLE moments (text VARCHAR, ts TIMESTAMPTZ)")
    dates = Dates(columns.file.time_zone, columns.file.date_format)
    for ours in ("timestamp", "received_at"):
        query = columns.other_texts(ours)
        if query is None:
            continue
        found = session.table(f"SELECT text, row FROM ({query}) ORDER BY row")
        for batch in found.to_batches(max_chunksize=_AT_ONCE):
            texts = batch.column("text").to_pylist()
            read: list[datetime | None] = []
            for text, row in zip(texts, batch.column("row").to_pylist(), strict=True):
                try:
                    read.append(dates.moment(text))
                except BadDate:
                    read.append(None)
                except AmbiguousDate:
                    raise _ambiguous(columns, ours, text, row) from None
            session.offer("moments_read", pa.table({"text": texts, "ts": read}, _MOMENTS))
            session.run(
                "INSERT INTO moments FROM moments_read WHERE text NOT IN (SELECT text FROM moments)"
            )


def _ambiguous(columns: Columns, ours: str, text: str, row: int) -> InputRefused:
    return InputRefused(
        sentence(
            "“{value}” can be read as two dates. Say which with a date format, such as %d/%m/%Y."
        ),
        code="ambiguous_date",
        params={"value": text},
        file=columns.file.title,
        row=row,
        column=columns.name(ours),
    )
