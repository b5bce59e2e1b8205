"""Readings of cases equal those of the day's road, and know only what was known then."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.customers.merging import merge_customers, undo_merge
from perennial.customers.models import Customer
from perennial.events.load import EventFile, Format, import_events
from perennial.events.store import open_store
from perennial.health.inputs.cases import Cases
from perennial.health.inputs.scene import Scene
from perennial.metrics.jobs import fill
from perennial.metrics.queries import customer_metrics

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FIRST = date(2026, 1, 1)
WINDOWS = (
    "events_7d", "events_28d", "events_prior_84d", "active_people_28d",
    "active_people_prior_28d", "active_days_28d", "feature_breadth_28d", "people_known",
)  # fmt: skip

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Event:
    on: date
    received_on: date
    customer: str
    person: str | None
    event: str
    value: float


def random_events(rng: random.Random, count: int, *, customers: Sequence[str]) -> list[Event]:
    """Late rows, rows that name nobody, bots, fractions, quiet times."""
    found = []
    for _ in range(count):
        on = FIRST + timedelta(days=int(rng.triangular(0, 300)))
        late = rng.choice((0, 0, 0, 1, 3, 40))
        found.append(
            Event(
                on,
                on + timedelta(days=late),
                rng.choice(customers),
                rng.choice((None, "ann", "bob", "cleo", "bot_crawler")),
                rng.choice(("login", "report", "export", "share")),
                rng.choice((1.0, 1.0, 2.5)),
            )
        )
    return found


@pytest.fixture
def happen(home: Path, db: None) -> Callable[[Sequence[Event]], None]:
    batch = 0

    def _happen(events: Sequence[Event]) -> None:
        nonlocal batch
        batch += 1
        path = home / f"events-{batch}.parquet"
        columns = {
            "event": [it.event for it in events],
            "timestamp": [_noon(it.on) for it in events],
            "received_at": [_noon(it.received_on) for it in events],
            "customer_id": [it.customer for it in events],
            "user_id": [it.person for it in events],
            "value": [it.value for it in events],
            "message_id": [f"{batch}-{number}" for number in range(len(events))],
        }
        pq.write_table(pa.table(columns), path)
        import_events(
            EventFile(path=path, format=Format.PARQUET, batch=batch, time_zone=ZoneInfo("UTC")),
            store=open_store(),
            known_customers=pa.table({"customer": pa.array([], pa.string())}),
            zone=ZoneInfo("Asia/Shanghai"),
            at=NOW,
        )
        fill(day=NOW.date())

    return _happen


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def _customers(names: Sequence[str]) -> dict[str, int]:
    made = Customer.objects.bulk_create(
        Customer(external_id=name, name=name, recorded_at=_noon(FIRST)) for name in names
    )
    return {it.external_id: it.pk for it in made}


@pytest.mark.parametrize("known", [False, True], ids=["as known now", "as known then"])
@pytest.mark.parametrize("seed", range(3))
def test_the_cases_of_many_days_equal_the_metrics_of_each_day(
    seed: int, known: bool, happen: Callable[[Sequence[Event]], None]
):
    rng = random.Random(seed)
    names = [f"c{number}" for number in range(6)]
    pks = _customers(names)
    happen(random_events(rng, 900, customers=[*names, "stranger"]))
    ours = {name: Customer.objects.get(pk=pk) for name, pk in pks.items()}
    merge_customers(ours["c0"], into=ours["c1"], by=None, at=_noon(date(2026, 6, 1)))
    brief = merge_customers(ours["c2"], into=ours["c3"], by=None, at=_noon(date(2026, 5, 1)))
    undo_merge(brief, by=None, at=_noon(date(2026, 8, 1)))
    days = [FIRST + timedelta(days=rng.randrange(400)) for _ in range(12)]
    pairs = [(name, day) for day in days for name in (*names, "stranger")]
    rng.shuffle(pairs)
    cases = Cases.of(
        [pks.get(name, -1) for name, _ in pairs],
        [name for name, _ in pairs],
        [day for _, day in pairs],
        known=known,
    )
    usage = Scene(cases).usage
    for at, (name, day) in enumerate(pairs):
        rows = customer_metrics(as_of=day, received_by=day if known else None)
        standing = _standing(name, day if known else None)
        row = rows.get(standing)
        if row is None:
            assert np.isnat(usage.last_seen_on[at]), (name, day)
            continue
        for field in WINDOWS:
            assert getattr(usage, field)[at] == getattr(row, field), (field, name, day)
        assert usage.last_seen_on[at].astype(object) == row.last_seen_on
        assert usage.first_seen_on[at].astype(object) == row.first_seen_on
        trend = usage.usage_trend_rate[at]
        assert (None if np.isnan(trend) else trend) == row.usage_trend_rate


def _standing(name: str, known_on: date | None) -> str:
    from perennial.customers.queries import survivors

    return survivors(known_on).get(name, name)


__all__ = ["replace"]
