"""Orders, pauses and invoices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
    _("Orders"),
    (
        Field(
            "order_id",
            _("Order"),
            required=True,
            alike=("subscription_id", "contract_id", "order_no", "订单号", "合同编号", *ID_ALIKE),
        ),
        CUSTOMER,
        Field(
            "kind",
            _("Kind of order"),
            required=True,
            choices=tuple(OrderKind.values),
            alike=("order_type", "type", "订单类型", "类型"),
        ),
        Field(
            "start_on",
            _("Start"),
            Type.DATE,
            required=True,
            alike=("start_date", "starts_on", "start", "开始日期", "服务开始"),
        ),
        Field(
            "signed_on", _("Signed on"), Type.DATE, alike=("signed_date", "order_date", "签约日期")
        ),
        Field(
            "end_on",
            _("End (exclusive)"),
            Type.DATE,
            alike=("end_date", "ends_on", "end", "结束日期", "服务结束"),
        ),
        Field("recurring_amount", _("Recurring amount"), Type.AMOUNT, alike=("amount", "订阅金额")),
        Field("mrr", _("Monthly amount (MRR)"), Type.AMOUNT, alike=("mrr_amount", "月费")),
        Field("arr", _("Yearly amount (ARR)"), Type.AMOUNT, alike=("arr_amount", "年费")),
        Field("interval_months", _("Months per interval"), Type.COUNT, least=1, most=1200),
        Field(
            "one_off_amount", _("One-off amount"), Type.AMOUNT, alike=("setup_fee", "一次性金额")
        ),
        CURRENCY,
        Field("renews", _("Renews orders"), Type.LIST, alike=("renewal_of", "续约订单")),
        Field("product", _("Product"), alike=("plan", "plan_tier", "sku", "产品", "套餐")),
        Field("seats", _("Seats"), Type.COUNT, alike=("quantity", "licenses", "席位", "数量")),
        Field("line", _("Line"), limit=50, alike=("line_no", "行号")),
        Field("void", _("Void"), Type.FLAG, alike=("作废",)),
        RECORDED,
    ),
    key=("order_id", "line", "recorded_at"),
    effective="signed_on",
    whole=True,
)

PAUSES = Kind(
    "pauses",
    _("Pauses"),
    (
        CUSTOMER,
        Field("start_on", _("Start"), Type.DATE, required=True, alike=("start_date", "开始日期")),
        Field("end_on", _("End (exclusive)"), Type.DATE, alike=("end_date", "结束日期")),
        Field("order_id", _("Order"), alike=("subscription_id", "订单号")),
        RECORDED,
    ),
    key=("customer_id", "order_id", "start_on", "recorded_at"),
    effective="start_on",
    whole=True,
)

INVOICES = Kind(
    "invoices",
    _("Invoices"),
    (
        external_id("invoice_id", "invoice_no", "发票号"),
        CUSTOMER,
        Field(
            "issued_on",
            _("Issued on"),
            Type.DATE,
            required=True,
            alike=("issue_date", "invoice_date", "开票日期"),
        ),
        Field("due_on", _("Due on"), Type.DATE, required=True, alike=("due_date", "到期日期")),
        Field("amount", _("Amount"), Type.AMOUNT, required=True, least=0, alike=("total", "金额")),
        Field("currency", _("Currency"), Type.CURRENCY, required=True, alike=CURRENCY.alike),
        Field("paid_on", _("Paid on"), Type.DATE, alike=("paid_date", "paid_at", "付款日期")),
        RECORDED,
    ),
    effective="issued_on",
)
