"""`perennial revenue`: published figures, flags, exit codes, the home, large files."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from perennial.config.commands.revenue import books
from perennial.config.periods import read_period
from perennial.config.tests.revenue_ledger import ORDERS, write

Command = Callable[..., Any]
KNOWN = ("--known-at", "2025-06-30")
QUARTER = ("--from", "2025-01", "--to", "2025-03", *KNOWN)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write(tmp_path)


def test_the_seed_scenario_of_renewal_leverage(perennial: Command):
    """Metric specification B3: 1,000 growing 30 %, at 50 % and at 80 % renewal."""
    document = perennial(
        "revenue", "whatif", "--start", "1000", "--growth", ".3", "--renewal", "0.5,0.8",
        "--periods", "10", "--json",
    ).document  # fmt: skip
    low, high = document["scenarios"]
    assert low["revenue"] == [
        "1000.00", "1800.00", "2590.00", "3492.00", "4602.10", "6013.98", "7833.80", "10191.75",
        "13253.18", "17231.09",
    ]  # fmt: skip
    assert high["revenue"][-1] == "27356.95"
    assert (low["sum"][:-1], high["sum"]) == ("68007.9", "103669.69")
    assert (round(document["ratio"][-1], 4), document["ratio_limit"]) == (1.5877, 1.6)
    assert (low["renewal"], high["renewal"]) == (0.5, 0.8)


def test_a_ratio_without_a_limit_says_why(perennial: Command):
    document = perennial(
        "revenue", "whatif", "--start", "1", "--renewal", "50%,100%", "--json"
    ).document
    assert (document["ratio_limit"], document["reasons"]) == (None, {"ratio_limit": "no_limit"})


@pytest.mark.parametrize(
    ("column", "model", "alpha", "beta", "ll", "last"),
    [
        ("high_end", "sbg", 0.6681, 3.8061, -1611.158, 0.378),
        ("regular", "sbg", 0.7041, 1.1820, -1680.265, 0.170),
        ("high_end", "bdw", 0.2143, 1.4266, -1605.314, 0.404),
        ("regular", "bdw", 0.4556, 0.7793, -1679.603, 0.177),
    ],
)
def test_survival_of_the_published_tables(
    perennial: Command, shared_data: Path, column: str, model: str, alpha: float, beta: float,
    ll: float, last: float,
):  # fmt: skip
    """Metric specification B2: fitted on years 1–7, projected to year 12."""
    document = perennial(
        "revenue", "survival", "--data", shared_data / "sbg_survival.csv", "--map", "period=year",
        f"alive={column}", "--fit-periods", "7", "--model", model, "--json",
    ).document  # fmt: skip
    assert document["params"]["alpha"] == pytest.approx(alpha, rel=0.02)
    assert document["params"]["beta"] == pytest.approx(beta, rel=0.02)
    assert document["ll"] == pytest.approx(ll, abs=1e-3)
    assert len(document["survival"]) == 13
    assert round(document["survival"][12], 3) == pytest.approx(last, abs=0.0011)
    if model == "sbg":
        assert len(document["derl"]) == 8
        assert document["mean_lifetime"] is None
        assert document["reasons"] == {"mean_lifetime": "infinite"}
        if column == "high_end":
            assert round(document["derl"][7], 4) == 7.5296  # DERL(8), jdmaturen
    else:
        assert document["reasons"] == {"derl": "only_sbg", "mean_lifetime": "only_sbg"}


RAVENSTACK = (
    "order_id=subscription_id", "customer_id=account_id", "kind=is_trial{TRUE:trial,FALSE:new}",
    "start_on=start_date", "end_on=end_date", "product=plan_tier", "mrr=mrr_amount",
    "currency==USD",
)  # fmt: skip


def test_ravenstack_by_mapping_alone(perennial: Command, shared_data: Path):
    """MRR 1,262,113 of 185 accounts at the end of 2023, 10,159,608 of 500 a year later."""
    outcome = perennial(
        "revenue", "movements", "--orders", shared_data / "ravenstack_subscriptions.csv.gz",
        "--map", *RAVENSTACK, "--skip-bad-rows", "--set", "currency=USD", "--from", "2023",
        "--to", "2024", "--grain", "year", "--json",
    )  # fmt: skip
    first, second = outcome.document["periods"]
    assert (first["end"], first["customers"]) == ("1262113.00", 185)
    assert (second["end"], second["customers"]) == ("10159608.00", 500)
    assert outcome.code == 1
    assert {it["code"] for it in outcome.document["findings"]} == {"ends_before_start"}
    assert len(outcome.document["findings"]) == 13


@pytest.mark.parametrize(
    ("options", "code"),
    [
        pytest.param(["--from", "2025", "--to", "2024"], 2, id="from after to"),
        pytest.param(["--from", "2025-13"], 2, id="a month that is none"),
        pytest.param(["--from", "2025-02-30"], 2, id="a day that is none"),
        pytest.param(["--grain", "week"], 2, id="a grain that is none"),
        pytest.param(["--set", "levle=order"], 2, id="a setting that is none"),
        pytest.param(["--set", "level=everything"], 2, id="a value that is none"),
        pytest.param(["--set", "level"], 2, id="a setting without a value"),
        pytest.param(["--grace-days", "-1"], 2, id="days below zero"),
        pytest.param(["--map", "order_id=nothing"], 3, id="a column that is not there"),
        pytest.param(["--fx", "nowhere.csv"], 3, id="a file that is not there"),
        pytest.param([], 0, id="done"),
    ],
)
def test_exit_codes(perennial: Command, orders: Path, options: list[str], code: int):
    outcome = perennial("revenue", "movements", "--orders", orders, *options, "--json")
    assert outcome.code == code
    assert json.loads(outcome.out).keys() >= ({"error"} if code else {"periods", "settings"})


@pytest.mark.parametrize("option", ["--pauses", "--invoices", "--exclusions", "--map"])
def test_what_belongs_to_a_file_is_not_ignored_without_one(perennial: Command, option: str):
    outcome = perennial("revenue", "renewals", option, "a=b", "--lang", "en")
    assert outcome.code == 2
    assert f"{option} goes with --orders." in outcome.err


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2025q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-1-5", date(2025, 1, 5), date(2025, 1, 5)),
    ],
)
def test_a_period_is_its_first_day_in_from_and_its_last_in_to(text: str, first: date, last: date):
    found = read_period(text)
    assert found is not None
    assert (found.first_on, found.last_on) == (first, last)


def test_settings_name_everything_that_defines_the_figures(perennial: Command, orders: Path):
    settings = perennial(
        "revenue", "movements", "--orders", orders, *QUARTER, "--grain", "quarter",
        "--grace-days", "10", "--set", "level=order", "churn_recognition=on_notice", "--json",
    ).document["settings"]  # fmt: skip
    assert settings["level"] == "order"
    assert settings["churn_recognition"] == "on_notice"
    assert settings["grace_days"] == 10
    assert [settings[it] for it in ("from", "to", "known_at", "grain", "report", "currency")] == [
        "2025-01-01", "2025-03-31", "2025-06-30", "quarter", "net", "CNY",
    ]  # fmt: skip
    assert settings["files"] == {"orders": "orders.csv"}


def test_knowledge_of_a_past_day_leaves_later_rows_out(perennial: Command, orders: Path):
    asked = ("revenue", "movements", "--orders", orders, "--from", "2025-03", "--to", "2025-03")
    [then] = perennial(*asked, "--known-at", "2025-03-01", "--json").document["periods"]
    assert (then["contraction"], then["reactivation"], then["end"]) == (
        "-310.00",
        "0.00",
        "2940.00",
    )
    [now] = perennial(*asked, "--json").document["periods"]
    assert now["end"] == "3540.00"


def test_a_pause_takes_and_its_end_gives_back(perennial: Command, orders: Path, tmp_path: Path):
    text = "customer_id,start_on,end_on\nD,2025-02-01,2025-03-01\n"
    pauses = write(tmp_path, text, "pauses.csv")
    outcome = perennial(
        "revenue", "movements", "--orders", orders, "--pauses", pauses, *QUARTER, "--json"
    )
    _january, february, march = outcome.document["periods"]
    assert (february["contraction"], february["customers"]) == ("-2000.00", 2)
    assert (march["expansion"], march["contraction"]) == ("1690.00", "0.00")


def test_without_days_it_runs_over_the_whole_ledger(perennial: Command, orders: Path):
    periods = perennial("revenue", "movements", "--orders", orders, "--json").document["periods"]
    assert (periods[0]["period"], periods[-1]["period"]) == ("2024-01", "2026-03")
    known = perennial("revenue", "movements", "--orders", orders, *KNOWN, "--json").document
    assert known["periods"][-1]["period"] == "2025-06"
    settings = perennial("revenue", "retention", "--orders", orders, *KNOWN, "--json").document[
        "settings"
    ]
    assert (settings["from"], settings["to"]) == ("2024-07-01", "2025-06-30")


REPORTS = [
    ("movements",),
    ("movements", "--report", "activity", "--grain", "quarter"),
    ("retention",),
    ("renewals",),
    ("cohorts", "--metric", "nrr", "--grain", "quarter"),
    ("cohorts", "--by", "cycle", "--grain", "quarter"),
    ("economics", "--sm-cost", "9000", "--gross-margin", ".8"),
]


@pytest.mark.parametrize("report", REPORTS, ids=" ".join)
def test_the_fast_road_gives_the_same_document(
    perennial: Command, orders: Path, monkeypatch: pytest.MonkeyPatch, report: tuple[str, ...]
):
    asked = ("revenue", *report, "--orders", orders, "--from", "2024", "--to", "2025-Q1", *KNOWN,
             "--json")  # fmt: skip
    exact = perennial(*asked)
    monkeypatch.setattr(books, "FAST_ABOVE", 0)
    assert perennial(*asked).document == exact.document


@pytest.mark.parametrize("report", REPORTS, ids=" ".join)
def test_every_report_reads_in_both_languages(
    perennial: Command, orders: Path, report: tuple[str, ...]
):
    asked = ("revenue", *report, "--orders", orders, *QUARTER)
    english, chinese = (perennial(*asked, "--lang", it).out for it in ("en", "zh"))
    assert "Definitions: currency CNY" in english
    assert "口径：币种 CNY" in chinese
    assert "2025-01-01 至 2025-03-31，按 2025-06-30 所知。" in chinese


def test_csv_of_what_people_typed_cannot_run_in_a_spreadsheet(perennial: Command, tmp_path: Path):
    path = write(tmp_path, ORDERS.replace(",A,", ",=1+1,"))
    asked = ("--from", "2024-12", "--to", "2025-02", *KNOWN, "--csv")
    rows = list(
        csv.DictReader(io.StringIO(perennial("revenue", "renewals", "--orders", path, *asked).out))
    )
    assert [it["customer_id"] for it in rows] == ["'=1+1", "B", "C"]
    assert [it["due_amount"] for it in rows] == ["12000.00", "6000.00", "3600.00"]


def in_a_shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script],
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PERENNIAL_HOME": str(folder / "absent"),
            "PERENNIAL_DATABASE_URL": "",
            "LANG": "C.UTF-8",
            "DJANGO_SETTINGS_MODULE": "perennial.config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_failure(orders: Path, tmp_path: Path):
    report = f'perennial revenue movements --orders "{orders}" --grain day'
    outcome = in_a_shell(tmp_path, f"{report} | head -1; echo ${{PIPESTATUS[0]}}")
    assert outcome.stdout.splitlines()[0].startswith("Period")
    assert outcome.stdout.splitlines()[-1] == "0"
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "absent").exists()


@pytest.mark.slow
def test_a_full_disk_behind_the_output_is_told_in_one_sentence(orders: Path, tmp_path: Path):
    report = f'perennial revenue movements --orders "{orders}" --json > /dev/full'
    outcome = in_a_shell(tmp_path, report)
    assert outcome.returncode == 5
    assert outcome.stderr.strip() == "The disk is full. Nothing half written is kept."


@pytest.mark.slow
def test_whoever_forgets_the_file_is_told_so_and_gets_no_home(tmp_path: Path):
    outcome = in_a_shell(tmp_path, "perennial revenue movements --json")
    assert outcome.returncode == 3
    assert json.loads(outcome.stdout)["error"]["code"] == "no_ledger"
    assert not (tmp_path / "absent").exists()
