"""What goes into `perennial revenue`: formats, wrong rows in both languages, what is missing."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from perennial.config.tests.revenue_ledger import ORDERS, write

Command = Callable[..., Any]
HEADER = (
    "order_id,customer_id,kind,start_on,end_on,recurring_amount,renews,signed_on,line,recorded_at\n"
)
FIRST = "O-1,C,new,2024-01-01,2025-01-01,12000,,2024-01-01,,\n"
YEAR = ("--from", "2024", "--to", "2024", "--grain", "year", "--known-at", "2026-01-01")


@pytest.fixture(autouse=True)
def absent(settings: Any, tmp_path: Path) -> Any:
    folder = tmp_path / "absent"
    settings.PERENNIAL_HOME = folder
    yield folder
    assert not folder.exists()


def movements(perennial: Command, path: Path, *also: object) -> Any:
    return perennial("revenue", "movements", "--orders", path, *YEAR, *also)


WRONG = [
    pytest.param("O-1,C,new,2024-01-01,2025-01-01,9000,,2024-01-01,,\n", "recorded_at",
                 id="the same line twice with other contents"),
    pytest.param("O-1,C,new,2024-06-01,2025-06-01,9000,,2024-01-01,,2024-01-02\n", "",
                 id="no fault: recorded again later"),
    pytest.param("O-2,C,renewal,2025-01-01,2026-01-01,1,O-3,2024-12-01,,\n"
                 "O-3,C,renewal,2026-01-01,2027-01-01,1,O-2,2024-12-01,,\n", "renews",
                 id="renewals that form a loop"),
    pytest.param("O-2,C,renewal,2025-01-01,2026-01-01,12000,O-1,2023-06-01,,\n", "signed_on",
                 id="a renewal signed before the order that it renews"),
    pytest.param("O-2,C,new,2024-03-01,2024-03-01,12000,,2024-03-01,,\n", "end_on",
                 id="a term of no length"),
    pytest.param("O-2,C,new,2024-03-01,2025-03-01,-5,,2024-03-01,,\n", "recurring_amount",
                 id="a new order below zero"),
    pytest.param("O-2,C,downsell,2024-03-01,2025-01-01,5,O-1,2024-03-01,,\n", "recurring_amount",
                 id="a downsell above zero"),
    pytest.param("O-2,C,renewal,2025-01-01,2026-01-01,5,O-9,2024-12-01,,\n", "renews",
                 id="a renewal of nothing"),
    pytest.param("O-2,D,renewal,2025-01-01,2026-01-01,5,O-1,2024-12-01,,\n", "renews",
                 id="a renewal of another customer's order"),
    pytest.param("O-2,C,new,2024-03-01,2025-03-01,,,2024-03-01,,\n", "recurring_amount",
                 id="no amount: never a guess"),
    pytest.param("O-2,C,addon,2024-03-01,2025-03-01,0,,2024-03-01,,\n", "", id="no fault: free"),
    pytest.param("O-2,C,sale,2024-03-01,2025-03-01,5,,2024-03-01,,\n", "kind",
                 id="a kind that is none"),
    pytest.param("O-2,C,new,soon,2025-03-01,5,,2024-03-01,,\n", "start_on", id="no date"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "column"), WRONG)
def test_a_wrong_row_is_named_with_its_column_in_both_languages(
    perennial: Command, tmp_path: Path, rows: str, column: str
):
    path = write(tmp_path, HEADER + FIRST + rows)
    outcome = movements(perennial, path, "--json")
    if not column:
        assert outcome.code == 0
        return
    assert outcome.code == 3
    error = outcome.document["error"]
    assert (error["file"], error["column"]) == ("orders.csv", column)
    assert error["row"] in (2, 3, 4)
    assert error in outcome.document["errors"]
    english = movements(perennial, path, "--lang", "en").err
    chinese = movements(perennial, path, "--lang", "zh").err
    assert f"orders.csv, row {error['row']}, column {column}: " in english
    assert re.search(rf"第 {error['row']} 行.*[一-鿿]{{3}}", chinese)


def test_every_wrong_row_is_told_and_may_be_left_out(perennial: Command, tmp_path: Path):
    rows = "O-2,C,new,2024-03-01,2024-03-01,1,,,,\nO-3,C,new,2024-03-01,2025-03-01,-5,,,,\n"
    path = write(tmp_path, HEADER + FIRST + rows)
    refused = movements(perennial, path, "--json")
    assert (refused.code, [it["row"] for it in refused.document["errors"]]) == (3, [3, 4])
    without = movements(perennial, path, "--skip-bad-rows", "--json")
    assert (without.code, [it["row"] for it in without.document["findings"]]) == (1, [3, 4])
    assert without.document["periods"][0]["end"] == "1000.00"


def test_a_missing_rate_makes_figures_null_with_the_row_and_the_reason(
    perennial: Command, tmp_path: Path
):
    head = "order_id,customer_id,kind,start_on,end_on,mrr,currency\n"
    path = write(tmp_path, head + "1,A,new,2023-01-01,,100,CNY\n2,B,new,2024-02-01,,100,USD\n")
    outcome = movements(perennial, path, "--json")
    assert outcome.code == 1
    [finding] = outcome.document["findings"]
    assert (finding["code"], finding["row"], finding["column"]) == ("missing_rate", 3, "currency")
    [year] = outcome.document["periods"]
    assert (year["start"], year["end"], year["nrr"]) == ("100.00", None, None)
    assert year["reasons"]["end"] == "missing_rate"
    assert "row 3, column currency" in movements(perennial, path, "--lang", "en").err
    rates = write(tmp_path, "currency,rate\nUSD,7.2\n", "fx.csv")
    known = movements(perennial, path, "--fx", rates, "--set", "currency=CNY", "--json")
    assert (known.code, known.document["periods"][0]["end"]) == (0, "820.00")
    assert known.document["settings"]["files"] == {"orders": "orders.csv", "fx": "fx.csv"}


def test_dated_rates_need_spot_or_a_plan_rate_and_say_so(perennial: Command, tmp_path: Path):
    head = "order_id,customer_id,kind,start_on,mrr,currency\n"
    path = write(tmp_path, head + "1,A,new,2024-01-01,100,CNY\n2,B,new,2024-01-01,100,USD\n")
    fx = write(
        tmp_path, "currency,rate,effective_on\nUSD,7,2024-01-01\nUSD,8,2024-07-01\n", "fx.csv"
    )
    plan = movements(perennial, path, "--fx", fx, "--set", "currency=CNY", "--json")
    assert (plan.code, plan.document["periods"][0]["end"]) == (1, None)
    assert "fx=spot" in plan.document["findings"][0]["message"]
    spot = movements(perennial, path, "--fx", fx, "--set", "currency=CNY", "fx=spot",
                     "--grain", "quarter", "--json")  # fmt: skip
    quarters = spot.document["periods"]
    assert [it["fx"] for it in quarters] == ["0.00", "0.00", "100.00", "0.00"]
    assert (quarters[-1]["end"], quarters[2]["expansion"]) == ("900.00", "0.00")


def test_who_is_in_arrears_for_too_long_counts_as_lost_until_it_pays(
    perennial: Command, tmp_path: Path
):
    head = "order_id,customer_id,kind,start_on,mrr\n"
    path = write(tmp_path, head + "1,A,new,2024-01-01,100\n2,B,new,2024-01-01,50\n")
    text = "external_id,customer_id,issued_on,due_on,amount,currency,paid_on\n"
    owed = text + "I1,A,2024-02-01,2024-02-10,100,CNY,2024-05-15\n"
    invoices = write(tmp_path, owed, "invoices.csv")
    outcome = movements(perennial, path, "--invoices", invoices, "--grain", "month", "--json")
    ends = [it["end"] for it in outcome.document["periods"]]
    assert ends[:6] == ["150.00", "150.00", "50.00", "50.00", "150.00", "150.00"]


def test_an_invoice_recorded_with_its_payment_was_owed_before_it(
    perennial: Command, tmp_path: Path
):
    """One row, written again when it is paid, as the home exports it: on 30 April it was owed."""
    head = "order_id,customer_id,kind,start_on,mrr\n"
    path = write(tmp_path, head + "1,A,new,2024-01-01,100\n2,B,new,2024-01-01,50\n")
    text = "external_id,customer_id,issued_on,due_on,amount,currency,paid_on,recorded_at\n"
    owed = text + "I1,A,2024-02-01,2024-02-10,100,CNY,2024-05-15,2024-05-15T09:00:00+08:00\n"
    invoices = write(tmp_path, owed, "invoices.csv")
    flags = ["--known-at", "2024-04-30", "--grain", "month", "--json"]
    outcome = movements(perennial, path, "--invoices", invoices, *flags)
    ends = [it["end"] for it in outcome.document["periods"]]
    assert ends[:6] == ["150.00", "150.00", "50.00", "50.00", "50.00", "50.00"]


def test_a_total_without_its_one_off_share_is_flagged_and_never_guessed(
    perennial: Command, tmp_path: Path
):
    head = "order_id,customer_id,kind,start_on,end_on,total_amount,one_off_amount\n"
    rows = "1,A,new,2024-01-01,2025-01-01,15000,3000\n2,B,new,2024-01-01,2025-01-01,12000,\n"
    outcome = movements(perennial, write(tmp_path, head + rows), "--json")
    assert outcome.code == 1
    [finding] = outcome.document["findings"]
    assert (finding["code"], finding["row"]) == ("split_missing", 3)
    [year] = outcome.document["periods"]
    assert (year["new"], year["reasons"]["new"]) == (None, "split_missing")


def test_orders_in_one_foreign_currency_need_no_rate(perennial: Command, tmp_path: Path):
    head = "order_id,customer_id,kind,start_on,mrr,currency\n"
    path = write(tmp_path, head + "1,A,new,2024-01-01,100,USD\n")
    outcome = movements(perennial, path, "--json")
    assert outcome.document["settings"]["currency"] == "USD"
    assert outcome.document["periods"][0]["end"] == "100.00"
    asked = movements(perennial, path, "--set", "currency=CNY", "--json")
    assert asked.document["periods"][0]["end"] is None


def test_unknown_columns_are_ignored_with_a_notice(perennial: Command, tmp_path: Path):
    text = ORDERS.replace("signed_on\n", "signed_on,colour\n", 1).replace("-20\n", "-20,red\n", 1)
    lines = [f"{it}," if it.count(",") == 7 else it for it in text.splitlines()]
    path = write(tmp_path, "\n".join(lines) + "\n")
    outcome = movements(perennial, path, "--lang", "en", "--json")
    assert outcome.code == 0
    assert outcome.document["periods"]
    assert "colour" in outcome.err


CHINESE = {
    "order_id": "订单号",
    "customer_id": "客户",
    "kind": "订单类型",
    "start_on": "开始日期",
    "end_on": "结束日期",
    "recurring_amount": "订阅金额",
    "renews": "续约订单",
    "signed_on": "签约日期",
}
CHINESE_HEADER = ",".join(CHINESE.values())


def chinese_orders() -> str:
    return ORDERS.replace(ORDERS.splitlines()[0], CHINESE_HEADER)


def gb18030(folder: Path) -> Path:
    path = folder / "订单.csv"
    path.write_bytes(chinese_orders().encode("gb18030"))
    return path


def workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in chinese_orders().splitlines():
        sheet.append([_cell(it) for it in line.split(",")])
    path = folder / "订单.xlsx"
    book.save(path)
    return path


def _cell(text: str) -> object:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return float(text) if text.lstrip("-").isdigit() else text or None
    return datetime(day.year, day.month, day.day)


def packed(folder: Path) -> Path:
    path = folder / "orders.csv.gz"
    path.write_bytes(gzip.compress(ORDERS.encode()))
    return path


def packed_workbook(folder: Path) -> Path:
    path = folder / "orders.xlsx.gz"
    path.write_bytes(gzip.compress(workbook(folder).read_bytes()))
    return path


@pytest.mark.parametrize("made", [gb18030, workbook, packed, packed_workbook])
def test_a_table_is_read_whatever_it_is(
    perennial: Command, tmp_path: Path, made: Callable[[Path], Path]
):
    outcome = perennial(
        "revenue", "retention", "--orders", made(tmp_path), "--from", "2025-01", "--to", "2025-03",
        "--known-at", "2025-06-30", "--json",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert (outcome.document["start_mrr"], outcome.document["grr"]) == ("1800.00", 0.833333)


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty_file"), (ORDERS.splitlines()[0] + "\n", "empty_ledger")]
)
def test_an_empty_file_is_refused_with_one_sentence(
    perennial: Command, tmp_path: Path, text: str, code: str
):
    path = write(tmp_path, text)
    outcome = perennial("revenue", "movements", "--orders", path, "--json")
    assert (outcome.code, outcome.document["error"]["code"]) == (3, code)


def test_a_ledger_without_orders_has_zeros_and_no_rates(perennial: Command, tmp_path: Path):
    outcome = movements(perennial, write(tmp_path, ORDERS.splitlines()[0] + "\n"), "--json")
    [year] = outcome.document["periods"]
    assert (outcome.code, year["end"], year["grr"]) == (0, "0.00", None)
    assert year["reasons"] == {"grr": "nothing_at_start", "nrr": "nothing_at_start"}


def test_a_file_that_is_not_there_is_named(perennial: Command, tmp_path: Path):
    outcome = movements(perennial, tmp_path / "nowhere.csv", "--json")
    assert (outcome.code, outcome.document["error"]["code"]) == (3, "no_such_file")


def test_an_end_that_looks_like_the_last_day_of_service_is_told(perennial, tmp_path):
    first = FIRST.replace("2025-01-01", "2024-12-31")
    renewal = "O-2,C,renewal,2025-01-01,2025-12-31,12000,O-1,2024-12-01,,\n"
    told = movements(perennial, write(tmp_path, HEADER + first + renewal))
    assert "--map last_on" in told.err
    mapped = movements(
        perennial,
        write(tmp_path, (HEADER + first + renewal).replace("end_on", "last_on")),
    )
    assert "--map last_on" not in mapped.err
