"""`perennial revenue` on plain files: the documents, by hand; every flag; no home is touched."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perennial.config.tests.revenue_ledger import ORDERS, write

Command = Callable[..., Any]
KNOWN = ("--known-at", "2025-06-30")
QUARTER = ("--from", "2025-01", "--to", "2025-03", *KNOWN)


@pytest.fixture(autouse=True)
def absent(settings: Any, tmp_path: Path) -> Any:
    """The home that no report on plain files may make. Without the mark of pytest-django, a
    question to the database fails the test, too."""
    folder = tmp_path / "absent"
    settings.PERENNIAL_HOME = folder
    yield folder
    assert not folder.exists()


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write(tmp_path)


def period(label: str, amounts: str, counts: str, customers: int, rates: Any) -> Any:
    start, new, expansion, contraction, churn, reactivation, end = amounts.split()
    kinds = ("new", "expansion", "contraction", "churn", "reactivation")
    return {
        "period": label,
        "start": start,
        "new": new,
        "expansion": expansion,
        "contraction": contraction,
        "churn": churn,
        "reactivation": reactivation,
        "end": end,
        "usage_revenue": "0.00",
        "counts": dict(zip(kinds, map(int, counts.split()), strict=True)),
        "customers": customers,
        "grr": rates[0],
        "nrr": rates[1],
        "rounding": "0.00",
        "reasons": {},
    }


JANUARY, FEBRUARY, MARCH = (1, 1.138889), (0.802469, 0.802469), (0.904615, 0.904615)
MONTHS = [
    period("2025-01", "1800.00 2000.00 250.00 0.00 0.00 0.00 4050.00", "1 1 0 0 0", 4, JANUARY),
    period("2025-02", "4050.00 0.00 0.00 0.00 -800.00 0.00 3250.00", "0 0 0 2 0", 2, FEBRUARY),
    period("2025-03", "3250.00 0.00 0.00 -310.00 0.00 600.00 3540.00", "0 0 1 0 1", 3, MARCH),
]  # fmt: skip


def test_movements_by_month(perennial: Command, orders: Path):
    outcome = perennial("revenue", "movements", "--orders", orders, *QUARTER, "--json")
    assert outcome.code == 0
    assert outcome.document["periods"] == MONTHS
    assert outcome.document["findings"] == []


def test_a_quarter_compares_its_ends_and_the_activity_report_adds_up_its_days(
    perennial: Command, orders: Path
):
    def told(report: str) -> Any:
        outcome = perennial(
            "revenue", "movements", "--orders", orders, *QUARTER, "--grain", "quarter",
            "--report", report, "--json",
        )  # fmt: skip
        [found] = outcome.document["periods"]
        return [found[it] for it in ("period", "new", "expansion", "contraction", "churn",
                                     "reactivation", "grr", "nrr")]  # fmt: skip

    ends = [0.833333, 1.027778]
    assert told("net") == ["2025-Q1", "1690.00", "350.00", "0.00", "-300.00", "0.00", *ends]
    assert told("activity") == [
        "2025-Q1", "2000.00", "250.00", "-310.00", "-800.00", "600.00", *ends
    ]  # fmt: skip


def test_retention(perennial: Command, orders: Path):
    document = perennial("revenue", "retention", "--orders", orders, *QUARTER, "--json").document
    assert document.pop("settings")["known_at"] == "2025-06-30"
    assert document == {
        "start_mrr": "1800.00",
        "end_mrr": "3540.00",
        "grr": 0.833333,
        "nrr": 1.027778,
        "logo_retention": 0.666667,
        "grr_movement": 0.555556,  # 800 of 1,800 was lost on the way
        "nrr_movement": 1.027778,
        "gross_churn": 0.166667,
        "net_churn": -0.027778,
        "logo_churn": 0.333333,
        "quick_ratio": 6.8,  # (1,690 + 350) ÷ 300
        "start_customers": 3,
        "kept_customers": 2,
        "reasons": {},
        "findings": [],
    }


def item(customer: str, on: str, due: str, renewed: str, status: str, orders: str, by: str) -> Any:
    return {
        "customer_id": customer,
        "due_on": on,
        "due_amount": due,
        "renewed_amount": renewed,
        "status": status,
        "order_ids": orders.split(),
        "renewed_by": by.split(),
        "reasons": {},
    }


def test_renewals_raw_and_adjusted(perennial: Command, orders: Path, tmp_path: Path):
    text = "order_id,reason,evidence,approved_by\nB-1,merged,board minutes,Chen\n"
    exclusions = write(tmp_path, text, "exclusions.csv")
    outcome = perennial(
        "revenue", "renewals", "--orders", orders, "--from", "2024-12", "--to", "2025-02", *KNOWN,
        "--exclusions", exclusions, "--json",
    )  # fmt: skip
    document = outcome.document
    assert document["settings"]["files"] == {
        "orders": "orders.csv",
        "exclusions": "exclusions.csv",
    }
    assert document["items"] == [
        item("A", "2024-12-31", "12000.00", "15000.00", "on_time", "A-1", "A-2"),
        item("B", "2025-01-31", "6000.00", "0.00", "excluded", "B-1", ""),
        item("C", "2025-02-14", "3600.00", "0.00", "lost", "C-1", ""),
    ]
    raw = {
        "due_customers": 3,
        "due_amount": "21600.00",
        "renewed_customers": 1,
        "logo_renewal_rate": 0.333333,
        "amount_renewal_rate": 0.555556,
        "amount_renewal_rate_with_upsell": 0.694444,
        "bounds": {
            "logo_low": 0.333333,
            "logo_high": 0.333333,
            "amount_low": 0.555556,
            "amount_high": 0.555556,
        },
    }
    assert {name: document[name] for name in raw} == raw
    adjusted = document["adjusted"]
    assert [adjusted[it] for it in ("due_customers", "due_amount", "logo_renewal_rate")] == [
        2, "15600.00", 0.5,
    ]  # fmt: skip
    assert adjusted["amount_renewal_rate"] == 0.769231
    assert adjusted["amount_renewal_rate_with_upsell"] == 0.961538
    assert [it["approved_by"] for it in adjusted["excluded"]] == ["Chen"]


@pytest.mark.parametrize(
    ("metric", "cell"), [("logo", 0.666667), ("grr", 0.833333), ("nrr", 1.027778)]
)
def test_cohorts(perennial: Command, orders: Path, metric: str, cell: float):
    outcome = perennial(
        "revenue", "cohorts", "--orders", orders, "--from", "2024", "--to", "2025-Q1", *KNOWN,
        "--grain", "quarter", "--metric", metric, "--json",
    )  # fmt: skip
    rows = {it["cohort"]: it for it in outcome.document["rows"]}
    assert (rows["2024-Q1"]["size"], rows["2024-Q1"]["start_mrr"]) == (3, "1800.00")
    assert rows["2024-Q1"]["cells"] == [1.0, 1.0, 1.0, 1.0, cell]
    assert (rows["2025-Q1"]["size"], rows["2025-Q1"]["start_mrr"]) == (1, "1690.00")
    assert rows["2025-Q1"]["cells"] == [1.0, None, None, None, None]
    assert outcome.document["total"] == [1.0, 1.0, 1.0, 1.0, cell]


def test_cohorts_by_renewal_cycle(perennial: Command, orders: Path):
    outcome = perennial(
        "revenue", "cohorts", "--orders", orders, "--from", "2024", "--to", "2025-Q1", *KNOWN,
        "--grain", "year", "--by", "cycle", "--json",
    )  # fmt: skip
    [first, _second] = outcome.document["rows"]
    assert first["cells"] == [1.0, 0.333333]  # A renewed once, B and C did not


def test_economics(perennial: Command, orders: Path):
    outcome = perennial(
        "revenue", "economics", "--orders", orders, "--from", "2025-02", "--to", "2025-02", *KNOWN,
        "--sm-cost", "6000", "--gross-margin", "80%", "--json",
    )  # fmt: skip
    document = outcome.document
    assert (document["arpa"], document["monthly_churn"]) == ("1625.00", 0.5)  # 3,250 ÷ 2; 2 of 4
    assert (document["ltv"]["l1"], document["ltv"]["l2"]) == ("3250.00", "2600.00")
    assert (document["asp"], document["cac"], document["payback_months"]) == (None, None, None)
    assert document["reasons"]["cac"] == "nobody_came"
    assert {it["test"] for it in document["tests"]} >= {"ltv_to_cac", "payback_months"}


def test_ltv_of_chartmogul_by_the_churn_of_one_month(perennial: Command, tmp_path: Path):
    """Metric specification B1 #6: ARPA 100, churn 5 %, LTV 2,000; January's 31 days or not."""
    rows = [f"O-{n},C-{n},new,2024-01-01,{'2025-01-20' if n < 5 else ''},100\n" for n in range(100)]
    path = write(tmp_path, "order_id,customer_id,kind,start_on,end_on,mrr\n" + "".join(rows))
    month = ("--from", "2025-01", "--to", "2025-01", *KNOWN, "--json")
    document = perennial("revenue", "economics", "--orders", path, *month).document
    assert (document["arpa"], document["window_churn"]) == ("100.00", 0.05)
    assert document["ltv"]["l1"] == "2000.00"


def test_csv_has_the_figures_of_the_document(perennial: Command, orders: Path):
    outcome = perennial("revenue", "movements", "--orders", orders, *QUARTER, "--csv")
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    assert [it["period"] for it in rows] == ["2025-01", "2025-02", "2025-03"]
    for row, month in zip(rows, MONTHS, strict=True):
        for name in ("start", "new", "churn", "end", "rounding"):
            assert row[name] == month[name]
        assert float(row["grr"]) == month["grr"]
        assert row["count_churn"] == str(month["counts"]["churn"])
    assert "currency CNY" in outcome.err


def test_exact_amounts_add_up_and_round_to_the_printed_ones(perennial: Command, tmp_path: Path):
    thirds = ORDERS.replace("12000", "10000").replace("15000", "16000")
    path = write(tmp_path, thirds)
    asked = ("revenue", "movements", "--orders", path, *QUARTER, "--json")
    exact, printed = perennial(*asked, "--exact"), perennial(*asked)
    kinds = ("new", "expansion", "contraction", "churn", "reactivation")
    for one, other in zip(exact.document["periods"], printed.document["periods"], strict=True):
        sums = sum(Fraction(one[it]) for it in ("start", *kinds))
        assert Fraction(one["end"]) == sums
        assert "/" in one["end"]
        assert abs(Fraction(one["end"]) - Fraction(other["end"])) <= Fraction(1, 200)
        left = Fraction(other["end"]) - sum(Fraction(other[it]) for it in ("start", *kinds))
        assert Fraction(other["rounding"]) == left
    assert exact.document["periods"][0]["start"] == "4900/3"
