"""What we ship: the PROMT form, and the catalogue of solutions in six dimensions (六维).

PROMT: Product, Resource, Operation, Marketing, Team. Product, operation and team say how mature
the customer is; resource and marketing how much more could come. Source: article s4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from perennial.customers.assessments.rules.template import (
    MATURITY,
    POTENTIAL,
    Area,
    Question,
    Template,
)


def _area(name: str, zh: str, en: str, yields: str, *questions: tuple[str, str, str]) -> Area:
    return Area(
        name,
        {"zh": zh, "en": en},
        yields,
        tuple(Question(key, {"zh": asked, "en": said}) for key, asked, said in questions),
    )


PROMT: Final = Template(
    "promt",
    {"zh": "PROMT 经营评估", "en": "PROMT assessment"},
    (
        _area(
            "product", "产品", "Product", MATURITY,
            ("fit", "他们的产品或服务有清楚的定位和主打款",
             "Their own offer has a clear position and a leading item"),
            ("core", "核心流程已经跑在我们的系统里",
             "Their core process runs in our system"),
            ("depth", "关键功能用得深，不只是登录",
             "Key features are used in depth, not just logged into"),
        ),
        _area(
            "resource", "资源", "Resource", POTENTIAL,
            ("budget", "有预算，也愿意为结果付费",
             "There is a budget, and readiness to pay for results"),
            ("sponsor", "高层愿意投入时间推动",
             "Executives put in their own time"),
            ("supply", "货源、数据或渠道还有余量可以放大",
             "Supply, data or channels have room to grow"),
        ),
        _area(
            "operation", "运营", "Operation", MATURITY,
            ("rhythm", "有固定的运营节奏：周会、目标、复盘",
             "There is a rhythm: weekly meetings, goals, reviews"),
            ("data", "看数据做决定，而不是凭感觉",
             "Decisions are made by figures"),
            ("process", "流程有人负责，出了问题能闭环",
             "Processes have owners, and problems are closed"),
        ),
        _area(
            "marketing", "营销", "Marketing", POTENTIAL,
            ("traffic", "有稳定的获客来源",
             "New customers come from steady sources"),
            ("repeat", "老客户的复购和转介绍还有空间",
             "There is room for repeat business and referrals"),
            ("tools", "会用活动和内容带来成交",
             "Campaigns and content lead to sales"),
        ),
        _area(
            "team", "团队", "Team", MATURITY,
            ("owner", "有专人负责系统和运营",
             "Somebody owns the system and operations"),
            ("skill", "团队有完成目标的能力",
             "The team has the skills for its goals"),
            ("stable", "关键岗位稳定，交接有保障",
             "Key roles are stable and handed over well"),
        ),
    ),
)  # fmt: skip
SHIPPED: Final = {PROMT.name: PROMT}


@dataclass(frozen=True, slots=True)
class Solution:
    """An entry of the catalogue; `areas` are those of assessments that it helps."""

    name: str
    kind: str
    title_zh: str
    title_en: str
    areas: tuple[str, ...]


SOLUTIONS: Final = {
    it.name: it
    for it in (
        Solution("setup", "system", "系统配置与集成服务", "Setup and integration service",
                 ("product", "operation")),
        Solution("deep_use", "system", "深度使用辅导", "Coaching of deep use", ("product",)),
        Solution("traffic_plan", "traffic", "流量与订单增长方案", "Plan for traffic and orders",
                 ("marketing",)),
        Solution("campaign", "traffic", "联合营销活动", "Joint campaign", ("marketing",)),
        Solution("training", "talent", "运营人才培训", "Training of operators", ("team",)),
        Solution("outsourcing", "talent", "代运营", "Operation by a partner",
                 ("team", "operation")),
        Solution("coaching", "ideas", "经营诊断与辅导", "Business coaching",
                 ("operation", "resource")),
        Solution("peers", "ideas", "标杆走访与同行交流", "Visits to leading peers",
                 ("operation", "team")),
        Solution("sourcing", "supply", "供应链与货源对接", "Access to suppliers",
                 ("resource", "product")),
        Solution("finance", "capital", "资金与金融服务对接", "Access to financing",
                 ("resource",)),
    )
}  # fmt: skip
