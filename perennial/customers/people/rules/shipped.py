"""The grade standards in force until somebody writes others: for CRM, and for everything else.

S decides (CEO, 销售VP), A leads (总监, 部门主管), B uses and carries (骨干).
Source: article s2, 'S/A/B contacts'; the days between contacts are ours.
"""

from __future__ import annotations

from typing import Final

from perennial.customers.people.rules.grading import Row, Standard

_CADENCE: Final = {"S": 30, "A": 60, "B": 120}
_SERVICE: Final = {
    "S": {
        "zh": "每季度一次高层互访，问题当天答复，续约前三个月谈价值",
        "en": "An executive visit each quarter, answers within the day, value before renewal",
    },
    "A": {
        "zh": "每两个月回顾一次使用与目标，问题一个工作日内答复",
        "en": "A review of use and goals every two months, answers within a working day",
    },
    "B": {
        "zh": "培训与新功能通知，问题两个工作日内答复",
        "en": "Training and news of features, answers within two working days",
    },
}
_HELPERS = Row("B", ("助理", "秘书", "客户经理", "assistant", "secretary", "account manager"))
_LEADERS = (
    "总监", "部门主管", "部门经理", "部经理", "负责人", "主任",
    "director", "department head", "head of", "manager",
)  # fmt: skip
_CARRIERS = (
    "骨干", "主管", "专员", "管理员", "组长",
    "key user", "team lead", "specialist", "administrator", "admin",
)  # fmt: skip
_CHIEFS = (
    "CEO", "总经理", "董事长", "总裁", "创始人", "常务副总",
    "chief executive officer", "general manager", "managing director", "president", "founder",
    "owner",
)  # fmt: skip

SHIPPED: Final[dict[str, Standard]] = {
    it.product: it
    for it in (
        Standard(
            "",
            (
                _HELPERS,
                Row("S", (*_CHIEFS, "COO", "CTO", "CIO", "副总", "VP")),
                Row("A", _LEADERS),
                Row("B", _CARRIERS),
            ),
            _CADENCE,
            _SERVICE,
        ),
        Standard(
            "CRM",
            (
                _HELPERS,
                Row("S", (*_CHIEFS, "销售VP", "销售副总", "VP sales", "VP of sales", "CSO")),
                Row("A", _LEADERS),
                Row("B", _CARRIERS),
            ),
            _CADENCE,
            _SERVICE,
        ),
    )
}
