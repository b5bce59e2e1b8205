"""Orders, pauses and invoices."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds.kind import (
    CURRENCY,
    CUSTOMER,
    ID_ALIKE,
    RECORDED,
    Kind,
    external_id,
)
from perennial.contracts.models import OrderKind

ORDERS = Kind(
    "orders",
    pgettext_lazy("column", "Orders"),
    (
        Field(
            "order_id",
            pgettext_lazy("column", "Order"),
            required=True,
            alike=(
                "subscription_id",
                "contract_id",
                "order_no",
                "contract",
                "订单号",
                "合同编号",
                *ID_ALIKE,
            ),
        ),
        CUSTOMER,
        Field(
            "kind",
            pgettext_lazy("column", "Kind of order"),
            required=True,
            choices=tuple(OrderKind.values),
            alike=("order_type", "type", "订单类型", "类型"),
        ),
        Field(
            "start_on",
            pgettext_lazy("column", "Start"),
            Type.DATE,
            required=True,
            alike=("start_date", "starts_on", "start", "开始日期", "服务开始"),
        ),
        Field(
            "signed_on",
            pgettext_lazy("column", "Signed on"),
            Type.DATE,
            alike=("signed_date", "order_date", "签约日期"),
        ),
        Field(
            "end_on",
            pgettext_lazy("column", "End (exclusive)"),
            Type.DATE,
            alike=("end_date", "ends_on", "end", "结束日期", "服务结束"),
        ),
        Field(
            "recurring_amount",
            pgettext_lazy("column", "Recurring amount"),
            Type.AMOUNT,
            alike=("amount", "订阅金额"),
        ),
        Field(
            "mrr",
            pgettext_lazy("column", "Monthly amount (MRR)"),
            Type.AMOUNT,
            alike=("mrr_amount", "月费"),
        ),
        Field(
            "arr",
            pgettext_lazy("column", "Yearly amount (ARR)"),
            Type.AMOUNT,
            alike=("arr_amount", "年费"),
        ),
        Field(
            "interval_months",
            pgettext_lazy("column", "Months per interval"),
            Type.COUNT,
            least=1,
            most=1200,
        ),
        Field(
            "one_off_amount",
            pgettext_lazy("column", "One-off amount"),
            Type.AMOUNT,
            alike=("setup_fee", "一次性金额"),
        ),
        CURRENCY,
        Field(
            "renews",
            pgettext_lazy("column", "Renews orders"),
            Type.LIST,
            alike=("renewal_of", "续约订单"),
        ),
        Field(
            "product",
            pgettext_lazy("column", "Product"),
            alike=("plan", "plan_tier", "sku", "产品", "套餐"),
        ),
        Field(
            "seats",
            pgettext_lazy("column", "Seats"),
            Type.COUNT,
            alike=("quantity", "licenses", "席位", "数量"),
        ),
        Field("line", pgettext_lazy("column", "Line"), limit=50, alike=("line_no", "行号")),
        Field("void", pgettext_lazy("column", "Void"), Type.FLAG, alike=("作废",)),
        RECORDED,
    ),
    key=("order_id", "line", "recorded_at"),
    effective="signed_on",
    whole=True,
)

PAUSES = Kind(
    "pauses",
    pgettext_lazy("column", "Pauses"),
    (
        CUSTOMER,
        Field(
            "start_on",
            pgettext_lazy("column", "Start"),
            Type.DATE,
            required=True,
            alike=("start_date", "开始日期"),
        ),
        Field(
            "end_on",
            pgettext_lazy("column", "End (exclusive)"),
            Type.DATE,
            alike=("end_date", "结束日期"),
        ),
        Field("order_id", pgettext_lazy("column", "Order"), alike=("subscription_id", "订单号")),
        RECORDED,
    ),
    key=("customer_id", "order_id", "start_on", "recorded_at"),
    effective="start_on",
    whole=True,
)

INVOICES = Kind(
    "invoices",
    pgettext_lazy("column", "Invoices"),
    (
        external_id("invoice_id", "invoice_no", "发票号"),
        CUSTOMER,
        Field(
            "issued_on",
            pgettext_lazy("column", "Issued on"),
            Type.DATE,
            required=True,
            alike=("issue_date", "invoice_date", "开票日期"),
        ),
        Field(
            "due_on",
            pgettext_lazy("column", "Due on"),
            Type.DATE,
            required=True,
            alike=("due_date", "到期日期"),
        ),
        Field(
            "amount",
            pgettext_lazy("column", "Amount"),
            Type.AMOUNT,
            required=True,
            least=0,
            alike=("total", "金额"),
        ),
        Field(
            "currency",
            pgettext_lazy("column", "Currency"),
            Type.CURRENCY,
            required=True,
            alike=CURRENCY.alike,
        ),
        Field(
            "paid_on",
            pgettext_lazy("column", "Paid on"),
            Type.DATE,
            alike=("paid_date", "paid_at", "付款日期"),
        ),
        RECORDED,
    ),
    effective="issued_on",
)
