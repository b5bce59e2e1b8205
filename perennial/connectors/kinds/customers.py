"""Customers, their people, touches and known outcomes."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds.kind import CUSTOMER, RECORDED, Kind, external_id
from perennial.customers.models import Grade, Outcome, Tier, TouchKind

CUSTOMERS = Kind(
    "customers",
    pgettext_lazy("column", "Customers"),
    (
        external_id("customer_id", "account_id", "company_id", "客户编号"),
        Field(
            "name",
            pgettext_lazy("column", "Name"),
            required=True,
            alike=(
                "customer_name",
                "account_name",
                "company_name",
                "company",
                "客户名称",
                "公司名称",
                "公司",
                "名称",
            ),
        ),
        Field("name_en", pgettext_lazy("column", "English name"), alike=("english_name", "英文名")),
        Field("industry", pgettext_lazy("column", "Industry"), limit=100, alike=("sector", "行业")),
        Field(
            "size",
            pgettext_lazy("column", "Size"),
            limit=50,
            alike=("company_size", "employees", "规模"),
        ),
        Field(
            "region",
            pgettext_lazy("column", "Region"),
            limit=100,
            alike=("country", "province", "地区", "区域"),
        ),
        Field(
            "website",
            pgettext_lazy("column", "Website"),
            limit=300,
            alike=("url", "domain", "网址", "网站"),
        ),
        Field(
            "owner",
            pgettext_lazy("column", "CSM (e-mail)"),
            alike=("csm", "owner_email", "account_manager", "负责人"),
        ),
        Field("tags", pgettext_lazy("column", "Tags"), Type.LIST, alike=("labels", "标签")),
        Field(
            "parent",
            pgettext_lazy("column", "Parent customer"),
            alike=("parent_id", "上级客户", "集团"),
        ),
        Field(
            "created_on",
            pgettext_lazy("column", "Customer since"),
            Type.DATE,
            alike=("signup_date", "created_at", "created", "开通日期", "创建日期"),
        ),
        Field(
            "tier",
            pgettext_lazy("column", "Tier"),
            choices=tuple(Tier.values),
            alike=("grade", "level", "分级", "等级"),
        ),
        Field("observed_until", pgettext_lazy("column", "Observed until"), Type.DATE),
        RECORDED,
    ),
    effective="created_on",
    whole=True,
)

PEOPLE = Kind(
    "people",
    pgettext_lazy("column", "People"),
    (
        external_id("person_id", "contact_id", "user_id"),
        CUSTOMER,
        Field(
            "name",
            pgettext_lazy("column", "Name"),
            required=True,
            alike=("full_name", "contact_name", "姓名"),
        ),
        Field(
            "email",
            pgettext_lazy("column", "E-mail"),
            limit=254,
            alike=("mail", "email_address", "邮箱"),
        ),
        Field(
            "role",
            pgettext_lazy("column", "Role"),
            limit=100,
            alike=("title", "position", "job_title", "职务", "角色"),
        ),
        Field(
            "grade", pgettext_lazy("column", "Grade"), choices=tuple(Grade.values), alike=("分级",)
        ),
        Field(
            "from_on",
            pgettext_lazy("column", "From"),
            Type.DATE,
            alike=("since", "start_date", "入职日期"),
        ),
        Field(
            "to_on",
            pgettext_lazy("column", "To"),
            Type.DATE,
            alike=("until", "end_date", "离职日期"),
        ),
        RECORDED,
    ),
    key=("external_id", "customer_id"),
    effective="from_on",
)

TOUCHES = Kind(
    "touches",
    pgettext_lazy("column", "Touches"),
    (
        external_id("touch_id", "activity_id"),
        CUSTOMER,
        Field(
            "happened_at",
            pgettext_lazy("column", "Happened at"),
            Type.MOMENT,
            required=True,
            alike=("date", "activity_date", "跟进时间"),
        ),
        Field(
            "kind",
            pgettext_lazy("column", "Kind"),
            choices=tuple(TouchKind.values),
            alike=("type", "方式"),
        ),
        Field("person_id", pgettext_lazy("column", "Person"), alike=("contact_id",)),
        Field("owner", pgettext_lazy("column", "CSM (e-mail)"), alike=("csm", "负责人", "跟进人")),
        Field(
            "minutes", pgettext_lazy("column", "Minutes"), Type.COUNT, alike=("duration", "时长")
        ),
        Field(
            "note",
            pgettext_lazy("column", "Note"),
            limit=20_000,
            alike=("notes", "body", "description", "跟进内容"),
        ),
        RECORDED,
    ),
    effective="happened_at",
)

OUTCOMES = Kind(
    "outcomes",
    pgettext_lazy("column", "Outcomes"),
    (
        CUSTOMER,
        Field(
            "outcome",
            pgettext_lazy("column", "Outcome"),
            required=True,
            choices=tuple(Outcome.Kind.values),
            alike=("result", "结果"),
        ),
        Field(
            "occurred_on",
            pgettext_lazy("column", "Occurred on"),
            Type.DATE,
            required=True,
            alike=("churn_date", "date", "日期"),
        ),
        RECORDED,
    ),
    key=(),
    effective="occurred_on",
)
