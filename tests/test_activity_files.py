"""Real activity files through the import, compared with plain SQL on the same files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from perennial.connectors.actions import import_file
from perennial.connectors.options import Options
from perennial.connectors.results import ImportResult
from perennial.units.mapping import parse_map

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, tzinfo=UTC)
COLUMNS = ("customer_id=account", "user_id=user", "timestamp=ts", "received_at=rcv")


def bring_in(path: Path) -> ImportResult:
    options = Options(map=parse_map(COLUMNS))
    return import_file("events", path, options=options, by=None, at=NOW)


def distinct(path: Path) -> int:
    table = pq.read_table(path)
    return int(table.group_by(table.column_names).aggregate([]).num_rows)


def test_org_activity_comes_in_whole(shared_data: Path):
    path = shared_data / "org_activity_dev.parquet"
    result = bring_in(path)
    assert (result.counts.rows, result.counts.rejected) == (58_644, 0)
    assert result.counts.added == distinct(path)


def test_git_activity_keeps_the_distinct_rows_and_a_second_time_adds_nothing(shared_data: Path):
    path = shared_data / "git_activity_dev.parquet"
    first = bring_in(path)
    assert first.counts.rows == 190_530
    assert first.counts.added == distinct(path)
    second = bring_in(path)
    assert (second.counts.added, second.counts.duplicates) == (0, 190_530)
