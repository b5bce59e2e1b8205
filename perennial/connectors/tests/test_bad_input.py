"""Bad input gets one clear sentence with file, row and column, in the reader's language."""

import gzip

import pytest
from django.utils import translation

from perennial.connectors.models import Import
from perennial.connectors.rejects import shown
from perennial.connectors.tests.files import ORDERS, bring, customers, write
from perennial.contracts.models import Invoice, OrderLine
from perennial.customers.models import Customer
from perennial.tickets.models import Ticket
from perennial.units.errors import InputRefused

pytestmark = pytest.mark.django_db
ORDER = "order_id,customer_id,kind,start_on,end_on,mrr,currency,renews\n"
INVOICE = "external_id,customer_id,issued_on,due_on,amount,currency\n"
TICKET = "external_id,customer_id,opened_at,closed_at\n"

CASES = [
    pytest.param(
        "orders", "o.csv", "order_id,customer_id,kind\nO1,C1,new\n", "missing_column", 1,
        "start_on", "Required columns are missing: start_on", "缺少必需的列：start_on",
        id="a required column",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + ",C1,new,2024-01-01,,5,CNY,\n", "missing_value", 2, "order_id",
        "A value is missing.", "缺少必填的值。", id="a missing id",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01,,-5,CNY,\n", "negative_amount", 2, "mrr",
        "negative", "负", id="a negative amount",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01,,12x,CNY,\n", "bad_amount", 2, "mrr",
        "“12x” is no number", "“12x”不是可识别的数字", id="a malformed amount",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + 'O1,C1,new,2024-01-01,,"1.234,50",CNY,\n', "bad_amount", 2,
        "mrr", "is no number", "不是可识别的数字", id="an amount with a decimal comma",
    ),
    pytest.param(
        "invoices", "i.csv", INVOICE + "I1,C1,2024-01-01,2024-02-01,-5,CNY\n", "negative_amount",
        2, "amount", "“-5” is negative", "“-5”是负数", id="a negative invoice",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-02-01,2024-01-01,5,CNY,\n",
        "ends_before_start", 2, "end_on", "2024-02-01", "2024-02-01", id="an end before the start",
    ),
    pytest.param(
        "tickets", "t.csv", TICKET + "T1,C1,2024-02-01,2024-01-01\n", "ends_before_start", 2,
        "closed_at", "is before the start", "早于开始", id="closed before it opened",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01,,5,RMB,\n", "unknown_currency", 2,
        "currency", "“RMB” is no currency code", "“RMB”不是币种代码", id="an unknown currency",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O2,C1,renewal,2024-01-01,,5,CNY,O9\n", "unknown_order", 2,
        "renews", "O9", "O9", id="a renewal of an order that does not exist",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01,2025-01-01,5,CNY,\n"
        "O1,C1,new,2024-07-01,2025-07-01,5,CNY,\n", "overlapping_terms", 3, "start_on",
        "in force twice on 2024-07-01", "在 2024-07-01 会生效两次", id="overlapping terms",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,renewal,2024-01-01,,5,CNY,O2\n"
        "O2,C1,renewal,2024-01-01,,5,CNY,O1\n", "renewal_loop", 2, "renews",
        "O1 → O2 → O1", "首尾相接成环：O1 → O2 → O1", id="renewals that form a loop",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01,,5,CNY,\n"
        "O2,C1,renewal,2023-12-31,,5,CNY,O1\n", "signed_before", 3, "signed_on",
        "signed on 2023-12-31, before order “O1”", "签于 2023-12-31，早于它所续的订单“O1”",
        id="a renewal signed before the order that it renews",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01,2024-01-01,5,CNY,\n",
        "ends_before_start", 2, "end_on", "not after its start", "2024-01-01",
        id="a term without length",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C9,new,2024-01-01,,5,CNY,\n", "unknown_customer", 2,
        "customer_id", "--create-customers", "没有客户“C9”", id="an unknown customer",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,novel,2024-01-01,,5,CNY,\n", "unknown_value", 2, "kind",
        "“novel” is not one of new", "“novel”不是允许的值", id="an unknown kind",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-13-01,,5,CNY,\n", "bad_date", 2, "start_on",
        "“2024-13-01” is no date", "“2024-13-01”不是可识别的日期", id="a date that is none",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,03/04/2024,,5,CNY,\n", "ambiguous_date", 2,
        "start_on", "can be read two ways", "有两种读法", id="a date with two readings",
    ),
    pytest.param(
        "orders", "o.csv", ORDER + "O1,C1,new,2024-01-01\n", "wrong_length", 2, None,
        "The row has 4 values", "这一行有 4 个值", id="a row cut short",
    ),
    pytest.param(
        "orders", "o.csv.gz", gzip.compress(ORDERS.encode() * 50)[:-20], "truncated_gzip", None,
        None, "truncated", "不完整", id="a truncated gzip",
    ),
    pytest.param(
        "orders", "o.parquet", ORDERS, "another_kind", None, None, "holds CSV", "内容却是 CSV",
        id="a file of another kind than named",
    ),
    pytest.param(
        "events", "e.csv", "event,timestamp\nlogin,soon\n", "bad_timestamp", 2, "timestamp",
        "soon", "soon", id="an event at no time",
    ),
    pytest.param(
        "events", "e.csv", "event,timestamp\n,2024-01-01\n", "missing_event", 2, "event",
        "missing", "缺", id="an event without a name",
    ),
    pytest.param(
        "events", "e.csv", "event,timestamp\nlogin,03/04/2024\n", "ambiguous_date", 2, "timestamp",
        "two dates", "两", id="an event on a date with two readings",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "content", "code", "row", "column", "english", "chinese"), CASES
)
def test_bad_input(tmp_path, kind, name, content, code, row, column, english, chinese):
    customers(tmp_path)
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputRefused) as refused:
        bring(kind, path)
    error = refused.value
    assert (error.code, error.file, error.row, error.column) == (code, name, row, column)
    for language, words in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert words in shown(error.message, dict(error.params))
    assert not any(model.objects.exists() for model in (OrderLine, Invoice, Ticket))
    assert (Customer.objects.count(), Import.objects.count()) == (2, 1)


def test_events_of_unknown_customers_are_kept_and_counted(tmp_path):
    customers(tmp_path)
    path = write(
        tmp_path, "e.csv", "event,timestamp,customer_id\na,2024-01-01,C1\na,2024-01-01,C9\n"
    )
    result = bring("events", path)
    assert (result.counts.added, result.counts.unattributed) == (2, 1)


def test_unknown_columns_are_one_notice(tmp_path):
    result = bring("customers", write(tmp_path, "a.csv", "external_id,name,x,y\nC1,A,1,2\n"))
    [notice] = result.notices
    for language, words in (("en", "not used: x, y"), ("zh-hans", "以下列未被使用：x, y")):
        with translation.override(language):
            assert words in shown(notice.message, dict(notice.params))


def test_a_total_without_its_one_off_share_comes_in_and_is_told(tmp_path):
    customers(tmp_path)
    header = "order_id,customer_id,kind,start_on,end_on,total_amount,one_off_amount\n"
    text = header + "O1,C1,new,2024-01-01,2025-01-01,500,\nO2,C1,new,2024-01-01,2025-01-01,500,0\n"
    result = bring("orders", write(tmp_path, "o.csv", text))
    assert result.counts.added == 2
    [notice] = [it for it in result.notices if it.code == "split_missing"]
    for language, words in (("en", "missing in 1 rows (2)"), ("zh-hans", "有 1 行（2）没有填写")):
        with translation.override(language):
            assert words in shown(notice.message, dict(notice.params))


def test_text_that_no_database_keeps_is_a_row_error(tmp_path):
    lines = (
        '{"external_id":"C1","name":"a\\ud800b"}',
        '{"external_id":"C2","name":"a\\u0000b"}',
        '{"external_id":"C3","name":"c"}',
    )
    path = write(tmp_path, "c.ndjson", "\n".join(lines))
    done = bring("customers", path, skip_bad_rows=True, rejects=tmp_path / "rejects.csv")
    assert [it.code for it in done.errors] == ["bad_text", "bad_text"]
    assert Customer.objects.get().external_id == "C3"
    assert (tmp_path / "rejects.csv").read_text(encoding="utf-8").count("\n") == 3
