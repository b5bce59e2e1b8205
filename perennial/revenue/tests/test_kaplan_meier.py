"""How long customers stay, the living ones included (Kaplan–Meier)."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from perennial.revenue.rules.staying import Stay, staying, staying_by_group


def test_the_telco_sample_stays_as_published(shared_data: Path):
    """Data README: Kaplan–Meier S(12) = .8432, S(72) = .5928."""
    with gzip.open(shared_data / "telco_customer_churn.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    stays = [Stay(int(it["tenure"]), it["Churn"] == "Yes", it["Contract"]) for it in rows]
    found = staying(stays)
    first, last = found.at(12), found.at(72)
    assert first is not None and last is not None
    assert (f"{first.survival:.4f}", f"{last.survival:.4f}") == ("0.8432", "0.5928")
    assert first.low < first.survival < first.high and last.high - last.low < 0.06
    assert found.median is None and found.left == 1869
    groups = staying_by_group(stays)
    assert next(iter(groups)) == "Month-to-month" and groups["Month-to-month"].median
    assert sum(it.n for it in groups.values()) == found.n


def test_who_has_not_left_counts_as_long_as_seen():
    """Textbook: 1 left of 4 at age 1; 1 of the 2 then left under observation at age 3."""
    found = staying([Stay(1, True), Stay(2, False), Stay(3, True), Stay(4, False), Stay(0, False)])
    assert [(it.t, it.survival) for it in found.points] == [(1, 0.75), (3, 0.375)]
    seen = [found.at(it) for it in (0, 2.5)]
    assert [it.survival for it in seen if it] == [1, 0.75]
    assert found.at(5) is None and found.median == 3
    assert found.mean_seen == pytest.approx(1 + 2 * 0.75 + 0.375)


def test_nobody_seen_gives_no_curve():
    found = staying([])
    assert (found.n, found.median, found.at(1)) == (0, None, None)


def test_all_gone_ends_at_zero():
    assert staying([Stay(1, True), Stay(2, True)]).points[-1].survival == 0
