"""Events, daily aggregates of them, tickets and survey answers."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds.kind import CUSTOMER, RECORDED, Kind, external_id
from perennial.surveys.models import SurveyKind

EVENTS = Kind(
    "events",
    pgettext_lazy("column", "Events"),
    (
        Field(
            "event",
            pgettext_lazy("column", "Event"),
            required=True,
            alike=("event_name", "event_type", "name", "action", "feature_name", "事件", "事件名"),
        ),
        Field(
            "timestamp",
            pgettext_lazy("column", "Time"),
            Type.MOMENT,
            required=True,
            alike=("ts", "time", "occurred_at", "event_time", "date", "usage_date", "时间"),
        ),
        Field("customer_id", pgettext_lazy("column", "Customer"), alike=CUSTOMER.alike),
        Field(
            "user_id",
            pgettext_lazy("column", "User"),
            alike=("user", "person_id", "userid", "用户"),
        ),
        Field(
            "message_id",
            pgettext_lazy("column", "Message id"),
            alike=("event_id", "messageid", "cid", "id"),
        ),
        Field(
            "received_at",
            pgettext_lazy("column", "Received at"),
            Type.MOMENT,
            alike=("rcv", "接收时间"),
        ),
        Field("product", pgettext_lazy("column", "Product"), alike=("产品",)),
        Field(
            "value",
            pgettext_lazy("column", "Value"),
            Type.AMOUNT,
            alike=("count", "usage_count", "n", "次数"),
        ),
        Field("order_id", pgettext_lazy("column", "Order"), alike=("subscription_id", "订单号")),
    ),
    key=(),
    stored=True,
)

DAILY = Kind(
    "daily",
    pgettext_lazy("column", "Daily aggregates"),
    (
        Field(
            "day",
            pgettext_lazy("column", "Day"),
            Type.DATE,
            required=True,
            alike=("date", "usage_date", "stat_date", "dt", "ds", "日期", "统计日期"),
        ),
        Field(
            "event",
            pgettext_lazy("column", "Event"),
            required=True,
            alike=("event_name", "feature", "feature_name", "metric", "事件", "事件名", "功能"),
        ),
        Field(
            "value",
            pgettext_lazy("column", "Value"),
            Type.AMOUNT,
            required=True,
            least=0,
            alike=("count", "usage_count", "total", "n", "次数", "数量"),
        ),
        Field("customer_id", pgettext_lazy("column", "Customer"), alike=CUSTOMER.alike),
        Field(
            "user_id",
            pgettext_lazy("column", "User"),
            alike=("user", "person_id", "userid", "用户"),
        ),
        Field("product", pgettext_lazy("column", "Product"), alike=("产品",)),
        RECORDED,
    ),
    key=(),
    stored=True,
)

TICKETS = Kind(
    "tickets",
    pgettext_lazy("column", "Tickets"),
    (
        external_id("ticket_id", "工单号"),
        CUSTOMER,
        Field(
            "opened_at",
            pgettext_lazy("column", "Opened at"),
            Type.MOMENT,
            required=True,
            alike=("created_at", "submitted_at", "opened", "创建时间", "提交时间"),
        ),
        Field(
            "closed_at",
            pgettext_lazy("column", "Closed at"),
            Type.MOMENT,
            alike=("resolved_at", "closed", "关闭时间"),
        ),
        Field(
            "kind",
            pgettext_lazy("column", "Kind"),
            limit=50,
            alike=("type", "category", "类型", "分类"),
        ),
        Field(
            "priority",
            pgettext_lazy("column", "Priority"),
            limit=30,
            alike=("urgency", "severity", "优先级"),
        ),
        Field(
            "subject",
            pgettext_lazy("column", "Subject"),
            limit=300,
            alike=("title", "summary", "标题", "主题"),
        ),
        Field(
            "satisfaction",
            pgettext_lazy("column", "Satisfaction"),
            Type.AMOUNT,
            least=0,
            most=999,
            alike=("satisfaction_score", "csat", "满意度"),
        ),
        RECORDED,
    ),
    effective="opened_at",
)

SURVEYS = Kind(
    "surveys",
    pgettext_lazy("column", "Survey answers"),
    (
        external_id("answer_id", "response_id"),
        CUSTOMER,
        Field(
            "kind",
            pgettext_lazy("column", "Kind of survey"),
            required=True,
            choices=tuple(SurveyKind.values),
            alike=("survey", "type", "类型"),
        ),
        Field(
            "score",
            pgettext_lazy("column", "Score"),
            Type.AMOUNT,
            required=True,
            least=0,
            most=10,
            alike=("rating", "分数", "评分"),
        ),
        Field(
            "answered_at",
            pgettext_lazy("column", "Answered at"),
            Type.MOMENT,
            required=True,
            alike=("submitted_at", "responded_at", "created_at", "回答时间"),
        ),
        Field(
            "person_id",
            pgettext_lazy("column", "Person"),
            alike=("respondent", "contact_id", "user_id"),
        ),
        Field(
            "comment",
            pgettext_lazy("column", "Comment"),
            limit=20_000,
            alike=("feedback", "评论", "意见"),
        ),
        RECORDED,
    ),
    effective="answered_at",
)
