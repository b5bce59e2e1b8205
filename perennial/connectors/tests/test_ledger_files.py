"""Plain files read for the revenue commands, without a database."""

from __future__ import annotations

import gzip
from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perennial.connectors.ledger_files import (
    OrdersFile,
    read_exclusions,
    read_invoices,
    read_orders,
    read_pauses,
    read_rates,
    read_survival,
)
from perennial.connectors.tests.files import ORDERS, write
from perennial.contracts.rules import Basis, Kind, resolve
from perennial.units.errors import InputRefused
from perennial.units.mapping import parse_map

HEADER = "order_id,customer_id,kind,start_on,end_on,signed_on,recurring_amount"


def orders(folder: Path, *rows: str, header: str = HEADER, **also) -> OrdersFile:
    return read_orders(write(folder, "o.csv", "\n".join((header, *rows, ""))), **also)


def faults(folder: Path, *rows: str, header: str = HEADER) -> list[tuple[str, int | None, str]]:
    with pytest.raises(InputRefused) as refused:
        orders(folder, *rows, header=header)
    first = refused.value.errors[0]
    assert (refused.value.code, refused.value.row) == (first.code, first.row)
    return [(it.code, it.row, it.column or "") for it in refused.value.errors]


def test_orders_are_read_with_their_defaults(tmp_path):
    read = read_orders(write(tmp_path, "a.csv", ORDERS))
    [line] = read.lines
    assert (line.order_id, line.line, line.interval_months) == ("O1", "1", 1)
    assert (line.amount, line.basis) == (Fraction(12000), Basis.TERM)
    assert (line.signed_on, line.recorded_on) == (date(2024, 1, 1), date(2024, 1, 1))
    assert (read.rows, read.customers, line.customer_id) == ([2], ["C1"], 0)


def test_all_wrong_rows_come_back_at_once_and_the_first_is_named(tmp_path):
    assert faults(
        tmp_path,
        "A,C1,new,2024-01-01,2025-01-01,,1200",
        "B,C1,new,2024-01-01,2024-01-01,,1200",
        "C,C1,new,2024-01-01,,,-1",
        "D,C1,renewal,31/31/2024,,,1",
    ) == [
        ("ends_before_start", 3, "end_on"),
        ("negative_amount", 4, "recurring_amount"),
        ("bad_date", 5, "start_on"),
    ]


def test_bad_rows_may_be_left_out(tmp_path):
    read = orders(
        tmp_path,
        "A,C1,new,2024-01-01,2024-01-01,,1200",
        "B,C2,new,2024-01-01,,,100",
        "C,C1,cancellation,2024-06-01,,,",
        skip_bad_rows=True,
    )
    assert [line.order_id for line in read.lines] == ["B"]
    assert read.customers == ["C2"]
    assert [(it.code, it.row) for it in read.errors] == [
        ("ends_before_start", 2),
        ("cancels_nothing", 4),
    ]


def test_columns_that_nothing_reads_are_named(tmp_path):
    read = orders(tmp_path, "A,C1,new,2024-01-01,,,1,Li,x", header=HEADER + ",sales_rep,colour")
    assert read.ignored == ("sales_rep", "colour")


CHINESE = "订单号,客户,类型,开始日期,结束日期,签约日期,订阅金额,席位,自动续约,备注"


def test_chinese_headers_and_kinds_are_understood(tmp_path):
    read = orders(
        tmp_path,
        "A,甲,新签,2024年1月1日,2025-01-01,2023/12/20,12000,10,是,无",
        "B,甲,续费,2025-01-01,,,100,,否,",
        header=CHINESE,
    )
    first, second = read.lines
    assert (first.kind, first.seats, first.auto_renew) == (Kind.NEW, 10, True)
    assert (second.kind, second.basis, second.auto_renew) == (
        Kind.RENEWAL,
        Basis.INTERVAL,
        False,
    )
    assert (read.customers, read.ignored) == (["甲"], ("备注",))
    assert (read.taken["类型"], read.taken["订阅金额"]) == ("kind", "recurring_amount")


def test_an_amount_beside_mrr_is_somebody_elses(tmp_path):
    header = "order_id,customer_id,kind,start_on,mrr,amount"
    read = orders(tmp_path, "A,C1,new,2024-01-01,100,1200", header=header)
    assert [read.lines[0].basis, read.lines[0].amount] == [Basis.MRR, 100]
    assert read.ignored == ("amount",)


def test_columns_may_be_mapped(tmp_path):
    read = orders(
        tmp_path,
        "S1,A1,2024-01-01,FALSE,50",
        header="subscription,account,begin,is_trial,price",
        map=parse_map(
            [
                "order_id=subscription",
                "customer_id=account",
                "start_on=begin",
                "kind=is_trial{TRUE:trial,FALSE:new}",
                "mrr=price",
                "currency==USD",
            ]
        ),
    )
    [line] = read.lines
    assert [line.kind, line.currency, line.amount] == [Kind.NEW, "USD", 50]


@pytest.mark.parametrize("form", ["csv.gz", "ndjson", "xlsx", "parquet", "parquet.gz"])
def test_every_form_of_file_says_the_same(tmp_path, form, settings):
    names = HEADER.split(",")
    row = ["A", "C1", "new", "2024-01-01", "2025-01-01", "2023-12-01", "1200.5"]
    plain = orders(tmp_path, ",".join(row))
    path = tmp_path / f"o.{form}"
    settings.PERENNIAL_HOME = tmp_path / "no home"
    if form == "csv.gz":
        path.write_bytes(gzip.compress(f"{HEADER}\n{','.join(row)}\n".encode()))
    elif form == "ndjson":
        pairs = ",".join(f'"{name}":"{cell}"' for name, cell in zip(names, row, strict=True))
        path.write_text("{" + pairs + "}\n", encoding="utf-8")
    elif form == "xlsx":
        book = openpyxl.Workbook()
        sheet = book.create_sheet("orders", 0)
        sheet.append(names)
        sheet.append(row)
        book.save(path)
    else:
        plain_path = tmp_path / "o.parquet"
        pq.write_table(pa.table({n: [c] for n, c in zip(names, row, strict=True)}), plain_path)
        if form.endswith(".gz"):
            path.write_bytes(gzip.compress(plain_path.read_bytes()))
    assert read_orders(path).lines == plain.lines
    assert not settings.PERENNIAL_HOME.exists()


TOTALS = "order_id,customer_id,kind,start_on,end_on,total_amount,one_off_amount"


def test_a_total_without_its_one_off_share_is_a_finding_and_unknown(tmp_path):
    read = orders(
        tmp_path,
        "A,C1,new,2024-01-01,2026-01-01,500000,100000",
        "B,C1,new,2024-01-01,2026-01-01,500000,",
        header=TOTALS,
    )
    split, missing = resolve(read.lines)
    assert [split.mrr * 12, split.one_off, split.unknown] == [200_000, 100_000, ""]
    assert [missing.mrr, missing.unknown] == [0, "split_missing"]
    assert [(it.code, it.row, it.column) for it in read.findings] == [
        ("split_missing", 3, "one_off_amount")
    ]


def test_the_total_of_a_buyout_is_its_price_and_needs_no_term(tmp_path):
    read = orders(tmp_path, "A,C1,buyout,2024-01-01,,300000,", header=TOTALS)
    [term] = resolve(read.lines)
    assert [term.mrr, term.one_off, term.unknown, read.findings] == [0, 300_000, "", []]


def test_a_total_needs_a_term_and_at_most_itself_as_one_off(tmp_path):
    assert faults(
        tmp_path,
        "A,C1,new,2024-01-01,,500000,",
        "B,C1,new,2024-01-01,2026-01-01,5,6",
        header=TOTALS,
    ) == [("total_without_term", 2, "end_on"), ("one_off_above_total", 3, "one_off_amount")]


def test_pauses_are_read_for_customers_and_orders_that_exist(tmp_path):
    ledger = orders(tmp_path, "A,C1,new,2024-01-01,,,1", "B,C2,new,2024-01-01,,,1")
    text = "customer_id,start_on,end_on,order_id\nC2,2024-01-01,2024-02-01,\nC1,2024-03-01,,A\n"
    read = read_pauses(write(tmp_path, "p.csv", text), ledger)
    assert [(it.customer_id, it.order_id, it.end_on) for it in read.pauses] == [
        (1, "", date(2024, 2, 1)),
        (0, "A", None),
    ]
    with pytest.raises(InputRefused) as refused:
        read_pauses(write(tmp_path, "q.csv", text + "C3,2024-01-01,,\nC1,2024-01-01,,B\n"), ledger)
    assert [(it.code, it.row) for it in refused.value.errors] == [
        ("unknown_customer", 4),
        ("unknown_order", 5),
    ]


def test_rates_are_plan_rates_unless_they_say_from_when(tmp_path):
    text = "currency,rate,effective_on\nUSD,7.1,\nusd,7.25,2024-02-01\nUSD,7.2,2024-01-01\n"
    rates = read_rates(write(tmp_path, "fx.csv", text)).rates
    assert rates.plan == {"USD": Fraction(71, 10)}
    assert rates.spot == {
        "USD": ((date(2024, 1, 1), Fraction(36, 5)), (date(2024, 2, 1), Fraction(29, 4)))
    }


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("USD,0\n", "bad_rate"),
        ("USD,-7\n", "bad_rate"),
        ("USD,\n", "missing_value"),
        ("XXY,7\n", "unknown_currency"),
        ("USD,7\nUSD,8\n", "repeated_id"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(tmp_path, rows, code):
    with pytest.raises(InputRefused) as refused:
        read_rates(write(tmp_path, "fx.csv", "currency,rate\n" + rows))
    assert refused.value.code == code


def test_an_exclusion_needs_reason_evidence_and_approver(tmp_path):
    ledger = orders(tmp_path, "A,C1,new,2024-01-01,,,1", "B,C2,new,2024-01-01,,,1")
    header = "order_id,reason,evidence,approved_by\n"
    read = read_exclusions(write(tmp_path, "x.csv", header + "A,倒闭,工商注销,王总\n"), ledger)
    assert [(it.order_id, it.reason, it.approved_by) for it in read.items] == [
        ("A", "closed", "王总")
    ]
    bad = header + "A,,e,w\nA,closed,,w\nA,closed,e,\nZ,closed,e,w\n"
    with pytest.raises(InputRefused) as refused:
        read_exclusions(write(tmp_path, "y.csv", bad), ledger)
    assert [(it.code, it.row, it.column) for it in refused.value.errors] == [
        ("missing_value", 2, "reason"),
        ("missing_value", 3, "evidence"),
        ("missing_value", 4, "approved_by"),
        ("unknown_order", 5, "order_id"),
    ]


def test_survival_is_read_by_mapping(shared_data):
    read = read_survival(
        shared_data / "sbg_survival.csv", map=parse_map(["period=year", "alive=high_end"])
    )
    assert read.periods == list(range(13))
    assert read.alive[:2] == [1000, 869]
    assert read.ignored == ("regular",)


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        ("0,100\n2,50\n", "missing_period", 3),
        ("0,100\n1,50\n2,60\n", "survival_rises", 4),
        ("0,0\n1,0\n", "nobody_at_start", 2),
        ("0,100\n1,-5\n", "negative_amount", 3),
    ],
    ids=["a gap", "somebody comes back", "nobody", "below zero"],
)
def test_survival_that_cannot_be_is_refused(tmp_path, rows, code, row):
    with pytest.raises(InputRefused) as refused:
        read_survival(write(tmp_path, "s.csv", "period,alive\n" + rows))
    assert (refused.value.code, refused.value.row) == (code, row)


def test_invoices_belong_to_customers_of_the_ledger(tmp_path):
    ledger = orders(tmp_path, "A,C1,new,2024-01-01,,,1")
    header = "external_id,customer_id,issued_on,due_on,amount,currency,paid_on\n"
    text = header + "I1,C1,2024-01-01,2024-01-31,100,CNY,\n"
    [invoice] = read_invoices(write(tmp_path, "i.csv", text), ledger).invoices
    assert (invoice.customer_id, invoice.due_on, invoice.paid_on) == (0, date(2024, 1, 31), None)
    wrong = header + "I1,C1,2024-02-01,2024-01-31,100,CNY,\nI2,C9,2024-01-01,2024-01-31,1,CNY,\n"
    with pytest.raises(InputRefused) as refused:
        read_invoices(write(tmp_path, "j.csv", wrong), ledger)
    assert [it.code for it in refused.value.errors] == ["due_before_issued", "unknown_customer"]


def test_the_last_day_of_service_is_the_day_before_the_end(tmp_path):
    header = "订单号,客户,类型,开始日期,到期日,订阅金额"
    read = orders(tmp_path, "A,橡果,新签,2024-01-01,2024-12-31,1200", header=header)
    assert read.lines[0].end_on == date(2025, 1, 1)
    assert read.lines[0].basis is Basis.TERM
