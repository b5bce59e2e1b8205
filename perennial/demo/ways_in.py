"""How the demo company's new customers were brought in: onboardings of the last months, handovers
with what sales promised, delivery projects. All through the product's own actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Min

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Stage
from perennial.demo.cast import EAST, State
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair
from perennial.team.models import Team, User
from perennial.units.errors import InputRefused
from perennial.work.models import Handover, Milestone, Onboarding, Project
from perennial.work.onboarding.actions.handovers import (
    Written,
    accept,
    give_back,
    judge,
    offer,
    write,
)
from perennial.work.onboarding.actions.onboardings import reach
from perennial.work.onboarding.actions.projects import Planned, begin, set_phase, stop
from perennial.work.onboarding.actions.starting import start
from perennial.work.onboarding.rules.delivery import PHASES

BROUGHT_IN_DAYS: Final = 210  # customers that opened so long ago at most were brought in by plan
KEY_PEOPLE: Final = Pair("启动会上见到了负责人。", "Met the person in charge at the kick-off.")
AGREED: Final = Pair("使用方案已书面确认。", "How it is used is agreed in writing.")
SPOKEN: Final = Pair("需求访谈纪要已发给客户。", "Minutes of the interview are with them.")
TRAINED: Final = Pair("线上培训，录像已分享。", "Trained online; the recording is shared.")
BY_HAND: Final = {
    "needs": (4, SPOKEN), "key_people": (8, KEY_PEOPLE), "solution": (12, AGREED),
    "training": (19, TRAINED),
}  # fmt: skip
GOALS: Final = Pair(
    "三个月内让全部销售用系统报单，月底不再人工汇总。",
    "All sales people enter orders within three months; no manual summary at month's end.",
)
SUCCESS: Final = Pair(
    "销售总监每周一用自己的看板开会。",
    "The head of sales runs Monday's meeting on the dashboard.",
)
LACKS: Final = Pair(
    "目标只写了“提升效率”，没有数字；请补上现状和期望，再确认接口承诺由谁兑现。",
    "The goal only says “more efficient”, without a figure; add where they stand and who keeps "
    "the promise about the interface.",
)
MOVES: Final = Pair("片区调整，客户已知情。", "The territory changes; the customer knows.")
SELLERS: Final = (Pair("王海涛", "Wang Haitao"), Pair("秦雨", "Qin Yu"))
# What was promised, by whom (place in SELLERS), and what became of it.
PROMISES: Final = (
    (Pair("首年免费接入用友 U8", "Free interface to the ERP in the first year"), 0, "kept"),
    (Pair("报表两周内可定制", "Reports to order within two weeks"), 0, "impossible"),
    (Pair("移动端离线可用", "The phone app works offline"), 0, "roadmap"),
    (Pair("专属客服 7×24", "A support person of their own, 24/7"), 0, "impossible"),
    (Pair("历史数据全部导入", "All past data is imported"), 0, "kept"),
    (Pair("审批流不限节点", "Any number of steps in approvals"), 0, "kept"),
    (Pair("含两次现场培训", "Two trainings on site are included"), 1, "kept"),
    (Pair("支持私有化部署", "Can run on their own servers"), 1, "impossible"),
)
WAITING: Final = (
    (Pair("与钉钉待办打通", "Joins the to-do list of DingTalk"), 0),
    (Pair("三个月内上线第二个工厂", "A second plant live within three months"), 1),
)
TITLES: Final = (
    Pair("CRM 实施一期", "CRM roll-out, phase one"),
    Pair("OA 与审批上线", "OA and approvals"),
    Pair("BI 看板定制", "BI dashboards to order"),
    Pair("集团推广二期", "Group roll-out, phase two"),
    Pair("数据迁移与上线", "Data migration and go-live"),
)
UNUSED: Final = Pair("门店 OA 上线", "OA for the shops")
HALTED: Final = Pair("客户内部换系统负责人，暂缓。", "Their owner of the system changed: on hold.")


def bring_in(*, end_on: date, language: str, leader: User, at: datetime) -> None:
    """Begin for who opened in the last months; most milestones that data cannot show are said."""
    opened = OrderLine.objects.filter(void=False).order_by().values_list("customer")
    alive = Customer.objects.exclude(stage__in=(Stage.CHURNED, "")).in_bulk()
    earliest = end_on - timedelta(days=BROUGHT_IN_DAYS)
    for pk, opened_on in sorted(opened.annotate(Min("start_on"))):
        if pk in alive and earliest <= opened_on <= at.date():
            try:
                start(alive[pk], started_on=opened_on, by=leader, at=at)
            except InputRefused:  # the day has begun it already
                continue
    ways = Onboarding.objects.select_related("customer", "customer__owner", "plan")
    for place, way in enumerate(ways.order_by("customer__external_id")):
        said = _said_of(place, way, language=language, at=at)
        for milestone, on, note in said:
            by = way.customer.owner or leader
            reach(milestone, done_on=on, note=note, version=milestone.version, by=by, at=at)


def _said_of(
    place: int, way: Onboarding, *, language: str, at: datetime
) -> list[tuple[Milestone, date, str]]:
    """What was reached by hand: nearly all; one in five ways leaves something out."""
    found = []
    for step, (day, note) in BY_HAND.items():
        milestone = way.milestones.filter(step=step, done_on=None).first()
        on = way.started_on + timedelta(days=day + place % 7)
        is_recent = (at.date() - way.started_on).days < 60
        is_left_out = is_recent and place % 5 == 0 and step in ("solution", "training")
        if milestone is not None and on < at.date() and not is_left_out:
            milestone.onboarding = way
            found.append((milestone, on, note.text(language)))
    return found


def _new_ones(count: int) -> list[Customer]:
    """The customers that opened last, with a CSM; the newest first."""
    ways = Onboarding.objects.filter(customer__owner__isnull=False).select_related(
        "customer", "customer__owner"
    )
    return [it.customer for it in ways.order_by("-started_on", "pk")[:count]]


def hand_over(*, language: str, leader: User, at: datetime) -> None:
    """Accepted ones whose promises were judged, one returned, one that waits for its receiver,
    one for a whole team, one from CSM to CSM."""
    customers = _new_ones(10)
    rows = [(text.text(language), SELLERS[who].text(language)) for text, who, _ in PROMISES]
    for place, customer in enumerate(customers[4:8]):
        kept = rows[place * 2 : place * 2 + 2]
        made = _offered(customer, kept, to=customer.owner, language=language, by=leader, at=at)
        assert customer.owner is not None
        accept(made, by=customer.owner, at=at)
        verdicts = [verdict for _text, _who, verdict in PROMISES][place * 2 : place * 2 + 2]
        for promise, verdict in zip(made.promises.order_by("pk"), verdicts, strict=False):
            judge(promise, verdict=verdict, note="", version=1, by=customer.owner, at=at)
    waiting = [(text.text(language), SELLERS[who].text(language)) for text, who in WAITING]
    for customer in customers[:1]:
        _offered(customer, waiting[:1], to=customer.owner, language=language, by=leader, at=at)
    for customer in customers[1:2]:
        made = _offered(
            customer, waiting[1:], to=customer.owner, language=language, by=leader, at=at
        )
        assert customer.owner is not None
        give_back(made, reason=LACKS.text(language), by=customer.owner, at=at)
    team = Team.objects.filter(name=EAST.text(language)).first()
    for customer in customers[2:3]:
        _offered(customer, [], to=None, team=team, language=language, by=leader, at=at)
    _swap(customers[3:4], language=language, by=leader, at=at)


def _offered(
    customer: Customer,
    promises: list[tuple[str, str]],
    *,
    to: User | None,
    team: Team | None = None,
    language: str,
    by: User,
    at: datetime,
) -> Handover:
    written = Written(
        kind=Handover.Kind.SALES_CSM if promises else Handover.Kind.IMPLEMENTATION_CSM,
        to_user=to,
        to_team=team,
        from_name=promises[0][1] if promises else "",
        goals=GOALS.text(language),
        expectation=SUCCESS.text(language),
        people=list(customer.people.filter(to_on=None).values_list("pk", flat=True)[:3]),
        promises=[(None, text, who) for text, who in promises],
    )
    made = write(customer, written, by=by, at=at)
    return offer(made, version=made.version, by=by, at=at)


def _swap(customers: list[Customer], *, language: str, by: User, at: datetime) -> None:
    """From one CSM to a colleague of the same team."""
    for customer in customers:
        assert customer.owner is not None
        others = User.objects.filter(team=customer.owner.team, role=customer.owner.role)
        to = others.exclude(pk=customer.owner.pk).order_by("email").first()
        notes = MOVES.text(language)
        written = Written(Handover.Kind.CSM_CSM, to_user=to, notes=notes)
        made = write(customer, written, by=customer.owner, at=at)
        if to is not None:
            offer(made, version=made.version, by=by, at=at)


def deliver(*, end_on: date, language: str, leader: User, at: datetime) -> None:
    """Projects on time, late, live and used, accepted, stopped; one live that nobody uses."""
    ways = Onboarding.objects.filter(customer__owner__isnull=False).select_related("customer")
    largest = sorted(ways, key=lambda it: (-float(it.owner_why.get("arr") or 0), it.pk))
    # Begun so many days ago, days between phases, how many are done, how late each is.
    shapes = ((100, 15, 6, 1), (85, 13, 5, 2), (60, 14, 2, 6), (30, 12, 2, 0), (75, 16, 3, 5))
    for way, title, shape in zip(largest, TITLES, shapes, strict=False):
        _deliver(way.customer, title.text(language), shape, end_on=end_on, by=leader, at=at)
    paused = of_cast(State.PAUSED)
    if paused is not None:
        shape = (70, 11, 5, 1)
        _deliver(paused, UNUSED.text(language), shape, end_on=end_on, by=leader, at=at)
    for way, title in zip(largest[5:6], TITLES[3:], strict=False):
        shape = (50, 14, 1, 3)
        made = _deliver(way.customer, title.text(language), shape, end_on=end_on, by=leader, at=at)
        stop(made, reason=HALTED.text(language), version=made.version, by=leader, at=at)


def _deliver(
    customer: Customer,
    title: str,
    shape: tuple[int, int, int, int],
    *,
    end_on: date,
    by: User,
    at: datetime,
) -> Project:
    ago, between, done, late = shape
    start_on = end_on - timedelta(days=ago)
    days = [start_on + timedelta(days=between * (place + 1) - 5) for place in range(len(PHASES))]
    orders = OrderLine.objects.filter(customer=customer, void=False).order_by("-start_on")
    order_id = orders.values_list("order_id", flat=True).first() or ""
    planned = Planned(
        title=title,
        started_on=start_on,
        order_id=order_id,
        owner=customer.owner,
        standard_rate=0.9 - 0.1 * (between % 5),
        planned=dict(zip(PHASES, days, strict=True)),
    )
    made = begin(customer, planned, by=by, at=at)
    for place in range(done):
        on = min(days[place] + timedelta(days=late * (place + 1) // 2), at.date())
        name = PHASES[place]
        set_phase(made, name=name, done_on=on, note="", version=1, by=by, at=at)
    return made
