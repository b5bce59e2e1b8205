"""The promised figures of drop alerts, on a quarter of the generated truth: `python -m
bench.drops` measures all of it through the commands. Here fewer customers, so wider limits."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench import drops as bench
from perennial.alerts.rules import HISTORY_DAYS, Judged, judge
from perennial.alerts.rules.lived import Lives, Standing
from perennial.alerts.rules.recovery import forgotten_before
from perennial.demo.generate import write

CUSTOMERS, END_ON = 600, date(2026, 6, 30)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Figures of one seed; 300 of the 600 customers have a planted drop, so cells are filled."""
    to = tmp_path_factory.mktemp("d2")
    write(to, profile="d2", customers=CUSTOMERS, seed=11, end_on=END_ON)
    made = json.loads((to / "truth" / "parameters.json").read_text())
    start = date.fromisoformat(made["start_on"])
    first = start + timedelta(weeks=bench.FROM_WEEK)
    with (to / "truth" / "drops.csv").open(encoding="utf-8-sig", newline="") as truth:
        planted = list(csv.DictReader(truth))
    alerts = replayed(counts_of(to / "events.parquet", start=start), start=start)
    return bench.figures(alerts, planted, customers=CUSTOMERS, first=first, last=END_ON)


def counts_of(path: Path, *, start: date) -> np.ndarray:
    table = pq.read_table(path, columns=["customer_id", "timestamp", "value"])
    rows = np.array([int(name[1:]) - 1 for name in table["customer_id"].to_pylist()])
    at = table["timestamp"].to_numpy().astype("datetime64[h]") + np.timedelta64(8, "h")
    days = (at.astype("datetime64[D]") - np.datetime64(start)).astype(int)
    counts = np.zeros((CUSTOMERS, (END_ON - start).days + 1))
    np.add.at(counts, (rows, days), table["value"].to_numpy())
    return counts


def replayed(counts: np.ndarray, *, start: date) -> list[dict[str, object]]:
    """The rules alone over every second day, past the store."""
    lives, since = Lives(), np.zeros(len(counts), dtype=np.int64)
    standing = Standing(np.arange(len(counts)), np.zeros(len(counts), dtype=bool), False)
    for day in range(7 * 20, counts.shape[1], 2):
        begin = max(0, day + 1 - HISTORY_DAYS)
        seen: Judged = judge(counts[:, begin : day + 1], first_day=since - begin)
        for row in lives.step(day, seen, standing):
            since[row] = forgotten_before(lives.newest[row].raised)
    return [
        {
            "customer": None if it.finding.row is None else f"D{it.finding.row + 1:05d}",
            "raised_on": (start + timedelta(days=it.raised)).isoformat(),
            "kind": it.finding.kind.value,
        }
        for it in lives.alerts
    ]


def test_false_alarms_are_few_and_not_of_holidays(found: dict[str, float]):
    assert found[bench.FALSE] <= bench.FALSE_AT_MOST
    assert found[bench.HOLIDAY] <= bench.HOLIDAY_AT_MOST + 0.03
    assert 1 <= found[bench.COMPANY] <= 5


@pytest.mark.parametrize("cell", bench.CELLS, ids=lambda cell: cell.name)
def test_planted_drops_are_found_in_time(found: dict[str, float], cell: bench.Cell):
    assert found[cell.name] >= cell.at_least - 0.07


def test_the_figures_can_fail():
    """Alerts about everybody on every fourth week find all, and are false; none find nothing."""
    first, last = date(2025, 1, 1), date(2025, 12, 31)
    drop = {"customer_id": "a", "starts_on": "2025-06-01", "depth": "0.9", "weekly_rate": "30"}
    noise = [
        {"customer": name, "kind": "slow", "raised_on": (first + timedelta(days=day)).isoformat()}
        for name in ("a", "b")
        for day in range(0, 365, 28)
    ]
    loud = bench.figures(noise, [drop], customers=2, first=first, last=last)
    assert loud[bench.FALSE] > 10 and loud[bench.CELLS[1].name] == 1
    assert not bench.kept(loud)
    silent = bench.figures([], [drop], customers=2, first=first, last=last)
    assert silent[bench.FALSE] == 0 and silent[bench.CELLS[1].name] == 0
    assert not bench.kept(silent)
