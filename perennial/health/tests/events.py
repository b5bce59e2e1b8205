"""Events into the store and daily activity: a short way, with random ones, for tests of inputs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from perennial.events.load import DEFAULT_SOURCE, EventFile, Format, import_events
from perennial.events.store import open_store
from perennial.metrics.jobs import fill

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FIRST = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Event:
    on: date
    received_on: date
    customer: str
    person: str | None = "ann"
    event: str = "login"
    value: float = 1.0


def random_events(
    rng: random.Random, count: int, *, customers: Sequence[str], days: int = 200
) -> list[Event]:
    """Late rows, rows that name nobody, bots, fractions, quiet times."""
    found = []
    for _ in range(count):
        on = FIRST + timedelta(days=int(rng.triangular(0, days)))
        found.append(
            Event(
                on,
                on + timedelta(days=rng.choice((0, 0, 0, 1, 3, 40))),
                rng.choice(customers),
                rng.choice((None, "ann", "bob", "cleo", "bot_crawler")),
                rng.choice(("login", "report", "export", "share")),
                rng.choice((1.0, 1.0, 2.5)),
            )
        )
    return found


def happen(home: Path, events: Sequence[Event], *, source: str = DEFAULT_SOURCE) -> None:
    """Import these events and fill the days they touch."""
    batch = len(list(home.glob("events-*.parquet"))) + 1
    path = home / f"events-{batch}.parquet"
    columns = {
        "event": [it.event for it in events],
        "timestamp": [noon(it.on) for it in events],
        "received_at": [noon(it.received_on) for it in events],
        "customer_id": [it.customer for it in events],
        "user_id": [it.person for it in events],
        "value": [it.value for it in events],
        "message_id": [f"{batch}-{number}" for number in range(len(events))],
    }
    pq.write_table(pa.table(columns), path)
    import_events(
        EventFile(
            path=path,
            format=Format.PARQUET,
            batch=batch,
            time_zone=ZoneInfo("UTC"),
            source=source,
        ),
        store=open_store(),
        known_customers=pa.table({"customer": pa.array([], pa.string())}),
        zone=ZoneInfo("Asia/Shanghai"),
        at=NOW,
    )
    fill(day=NOW.date())


def noon(day: date) -> datetime:
    """Noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
