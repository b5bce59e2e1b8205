"""Real and foreign files, checked against plain SQL on the files themselves."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from perennial.events.load import Format
from perennial.events.store import file_literal
from perennial.events.tests.conftest import Loader

GIT = ("customer_id=account", "user_id=user", "timestamp=ts", "received_at=rcv")


def distinct_rows(load: Loader, path: Path) -> int:
    with load.store.session() as session:
        distinct = f"SELECT DISTINCT * FROM read_parquet({file_literal(path)})"
        [(count,)] = session.rows(f"SELECT count(*) FROM ({distinct})")
    return int(count)


def test_git_activity_twice_keeps_exactly_the_distinct_rows(
    load: Loader, shared_data: Path
) -> None:
    path = shared_data / "git_activity_dev.parquet"
    first = load(path, maps=GIT, format=Format.PARQUET)
    assert (first.rows, first.added) == (190_530, distinct_rows(load, path))
    assert first.added + first.duplicates == first.rows
    again = load(path, maps=GIT, format=Format.PARQUET)
    assert (again.added, again.duplicates) == (0, 190_530)
    # Late arrivals keep both their times.
    with load.store.session() as session:
        late = f"SELECT DISTINCT * FROM read_parquet({file_literal(path)}) WHERE rcv > ts"
        [(count,)] = session.rows(f"SELECT count(*) FROM ({late})")
    assert load.rows("count(*)", where="received_at > ts AND NOT assumed") == [(count,)]


def test_twenty_years_of_org_activity(load: Loader, shared_data: Path) -> None:
    path = shared_data / "org_activity_dev.parquet"
    result = load(path, maps=GIT, format=Format.PARQUET)
    assert (result.rows, result.added, result.rejected) == (58_644, 58_644, 0)
    assert load.rows("count(DISTINCT customer), count(DISTINCT product)") == [(75, 10)]
    assert len(load.store.snapshot("events").files) <= 253  # one a month


def test_ravenstack_usage_through_its_orders(
    load: Loader, shared_data: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "usage.csv"
    plain.write_bytes(
        gzip.decompress((shared_data / "ravenstack_feature_usage.csv.gz").read_bytes())
    )
    with gzip.open(shared_data / "ravenstack_subscriptions.csv.gz", "rt", encoding="utf-8") as rows:
        orders = {row["subscription_id"]: row["account_id"] for row in csv.DictReader(rows)}
    load.known = sorted(set(orders.values()))
    options: dict[str, Any] = {
        "maps": (
            "event=feature_name",
            "timestamp=usage_date",
            "order_id=subscription_id",
            "value=usage_count",
        ),
        "orders": orders,
        "time_zone": ZoneInfo("UTC"),
    }
    alone = load(plain, id_columns=("usage_id",), source="trial", **options)
    assert (alone.written, alone.rejected) == (False, 21)
    result = load(plain, id_columns=("usage_id", "subscription_id", "usage_date"), **options)
    assert (result.added, result.unattributed, result.rejected) == (25_000, 0, 0)
    with plain.open(encoding="utf-8") as rows:
        total = sum(int(row["usage_count"]) for row in csv.DictReader(rows))
    assert load.rows("sum(value)") == [(total,)]


def test_foreign_json_with_milliseconds(load: Loader, shared_data: Path, tmp_path: Path) -> None:
    plain = tmp_path / "music.ndjson"
    plain.write_bytes(
        gzip.decompress((shared_data / "music_service_events.ndjson.gz").read_bytes())
    )
    maps = ("event=page", "timestamp=ts", "user_id=userId")
    result = load(plain, maps=maps, format=Format.NDJSON)
    assert result.rows == 8_056
    assert result.rejected == 0
    assert result.first_on == date(2018, 11, 2)
    assert load.rows("count(*)", where="person IS NULL") == [(286,)]
