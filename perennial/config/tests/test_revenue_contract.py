"""What scripts that call `perennial revenue` hold on to: order of rows, reasons, wrong options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from perennial.config.tests.revenue_ledger import ORDERS, write

Command = Callable[..., Any]


def test_the_order_of_the_rows_changes_nothing(perennial: Command, tmp_path: Path):
    """Metric specification B6: reordering the input."""
    orders = write(tmp_path)
    first, *rows = ORDERS.splitlines()
    other = write(tmp_path, "\n".join([first, *reversed(rows)]) + "\n", "reversed.csv")
    for report in ("movements", "retention", "renewals", "cohorts"):
        asked = (
            "revenue",
            report,
            "--from",
            "2024-01",
            "--to",
            "2025-03",
            "--known-at",
            "2025-06-30",
            "--json",
        )
        one = perennial(*asked, "--orders", orders).document
        two = perennial(*asked, "--orders", other).document
        assert {**one, "settings": None} == {**two, "settings": None}


def test_a_cohort_says_which_cells_lack_a_rate_and_which_are_not_over(
    perennial: Command, tmp_path: Path
):
    rows = (
        "order_id,customer_id,kind,start_on,end_on,mrr,currency\n"
        "A,c1,new,2025-01-01,2026-01-01,100,CNY\n"
        "B,c1,addon,2025-02-01,2025-03-01,100,USD\n"
        "C,c2,new,2025-02-01,2026-01-01,100,CNY\n"
    )
    found = perennial(
        "revenue", "cohorts", "--metric", "nrr", "--orders", write(tmp_path, rows), "--json",
        "--from", "2025-01", "--to", "2025-03", "--set", "currency=CNY",
    ).document  # fmt: skip
    first, second, _ = found["rows"]
    assert (first["cells"], first["reasons"]) == ([1, None, 1], {"cells": "missing_rate"})
    assert (second["cells"], second["reasons"]) == ([1, 1, None], {"cells": "not_over"})
    assert (found["total"], found["reasons"]) == ([1, None, 1], {"total": "missing_rate"})


@pytest.mark.parametrize(
    "asked",
    [
        ("whatif", "--start", "1", "--renewal", "-1"),
        ("whatif", "--start", "1", "--renewal", ".5", "--periods", "0"),
        ("economics", "--orders", "o.csv", "--sm-cost=-5"),
        ("economics", "--orders", "o.csv", "--gross-margin", "150%"),
        ("survival", "--data", "s.csv", "--discount=-1"),
        ("survival", "--data", "s.csv", "--fit-periods", "0"),
    ],
    ids=" ".join,
)
def test_an_option_beyond_its_bounds_is_wrong_usage(perennial: Command, asked: tuple[str, ...]):
    outcome = perennial("revenue", *asked, "--json")
    assert (outcome.code, set(outcome.document)) == (2, {"error"})
