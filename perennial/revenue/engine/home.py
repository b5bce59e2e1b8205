"""The tables of this home's ledger, kept in memory while the ledger stays as it is."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa
from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from perennial.contracts.models import OrderLine, Pause
from perennial.contracts.queries.ledger import ledger_state
from perennial.customers.queries import standing
from perennial.revenue.engine.tables import LINES, PAUSES, LedgerTables

# Names in LINES that the ledger keeps under another one.
_COLUMNS: Final = {
    "amount": "recurring_amount",
    "one_off": "one_off_amount",
    "discount": "discount_amount",
}
_DATES: Final = ("start_on", "end_on", "signed_on", "discount_end_on")
_BATCH: Final = 20_000


def home_tables(known_before: datetime | None = None) -> LedgerTables:
    """All recorded rows of this home, merged customers as they were known to stand before a
    moment (None: now). Not gated; cheap while nothing was recorded since."""
    return _placed(ledger_state(), tuple(standing(known_before).items()))


@lru_cache(maxsize=2)
def _placed(state: tuple[object, ...], under: tuple[tuple[int, int], ...]) -> LedgerTables:
    tables = _tables(state)
    return tables.placed(dict(under)) if under else tables


@lru_cache(maxsize=1)
def _tables(_state: tuple[object, ...]) -> LedgerTables:
    return LedgerTables(_lines(), _pauses())


def _lines() -> pa.Table:
    zone = settings.PERENNIAL_TIME_ZONE
    names = [it for it in LINES.names if it != "recorded_on"]
    rows = OrderLine.objects.values_list(*map(_column, names))
    recorded = names.index("recorded_at")
    batches = []
    for part in _parts(rows):
        columns: dict[str, Any] = dict(zip(names, zip(*part, strict=True), strict=True))
        for name in _DATES:
            columns[name] = pa.array(columns[name], pa.string()).cast(pa.date32())
        columns["renews"] = [[] if it == "[]" else json.loads(it) for it in columns["renews"]]
        columns["recorded_on"] = [row[recorded].astimezone(zone).date() for row in part]
        batches.append(
            pa.RecordBatch.from_arrays(
                [pa.array(columns[field.name], field.type) for field in LINES], schema=LINES
            )
        )
    return pa.Table.from_batches(batches, LINES)


def _column(name: str) -> str | Cast:
    """Dates and lists as text: Arrow reads dates in a tenth of the time, most lists are empty."""
    return Cast(name, TextField()) if name in (*_DATES, "renews") else _COLUMNS.get(name, name)


def _pauses() -> pa.Table:
    rows = Pause.objects.values_list(*PAUSES.names)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in PAUSES]
    return pa.table(dict(zip(PAUSES.names, columns, strict=True)), schema=PAUSES)


def _parts(rows: Any) -> Any:
    part: list[tuple[Any, ...]] = []
    for row in rows.iterator(chunk_size=_BATCH):
        part.append(row)
        if len(part) == _BATCH:
            yield part
            part = []
    if part:
        yield part
