"""Events in, daily activity out: a short way to fill a store for the metrics' tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.events.load import EventFile, Format, import_events
from perennial.events.store import open_store
from perennial.metrics.jobs import fill

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a test, at noon of its day."""

    on: date
    customer: str
    person: str | None = "ann"
    event: str = "login"
    value: float = 1.0
    received_on: date | None = None
    product: str | None = None
    properties: Mapping[str, object] | None = None


@pytest.fixture
def happen(home: Path, db: None) -> Callable[[Sequence[Fact]], dict[str, int]]:
    """Import these events and fill the days they touch; the counts of the fill."""
    batch = 0

    def _happen(facts: Sequence[Fact]) -> dict[str, int]:
        nonlocal batch
        batch += 1
        path = home / f"facts-{batch}.parquet"
        columns = {
            "event": [fact.event for fact in facts],
            "timestamp": [_noon(fact.on) for fact in facts],
            "received_at": [_noon(fact.received_on or fact.on) for fact in facts],
            "customer_id": [fact.customer for fact in facts],
            "user_id": [fact.person for fact in facts],
            "product": [fact.product for fact in facts],
            "properties": [
                None if fact.properties is None else json.dumps(fact.properties) for fact in facts
            ],
            "value": [fact.value for fact in facts],
            "message_id": [f"{batch}-{number}" for number in range(len(facts))],
        }
        pq.write_table(pa.table(columns), path)
        done = import_events(
            EventFile(path=path, format=Format.PARQUET, batch=batch, time_zone=ZoneInfo("UTC")),
            store=open_store(),
            known_customers=pa.table({"customer": pa.array([], pa.string())}),
            zone=ZoneInfo("Asia/Shanghai"),
            at=NOW,
        )
        assert done.added == len(facts)
        return fill(day=NOW.date())

    return _happen


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)  # noon in Shanghai
