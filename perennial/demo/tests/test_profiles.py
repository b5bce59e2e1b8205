"""Profiles d2 and d3: the truth files describe the data, and the data has the wanted shape."""

import csv
import json
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from perennial.demo.d3 import auc
from perennial.demo.generate import write

END_ON = date(2026, 6, 30)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def d2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("d2")
    write(to, profile="d2", seed=1, end_on=END_ON)
    return to


@pytest.fixture(scope="module")
def usage(d2: Path) -> dict[str, dict[date, float]]:
    counts: dict[str, dict[date, float]] = defaultdict(dict)
    table = pq.read_table(d2 / "events.parquet", columns=["customer_id", "timestamp", "value"])
    for customer, at, value in zip(*(column.to_pylist() for column in table.columns), strict=True):
        counts[customer][(at + timedelta(hours=8)).date()] = value
    return counts


def mean_weekly(usage: dict[date, float], first: date, days: int) -> float:
    return sum(usage.get(first + timedelta(days=day), 0) for day in range(days)) / days * 7


def test_d2_has_the_size_of_the_benchmark(d2: Path, usage: dict[str, dict[date, float]]) -> None:
    assert len(rows(d2 / "customers.csv")) == 2_000
    drops = rows(d2 / "truth/drops.csv")
    depths = [float(drop["depth"]) for drop in drops]
    assert len(drops) == len({drop["customer_id"] for drop in drops}) == 300
    assert {depth: depths.count(depth) for depth in set(depths)} == dict.fromkeys(
        (0.5, 0.7, 0.9, 1.0), 75
    )
    first_on = END_ON - timedelta(days=104 * 7 - 1)
    means = [mean_weekly(usage[f"D{number + 1:05d}"], first_on, 104 * 7) for number in range(2_000)]
    assert 19 < np.median(means) < 28


def test_d2_usage_drops_where_the_truth_says(d2: Path, usage: dict[str, dict[date, float]]) -> None:
    kept: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for drop in rows(d2 / "truth/drops.csv"):
        starts_on, counts = date.fromisoformat(drop["starts_on"]), usage[drop["customer_id"]]
        after = mean_weekly(counts, starts_on, min((END_ON - starts_on).days, 180))
        kept[float(drop["depth"])].append((after, float(drop["weekly_rate"])))
    for depth, pairs in kept.items():
        after, before = (sum(column) for column in zip(*pairs, strict=True))
        assert abs(after / before - (1 - depth) * 0.93) < 0.12, depth
    assert all(after == 0 for after, _ in kept[1.0])


def test_d2_weeks_are_overdispersed_and_holidays_dip(usage: dict[str, dict[date, float]]) -> None:
    mondays = [date(2026, 3, 16) + timedelta(weeks=week) for week in range(6)]
    weekly = np.array(
        [[mean_weekly(counts, monday, 7) for monday in mondays] for counts in usage.values()]
    )
    busy = weekly[weekly.mean(axis=1) > 30]
    assert np.median(busy.var(axis=1, ddof=1) / busy.mean(axis=1)) > 2, "Poisson would give 1"
    festival = sum(mean_weekly(counts, date(2026, 2, 16), 7) for counts in usage.values())
    assert festival < 0.4 * weekly.sum() / len(mondays)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_d3_oracle_lies_where_the_benchmark_wants_it(tmp_path: Path, seed: int) -> None:
    write(tmp_path, profile="d3", customers=6_000, seed=seed, end_on=END_ON)
    truth = rows(tmp_path / "truth/renewals.csv")
    lost = np.array([row["renewed"] == "false" for row in truth])
    churn = np.array([1 - float(row["probability"]) for row in truth])
    assert 0.80 <= auc(churn, lost) <= 0.84
    assert abs(lost.mean() - 0.29) < 0.02
    oracle = json.loads((tmp_path / "truth/parameters.json").read_text("utf-8"))["oracle_auc"]
    assert abs(float(oracle) - auc(churn, lost)) < 0.001


def test_d3_features_match_the_ledger(tmp_path: Path) -> None:
    write(tmp_path, profile="d3", customers=500, seed=1, end_on=END_ON)
    features = rows(tmp_path / "features.csv")
    assert len(features[0]) == 4 + 12 + 1
    renewed = {row["renews"] for row in rows(tmp_path / "orders.csv") if row["renews"]}
    for row in features:
        assert (row["churned"] == "no") == (row["order_id"] in renewed)


def test_auc_counts_pairs_in_the_right_order() -> None:
    score = np.array([0.9, 0.8, 0.3, 0.1])
    assert auc(score, np.array([True, False, True, False])) == 0.75


def test_an_unknown_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="d9"):
        write(tmp_path, profile="d9")
