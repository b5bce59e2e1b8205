"""What holds until somebody publishes something else: the 30-day plan of the seeds' catalogue
(需求了解, 关键岗位交流, 使用方案沟通, 使用培训, 初期引导活跃), deal sizes of 2万 and 10万."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from perennial.work.onboarding.rules.definition import (
    Carried,
    Carry,
    Definition,
    Measure,
    Step,
    Title,
)

NAME: Final = "onboarding"
_TASK, _GOAL = Carried.TASK, Carried.GOAL
_LARGE: Final = ("S", "A")

_STEPS: Final = (
    Step("needs", Title("需求了解", "Needs understood"), 5, Measure.TOUCH, 1,
         ("call", "meeting", "visit")),
    Step("key_people", Title("关键岗位交流", "Met the key people"), 10, Measure.TOUCH, 1,
         ("meeting", "visit"), ("S", "A")),
    Step("solution", Title("使用方案沟通", "How it is used is agreed"), 14, Measure.HAND),
    Step("first_use", Title("首次使用", "First use"), 14, Measure.FIRST_USE),
    Step("training", Title("使用培训", "People trained"), 20, Measure.TOUCH, 1, ("training",)),
    Step("active", Title("初期引导活跃", "First people active"), 30, Measure.PEOPLE, 5),
)  # fmt: skip
_CARRIES: Final = (
    Carry("onboarding", _TASK, Title("启动会：目标、分工、时间", "Kick-off: goals, roles, dates")),
    Carry("onboarding", _TASK, Title("安排使用培训", "Arrange the training")),
    Carry("onboarding", _GOAL, Title("30 天内有人真正用起来", "In real use within 30 days")),
    Carry("onboarding", _GOAL, Title("管理层看到第一份自己的数据",
                                     "Management sees the first figures of its own"), _LARGE),
    Carry("steady", _TASK, Title("按节奏联系关键岗位", "Keep in touch with the key people")),
    Carry("steady", _TASK, Title("季度价值回顾", "Quarterly value review"), _LARGE),
    Carry("steady", _GOAL, Title("席位使用率不低于 60%", "At least 60 % of the seats in use")),
    Carry("pre_renewal", _TASK, Title("确认决策人和预算", "Confirm decision maker and budget")),
    Carry("pre_renewal", _TASK, Title("面对面价值汇报", "Value report face to face"), _LARGE),
    Carry("pre_renewal", _GOAL, Title("每位决策人都说得出价值",
                                      "Every decision maker can name the value")),
    Carry("won_back", _TASK, Title("问清当初为何离开", "Ask why they had left")),
    Carry("won_back", _GOAL, Title("90 天内恢复正常使用", "Back in normal use within 90 days")),
    Carry("churned", _TASK, Title("流失复盘，约定回访时间",
                                  "Review the loss, agree when to call again")),
)  # fmt: skip

SHIPPED: Final = Definition(
    sales_below=Decimal(20_000),
    team_above=Decimal(100_000),
    work_words=("实施", "定制", "implementation", "custom"),
    steps=_STEPS,
    first_value="active",
    use_days=5,
    use_window_days=14,
    carries=_CARRIES,
)
