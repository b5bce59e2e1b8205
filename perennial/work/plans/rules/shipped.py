"""What we ship: when value is shown to a customer, and two plans to start from."""

from __future__ import annotations

from typing import Any, Final

from perennial.work.plans.rules.touchpoints import Anchor, Rule

_GROWN = ("steady", "pre_renewal", "won_back")

RULES: Final = (
    Rule(
        "kickoff",
        "kickoff",
        {"zh": "启动会", "en": "Kick-off meeting"},
        Anchor.START,
        {"S": 3, "A": 5, "B": 7},
    ),
    Rule(
        "discovery",
        "discovery",
        {"zh": "需求调研会", "en": "Discovery meeting"},
        Anchor.START,
        {"S": 10, "A": 12},
    ),
    Rule(
        "delivery",
        "delivery",
        {"zh": "交付阶段汇报", "en": "Delivery report"},
        Anchor.START,
        {"S": 20, "A": 25},
    ),
    Rule(
        "trial",
        "trial",
        {"zh": "上线试运行汇报", "en": "Trial-run report"},
        Anchor.START,
        {"S": 30, "A": 35, "B": 40},
    ),
    Rule(
        "review",
        "review",
        {"zh": "周期汇报", "en": "Periodic review"},
        Anchor.EVERY,
        {"S": 30, "A": 90, "B": 180},
        _GROWN,
    ),
    Rule(
        "renewal",
        "renewal",
        {"zh": "续费期价值传递", "en": "Renewal conversation"},
        Anchor.RENEWAL,
        {"S": 90, "A": 75, "B": 60, "C": 45},
    ),
)


def _goal(zh: str, en: str, target: float, days: int, *, metric: str = "", unit: str = "") -> Any:
    title = {"zh": zh, "en": en}
    return {"title": title, "metric": metric, "unit": unit, "target": target, "days": days}


def _action(zh: str, en: str, side: str, days: int) -> Any:
    return {"title": {"zh": zh, "en": en}, "side": side, "days": days, "shared": True}


PLANS: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "first_value",
        "title": {"zh": "上线见效 90 天", "en": "First value in 90 days"},
        "days": 90,
        "goals": [
            _goal("席位用起来", "Seats in use", 0.8, 60, metric="seat_use"),
            _goal("每 28 天活跃 20 天", "Active on 20 of 28 days", 20, 90, metric="active_days"),
            _goal("核心功能用起来", "Core features in use", 0.5, 90, metric="breadth"),
        ],
        "actions": [
            _action("确认业务目标和衡量口径", "Agree the goals and how they are measured",
                    "ours", 7),
            _action("指定项目负责人和各部门接口人", "Name an owner and contacts by department",
                    "theirs", 7),
            _action("提供账号名单和基础数据", "Provide the list of users and master data",
                    "theirs", 14),
            _action("完成关键岗位培训", "Train the key roles", "ours", 30),
            _action("上线后第一次数据回顾", "First review of the figures", "ours", 45),
            _action("在例会上使用系统数据", "Use its figures in the weekly meeting", "theirs", 60),
            _action("价值总结与下一步目标", "Summary of value and next goals", "ours", 90),
        ],
    },
    {
        "name": "business_result",
        "title": {"zh": "年度业务结果", "en": "A year of business results"},
        "days": 365,
        "goals": [
            _goal("订单量增长", "Growth in orders", 20, 365, unit="%"),
            _goal("GMV 增长", "Growth in GMV", 15, 365, unit="%"),
            _goal("用量持续高于过去", "Usage above its own past", 0.1, 180, metric="volume_trend"),
        ],
        "actions": [
            _action("高层对齐年度目标", "Align on the year's goals with management", "ours", 14),
            _action("提供订单和 GMV 的基准数据", "Provide the baseline of orders and GMV",
                    "theirs", 21),
            _action("第一季度经营回顾", "Business review of the first quarter", "ours", 90),
            _action("半年复盘，调整目标", "Half-year review, adjust the goals", "ours", 180),
            _action("确认下一年度预算", "Confirm next year's budget", "theirs", 300),
            _action("年度价值报告", "Value report of the year", "ours", 350),
        ],
    },
)  # fmt: skip
