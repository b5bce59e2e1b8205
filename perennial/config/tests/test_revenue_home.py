"""`perennial revenue` without a file reads the home; large files end in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from perennial.config import database
from perennial.config.tests.revenue_ledger import write
from perennial.revenue.models import Definition, Exclusion, FxRate

Command = Callable[..., Any]
QUARTER = ("--from", "2025-01", "--to", "2025-03", "--known-at", "2025-06-30")
REPORTS = ("movements", "retention", "renewals", "cohorts", "economics")


@pytest.fixture
def ledger(perennial: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Path:
    """The ledger as a file, and imported into the home."""
    monkeypatch.setattr(database, "ready", lambda: None)
    path = write(tmp_path)
    outcome = perennial("import", "orders", path, "--create-customers")
    assert outcome.code == 0, outcome.err
    return path


@pytest.mark.parametrize("report", REPORTS)
def test_the_home_and_its_file_give_the_same_figures(perennial: Command, ledger: Path, report: str):
    of_home = perennial("revenue", report, *QUARTER, "--json").document
    of_file = perennial("revenue", report, "--orders", ledger, *QUARTER, "--json").document
    assert (of_home["settings"].pop("ledger"), of_file["settings"].pop("ledger")) == (
        "home",
        "file",
    )
    assert (of_home["settings"].pop("files"), of_file["settings"].pop("files")) == (
        {},
        {"orders": "orders.csv"},
    )
    assert of_home == of_file


def test_the_home_holds_by_its_own_decisions(perennial: Command, ledger: Path):
    at = datetime(2025, 5, 1, tzinfo=UTC)
    Definition.objects.create(name="churn_recognition", value="on_notice", recorded_at=at)
    Exclusion.objects.create(
        order_id="B-1", reason="closed", evidence="register", approved_by="Chen", recorded_at=at
    )
    movements = perennial("revenue", "movements", *QUARTER, "--json").document
    assert movements["settings"]["churn_recognition"] == "on_notice"
    assert movements["periods"][0]["churn"] == "-300.00"
    due = ("--from", "2024-12", "--to", "2025-02")
    renewals = perennial("revenue", "renewals", *due, "--json").document
    assert (renewals["due_customers"], renewals["adjusted"]["due_customers"]) == (3, 2)
    before = perennial("revenue", "renewals", *due, "--known-at", "2025-04-30", "--json").document
    assert before["adjusted"]["due_customers"] == 3
    assert before["settings"]["churn_recognition"] == "service_end"


def test_a_rate_that_is_missing_in_the_home_names_the_order(
    perennial: Command, ledger: Path, tmp_path: Path
):
    head = "order_id,customer_id,kind,start_on,mrr,currency\n"
    more = write(tmp_path, head + "U-1,A,addon,2025-02-01,100,USD\n", "more.csv")
    assert perennial("import", "orders", more).code == 0
    asked = ("revenue", "movements", "--from", "2025-03", "--to", "2025-03", "--json")
    outcome = perennial(*asked)
    assert outcome.code == 1
    assert "U-1" in outcome.document["findings"][0]["message"]
    assert outcome.document["periods"][0]["end"] is None
    FxRate.objects.create(
        currency="USD", into="CNY", rate=7, recorded_at=datetime(2025, 5, 1, tzinfo=UTC)
    )
    assert perennial(*asked).document["periods"][0]["end"] == "4240.00"


@pytest.mark.slow
def test_a_hundred_thousand_rows_end_in_bounded_time(perennial: Command, tmp_path: Path):
    head = "order_id,customer_id,kind,start_on,end_on,recurring_amount,renews\n"
    rows = [
        f"O{n}-{year},C{n},{'new' if year == 2020 else 'renewal'},{year}-{1 + n % 12:02}-01,"
        f"{year + 1}-{1 + n % 12:02}-01,{1200 * (1 + n % 7)},"
        + (f"O{n}-{year - 1}\n" if year > 2020 else "\n")
        for n in range(20_000)
        for year in range(2020, 2025)
    ]
    path = write(tmp_path, head + "".join(rows))
    began = time.monotonic()
    outcome = perennial(
        "revenue", "movements", "--orders", path, "--from", "2020", "--to", "2025", "--json"
    )
    assert outcome.code == 0
    assert len(outcome.document["periods"]) == 72
    assert sum(it["counts"]["new"] for it in outcome.document["periods"]) == 20_000
    assert time.monotonic() - began < 60  # 6 s on a quiet machine
