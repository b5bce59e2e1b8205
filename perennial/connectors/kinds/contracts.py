"""Orders, pauses and invoices."""

from __future__ import annotations

from dataclasses import replace

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

KIND_WORDS = {
    "新签": "new", "新购": "new", "新": "new",
    "续约": "renewal", "续费": "renewal", "续签": "renewal",
    "add-on": "addon", "add on": "addon", "增购": "addon", "加购": "addon",
    "downgrade": "downsell", "减购": "downsell", "降级": "downsell",
    "试用": "trial",
    "buy-out": "buyout", "买断": "buyout",
    "metered": "usage", "用量": "usage", "按量": "usage",
    "cancelled": "cancellation", "canceled": "cancellation", "cancel": "cancellation",
    "取消": "cancellation", "退订": "cancellation", "终止": "cancellation",
}  # fmt: skip

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
                "order",
                "订单号",
                "订单编号",
                "订单",
                "合同编号",
                "合同号",
                *ID_ALIKE,
            ),
        ),
        CUSTOMER,
        Field(
            "kind",
            pgettext_lazy("column", "Kind of order"),
            required=True,
            choices=tuple(OrderKind.values),
            words=KIND_WORDS,
            alike=("order_kind", "order_type", "type", "订单类型", "业务类型", "类型"),
        ),
        Field(
            "start_on",
            pgettext_lazy("column", "Start"),
            Type.DATE,
            required=True,
            alike=(
                "start_date",
                "starts_on",
                "start",
                "开始日期",
                "服务开始",
                "生效日期",
                "起始日期",
            ),
        ),
        Field(
            "signed_on",
            pgettext_lazy("column", "Signed on"),
            Type.DATE,
            alike=("signed_date", "order_date", "签约日期", "签订日期", "签署日期", "下单日期"),
        ),
        Field(
            "end_on",
            pgettext_lazy("column", "End (exclusive)"),
            Type.DATE,
            alike=("end_date", "ends_on", "end", "结束日期", "服务结束"),
        ),
        Field(
            "last_on",
            pgettext_lazy("column", "Last day of service"),
            Type.DATE,
            alike=("last_day", "due_on", "到期日", "到期日期", "合同到期日", "服务到期日"),
        ),
        Field(
            "recurring_amount",
            pgettext_lazy("column", "Recurring amount"),
            Type.AMOUNT,
            alike=("amount", "订阅金额", "经常性金额", "续费金额"),
        ),
        Field(
            "mrr",
            pgettext_lazy("column", "Monthly amount (MRR)"),
            Type.AMOUNT,
            alike=("mrr_amount", "monthly_amount", "月费", "月度金额"),
        ),
        Field(
            "arr",
            pgettext_lazy("column", "Yearly amount (ARR)"),
            Type.AMOUNT,
            alike=("arr_amount", "annual_amount", "年费", "年度金额"),
        ),
        Field(
            "total_amount",
            pgettext_lazy("column", "Total with the one-off share"),
            Type.AMOUNT,
            alike=("contract_amount", "tcv", "合同总额", "合同金额", "总金额"),
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
            alike=("setup_fee", "one_off", "一次性金额", "一次性费用", "实施费"),
        ),
        Field(
            "discount_amount",
            pgettext_lazy("column", "Time-limited discount, taken off already"),
            Type.AMOUNT,
            alike=("优惠金额", "折扣金额"),
        ),
        Field(
            "discount_end_on",
            pgettext_lazy("column", "End of the discount (exclusive)"),
            Type.DATE,
            alike=("discount_end", "优惠结束日期", "折扣结束日期"),
        ),
        CURRENCY,
        Field(
            "renews",
            pgettext_lazy("column", "Renews orders"),
            Type.LIST,
            alike=("renewal_of", "renews_order", "续约订单", "原订单", "原合同", "关联订单"),
        ),
        Field(
            "product",
            pgettext_lazy("column", "Product"),
            alike=("plan", "plan_tier", "sku", "产品", "套餐", "版本"),
        ),
        Field(
            "seats",
            pgettext_lazy("column", "Seats"),
            Type.COUNT,
            alike=("quantity", "licenses", "席位", "席位数", "账号数", "数量"),
        ),
        Field(
            "auto_renew",
            pgettext_lazy("column", "Renews by itself"),
            Type.FLAG,
            alike=("auto_renewal", "auto_renew_flag", "自动续约", "自动续费"),
        ),
        Field(
            "notice_days",
            pgettext_lazy("column", "Days of notice"),
            Type.COUNT,
            most=3650,
            alike=("notice_period_days", "通知期", "提前通知天数"),
        ),
        Field(
            "line", pgettext_lazy("column", "Line"), limit=50, alike=("line_no", "行号", "明细行")
        ),
        Field("void", pgettext_lazy("column", "Void"), Type.FLAG, alike=("作废",)),
        RECORDED,
    ),
    key=("order_id", "line", "recorded_at"),
    effective="signed_on",
    whole=True,
    versions=True,
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
        replace(CURRENCY, required=True),
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
