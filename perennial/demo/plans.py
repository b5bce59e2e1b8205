"""Success plans of the demo company: one that goes well and is shared, one that is behind, one
that has just begun; and touchpoints that were held by the contacts that are logged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from perennial.customers.models import Customer, Fit, Grade
from perennial.demo.cast import State
from perennial.demo.finance import morning
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair
from perennial.work.models import Plan, PlanAction, Touchpoint
from perennial.work.plans.actions.goals import add_goal, read
from perennial.work.plans.actions.joint import add_action, finish, set_strategy
from perennial.work.plans.actions.plans import edit_plan, judge, make_plan, set_state
from perennial.work.plans.actions.sharing import answer, opened, say, share
from perennial.work.plans.actions.touchpoints import hold
from perennial.work.plans.queries import near_touches

RESULT: Final = Pair("全年经营看板落地", "One board for the whole business")
WORDS: Final = Pair(
    "“年底前，我要在一张看板上看到订单、交付和回款，不用再等月底的报表。\n"
    "做到了，就把另外两个工厂也放进来。”",
    "“By the end of the year I want orders, deliveries and cash on one board, without waiting "
    "for the monthly report.\nIf that works, the two other plants follow.”",
)
GAP: Final = Pair(
    "期望 BI 直接写回 ERP，我们只读不写；已说明，改为每日导出。",
    "Expects the board to write back to the ERP. We only read; a daily export was agreed instead.",
)
FITS: Final = Pair(
    "多部门协同、数据基础好，正是我们的目标客户。",
    "Several departments and good data: exactly whom we are made for.",
)
WANTS: Final = Pair("年底向董事会汇报", "To report to the board at the end of the year")
APPROACH: Final = Pair(
    "每季度先给他一页能直接放进汇报的图，再谈其他两个工厂。",
    "Each quarter bring one chart that goes straight into the report, then talk of the plants.",
)
ORDERS: Final = (Pair("月订单量", "Orders a month"), Pair("单", "orders"))
CASH: Final = (Pair("平均回款天数", "Days until cash comes in"), Pair("天", "days"))
# Title and unit, baseline, target, and what was read how many days before the end.
OWN_FIGURES: Final[
    Sequence[tuple[tuple[Pair, Pair], float, float, Sequence[tuple[int, float]]]]
] = (
    (ORDERS, 1180, 1500, ((60, 1210), (44, 1266), (28, 1312))),
    (CASH, 52, 40, ((55, 51), (26, 46))),
)
SEATS: Final = Pair("席位用起来", "Seats in use")
DAYS: Final = Pair("每 28 天活跃 20 天以上", "Active on 20 of 28 days")
DOING: Final[tuple[tuple[PlanAction.Side, int, bool, Pair], ...]] = (
    (PlanAction.Side.OURS, -60, True, Pair(
        "梳理三个部门的指标口径", "Agree the measures of three departments")),
    (PlanAction.Side.THEIRS, -45, True, Pair("开放 ERP 的只读接口", "Open the ERP for reading")),
    (PlanAction.Side.OURS, -20, True, Pair("上线经营看板第一版", "Go live with the first board")),
    (PlanAction.Side.THEIRS, -3, False, Pair(
        "各部门指定一名看板负责人", "Name one owner of the board per department")),
    (PlanAction.Side.OURS, 12, False, Pair("季度经营回顾", "Business review of the quarter")),
    (PlanAction.Side.THEIRS, 30, False, Pair(
        "在周例会上使用看板", "Use the board in the weekly meeting")),
)  # fmt: skip
NOTE: Final = Pair(
    "张总，这是我们约定的路线图，数字每天更新。有任何想法请直接写在下面。",
    "Here is the road we agreed on; its figures are new every day. Write below whatever you think.",
)
ASKED: Final = Pair(
    "回款的数字能按客户类型分开看吗？财务想先用起来。",
    "Could the cash figures be split by type of customer? Finance would start with that.",
)
ANSWERED: Final = Pair(
    "可以，周五前加到看板第二页，会上演示给财务看。",
    "Yes: it comes on the second page by Friday, and we show it to finance in the meeting.",
)
WHO: Final = Pair("张立", "Zhang Li")
CATCH_UP: Final = Pair("续约前把使用拉起来", "Back to full use before the renewal")
CATCH_UP_WORDS: Final = Pair(
    "“销售都得在系统里报价，不然我看不到商机。”",
    "“Sales have to quote in the system, else I do not see the pipeline.”",
)
HELD_AT_MOST: Final = 60


def agree(*, end_on: date, language: str, at: datetime) -> None:
    """What was agreed with three customers, weeks before the end."""
    if (about := of_cast(State.BLOOMING)) is not None:
        _result(about, end_on=end_on, language=language, at=at)
    if (due := of_cast(State.DUE)) is not None:
        _catch_up(due, end_on=end_on, language=language, at=at)
    if (planted := of_cast(State.PLANTED)) is not None:
        _begun(planted, language=language, end_on=end_on, at=at)


def _result(about: Customer, *, end_on: date, language: str, at: datetime) -> None:
    """A year's plan on its way, in the customer's words, shared and talked about."""
    by = about.owner
    starts_on = end_on - timedelta(days=75)
    plan = _plan(about, RESULT, starts_on, starts_on + timedelta(days=240), language, at)
    words = {"success_words": WORDS.text(language), "expectation_gap": GAP.text(language)}
    edit_plan(plan, changes=words, version=plan.version, by=by, at=at)
    judge(plan, fit=Fit.TARGET, reason=FITS.text(language), version=plan.version, by=by, at=at)
    for (title, unit), baseline, target, readings in OWN_FIGURES:
        goal = _goal(plan, title, baseline=baseline, target=target, unit=unit, language=language)
        add_goal(plan, values=goal, by=by, at=at)
        added = plan.goals.latest("pk")
        for ago, value in readings:
            read(added, on=end_on - timedelta(days=ago), value=value, by=by, at=at)
    seats = _goal(plan, SEATS, baseline=0.4, target=0.8, metric="seat_use", language=language)
    add_goal(plan, values=seats, by=by, at=at)
    _do(plan, DOING, end_on=end_on, language=language, at=at)
    decides = about.people.filter(grade=Grade.S, to_on=None).order_by("external_id").first()
    if decides is not None:
        values: dict[str, Any] = {"person_id": decides.pk, "wants": WANTS.text(language)}
        values |= {"approach": APPROACH.text(language)}
        set_strategy(plan, strategy=None, values=values, version=1, by=by, at=at)
    if by is not None:
        made = share(
            plan,
            comments=True,
            language="zh-hans" if language == "zh" else "en",
            days=90,
            note=NOTE.text(language),
            confirmed=about.name,
            by=by,
            at=at,
        )
        shared = opened(made.token, at=at)
        assert shared is not None
        say(shared, name=WHO.text(language), text=ASKED.text(language), at=at)
        answer(plan, text=ANSWERED.text(language), by=by, at=at)


def _catch_up(due: Customer, *, end_on: date, language: str, at: datetime) -> None:
    """A plan that is behind, weeks before the renewal."""
    starts_on = end_on - timedelta(days=70)
    plan = _plan(due, CATCH_UP, starts_on, end_on + timedelta(days=20), language, at)
    words = {"success_words": CATCH_UP_WORDS.text(language)}
    edit_plan(plan, changes=words, version=plan.version, by=due.owner, at=at)
    for title, metric, baseline, target in (
        (SEATS, "seat_use", 0.5, 0.95),
        (DAYS, "active_days", 18.0, 27.0),
    ):
        goal = _goal(
            plan, title, baseline=baseline, target=target, metric=metric, language=language
        )
        add_goal(plan, values=goal, by=due.owner, at=at)
    _do(plan, DOING[:4:3], end_on=end_on, language=language, at=at)


def _begun(planted: Customer, *, end_on: date, language: str, at: datetime) -> None:
    """A draft from the shipped template, as the service began."""
    make_plan(
        planted,
        title=Pair("上线见效 90 天", "First value in 90 days").text(language),
        starts_on=end_on - timedelta(days=12),
        ends_on=end_on + timedelta(days=78),
        template="first_value",
        language=language,
        by=planted.owner,
        at=at,
    )


def _plan(
    about: Customer, title: Pair, starts_on: date, ends_on: date, language: str, at: datetime
) -> Plan:
    plan = make_plan(
        about,
        title=title.text(language),
        starts_on=starts_on,
        ends_on=ends_on,
        by=about.owner,
        at=at,
    )
    set_state(plan, state=Plan.State.ACTIVE, version=plan.version, by=about.owner, at=at)
    return plan


def _goal(
    plan: Plan,
    title: Pair,
    *,
    baseline: float,
    target: float,
    language: str,
    metric: str = "",
    unit: Pair | None = None,
) -> dict[str, Any]:
    return {
        "title": title.text(language),
        "metric": metric,
        "unit": unit.text(language) if unit else "",
        "baseline": baseline,
        "target": target,
        "due_on": plan.ends_on,
        "is_shared": True,
    }


def _do(plan: Plan, rows: Any, *, end_on: date, language: str, at: datetime) -> None:
    by = plan.customer.owner
    for side, in_days, is_done, title in rows:
        values = {"title": title.text(language), "side": side, "is_shared": True}
        values["due_on"] = end_on + timedelta(days=in_days)
        add_action(plan, values=values, by=by, at=at)
        if is_done:
            added = plan.actions.latest("pk")
            name = by.name if by and side == PlanAction.Side.OURS else plan.customer.name
            finish(added, done_by=name, version=added.version, by=by, at=at)


def hold_touchpoints(*, end_on: date, at: datetime) -> None:
    """Touchpoints of the last weeks beside which a contact is logged were held by it."""
    past = Touchpoint.objects.filter(
        state=Touchpoint.State.PLANNED, due_on__lte=end_on
    ).select_related("customer", "customer__owner")
    rows = {it.pk: it for it in past.order_by("due_on", "pk")}
    for pk, touch in list(near_touches(rows.values()).items())[:HELD_AT_MOST]:
        found = rows[pk]
        held_at = morning(end_on, at=at)
        hold(found, touch=touch, version=found.version, by=found.customer.owner, at=held_at)
