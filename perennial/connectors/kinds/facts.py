"""Events, tickets and survey answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds.kind import CUSTOMER, RECORDED, Kind, external_id
from perennial.surveys.models import SurveyKind

EVENTS = Kind(
    "events",
    _("Events"),
    (
        Field(
            "event",
            _("Event"),
            required=True,
            alike=("event_name", "event_type", "name", "action", "feature_name", "事件", "事件名"),
        ),
        Field(
            "timestamp",
            _("Time"),
            Type.MOMENT,
            required=True,
            alike=("ts", "time", "occurred_at", "event_time", "date", "usage_date", "时间"),
        ),
        Field("customer_id", _("Customer"), alike=CUSTOMER.alike),
        Field("user_id", _("User"), alike=("user", "person_id", "userid", "用户")),
        Field("message_id", _("Message id"), alike=("event_id", "messageid", "cid", "id")),
        Field("received_at", _("Received at"), Type.MOMENT, alike=("rcv", "接收时间")),
        Field("product", _("Product"), alike=("产品",)),
        Field("value", _("Value"), Type.AMOUNT, alike=("count", "usage_count", "n", "次数")),
        Field("order_id", _("Order"), alike=("subscription_id", "订单号")),
    ),
    key=(),
)

TICKETS = Kind(
    "tickets",
    _("Tickets"),
    (
        external_id("ticket_id", "工单号"),
        CUSTOMER,
        Field(
            "opened_at",
            _("Opened at"),
            Type.MOMENT,
            required=True,
            alike=("created_at", "submitted_at", "opened", "创建时间", "提交时间"),
        ),
        Field(
            "closed_at", _("Closed at"), Type.MOMENT, alike=("resolved_at", "closed", "关闭时间")
        ),
        Field("kind", _("Kind"), limit=50, alike=("type", "category", "类型", "分类")),
        Field("priority", _("Priority"), limit=30, alike=("urgency", "severity", "优先级")),
        Field("subject", _("Subject"), limit=300, alike=("title", "summary", "标题", "主题")),
        Field(
            "satisfaction",
            _("Satisfaction"),
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
    _("Survey answers"),
    (
        external_id("answer_id", "response_id"),
        CUSTOMER,
        Field(
            "kind",
            _("Kind of survey"),
            required=True,
            choices=tuple(SurveyKind.values),
            alike=("survey", "type", "类型"),
        ),
        Field(
            "score",
            _("Score"),
            Type.AMOUNT,
            required=True,
            least=0,
            most=10,
            alike=("rating", "分数", "评分"),
        ),
        Field(
            "answered_at",
            _("Answered at"),
            Type.MOMENT,
            required=True,
            alike=("submitted_at", "responded_at", "created_at", "回答时间"),
        ),
        Field("person_id", _("Person"), alike=("respondent", "contact_id", "user_id")),
        Field("comment", _("Comment"), limit=20_000, alike=("feedback", "评论", "意见")),
        RECORDED,
    ),
    effective="answered_at",
)
