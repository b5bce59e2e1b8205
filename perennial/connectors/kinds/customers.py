"""Customers, their people, touches and known outcomes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds.kind import CUSTOMER, RECORDED, Kind, external_id
from perennial.customers.models import Grade, Outcome, Tier, TouchKind

CUSTOMERS = Kind(
    "customers",
    _("Customers"),
    (
        external_id("customer_id", "account_id", "company_id", "客户编号"),
        Field(
            "name",
            _("Name"),
            required=True,
            alike=("customer_name", "account_name", "company_name", "company", "客户名称", "名称"),
        ),
        Field("name_en", _("English name"), alike=("english_name", "英文名")),
        Field("industry", _("Industry"), limit=100, alike=("sector", "行业")),
        Field("size", _("Size"), limit=50, alike=("company_size", "employees", "规模")),
        Field("region", _("Region"), limit=100, alike=("country", "province", "地区", "区域")),
        Field("website", _("Website"), limit=300, alike=("url", "domain", "网址", "网站")),
        Field(
            "owner", _("CSM (e-mail)"), alike=("csm", "owner_email", "account_manager", "负责人")
        ),
        Field("tags", _("Tags"), Type.LIST, alike=("labels", "标签")),
        Field("parent", _("Parent customer"), alike=("parent_id", "上级客户", "集团")),
        Field(
            "created_on",
            _("Customer since"),
            Type.DATE,
            alike=("signup_date", "created_at", "created", "开通日期", "创建日期"),
        ),
        Field(
            "tier", _("Tier"), choices=tuple(Tier.values), alike=("grade", "level", "分级", "等级")
        ),
        Field("observed_until", _("Observed until"), Type.DATE),
        RECORDED,
    ),
    effective="created_on",
    whole=True,
)

PEOPLE = Kind(
    "people",
    _("People"),
    (
        external_id("person_id", "contact_id", "user_id"),
        CUSTOMER,
        Field("name", _("Name"), required=True, alike=("full_name", "contact_name", "姓名")),
        Field("email", _("E-mail"), limit=254, alike=("mail", "email_address", "邮箱")),
        Field(
            "role", _("Role"), limit=100, alike=("title", "position", "job_title", "职务", "角色")
        ),
        Field("grade", _("Grade"), choices=tuple(Grade.values), alike=("分级",)),
        Field("from_on", _("From"), Type.DATE, alike=("since", "start_date", "入职日期")),
        Field("to_on", _("To"), Type.DATE, alike=("until", "end_date", "离职日期")),
        RECORDED,
    ),
    key=("external_id", "customer_id"),
    effective="from_on",
)

TOUCHES = Kind(
    "touches",
    _("Touches"),
    (
        external_id("touch_id", "activity_id"),
        CUSTOMER,
        Field(
            "happened_at",
            _("Happened at"),
            Type.MOMENT,
            required=True,
            alike=("date", "activity_date", "跟进时间"),
        ),
        Field("kind", _("Kind"), choices=tuple(TouchKind.values), alike=("type", "方式")),
        Field("person_id", _("Person"), alike=("contact_id",)),
        Field("owner", _("CSM (e-mail)"), alike=("csm", "负责人", "跟进人")),
        Field("minutes", _("Minutes"), Type.COUNT, alike=("duration", "时长")),
        Field("note", _("Note"), limit=20_000, alike=("notes", "body", "description", "跟进内容")),
        RECORDED,
    ),
    effective="happened_at",
)

OUTCOMES = Kind(
    "outcomes",
    _("Outcomes"),
    (
        CUSTOMER,
        Field(
            "outcome",
            _("Outcome"),
            required=True,
            choices=tuple(Outcome.Kind.values),
            alike=("result", "结果"),
        ),
        Field(
            "occurred_on",
            _("Occurred on"),
            Type.DATE,
            required=True,
            alike=("churn_date", "date", "日期"),
        ),
        RECORDED,
    ),
    key=(),
    effective="occurred_on",
)
