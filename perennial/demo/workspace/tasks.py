"""Calls to action that colleagues made, gave away, talked about, put off and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from perennial.customers.conversation.actions import attach, say
from perennial.customers.models import About, Customer
from perennial.demo.cast import CAST, SUPPORT, State
from perennial.demo.company.write import chance
from perennial.demo.moment import Moment
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair
from perennial.team.models import User
from perennial.work.actions.acting import complete, dismiss, snooze, start
from perennial.work.actions.handing import give_to_team
from perennial.work.actions.making import make_item
from perennial.work.models import Outcome, Type, WorkItem
from perennial.work.models import State as ItemState

# What was done in the months before, closed by the CSM: title, note, success.
PAST: Final = (
    (Pair("给分公司补一场新人培训", "Train the new people of the branch"),
     Pair("到场 11 人，一周后都在录单。", "11 came; a week later all of them enter orders."), True),
    (Pair("约总经理过一遍年度价值报告", "Go through the yearly value report with the boss"),
     Pair("两次改期，最后没见上。", "Postponed twice; we never met."), False),
    (Pair("理一遍权限，关掉离职账号", "Tidy the rights, close accounts of leavers"),
     Pair("关了 9 个，席位还给在用的人。", "Closed nine; the seats went to people in need."), True),
    (Pair("帮财务把回款看板搭起来", "Build the cash board with finance"),
     Pair("财务每天早上先看它。", "Finance opens it first thing every morning."), True),
    (Pair("推动接口故障彻底解决", "Get the broken interface solved for good"),
     Pair("研发排到下个版本，客户不满意。",
          "Scheduled for the next release; they are not happy."), False),
    (Pair("请他们来用户交流会分享", "Invite them to speak at the user meeting"),
     Pair("讲了二十分钟，会后三家来问。",
          "Spoke for twenty minutes; three peers asked for more."), True),
)  # fmt: skip
PAST_AGO: Final = (150, 138, 121, 113, 104, 96, 88, 81, 73, 66, 58, 51, 44, 38, 33, 28)
REVIEW: Final = (
    Pair("季度经营回顾：带三张图", "Business review of the quarter: bring three charts"),
    Pair("1. 订单录入及时率\n2. 回款天数\n3. 两个工厂的席位使用\n\n**先**和数据同事核对口径。",
         "1. Orders entered in time\n2. Days until cash comes in\n"
         "3. Seats in use at both plants\n\n"
         "**First** check the measures with the data team."),
)  # fmt: skip
ASKS: Final = Pair(
    "@{leader} 他们想让您也参加，周四下午方便吗？",
    "@{leader} they would like you to join: is Thursday afternoon all right?",
)
ANSWERS: Final = Pair(
    "@{csm} 可以，我去讲集团推广那一页。", "@{csm} Yes, I take the page on the group roll-out."
)
AGENDA: Final = (
    Pair("回顾会议程.csv", "agenda.csv"),
    Pair("时间,内容,谁\n14:00,目标回顾,林晓\n14:20,三张图,客户\n14:50,下一季度,一起\n",
         "time,what,who\n14:00,Goals,Lin Xiao\n14:20,Three charts,customer\n"
         "14:50,Next quarter,both\n"),
)  # fmt: skip
EXPORT: Final = (
    Pair("导出报表超时：查清原因并回话", "Report export times out: find out why and call back"),
    Pair("月底要交给董事会，周三之前要能用。", "They need it for the board by Wednesday."),
)
CALL_BACK: Final = Pair(
    "店里装修，约好复业后再谈续用", "Shops are being rebuilt: talk after they reopen"
)
REOPENS: Final = Pair("复业后再联系", "They reopen then")
CARD: Final = Pair("新负责人到任：约一次见面", "The successor starts: arrange a meeting")
CLOSED_A_DAY: Final = 7
CLOSED: Final = (
    (Outcome.SUCCESS, Pair("已沟通，对方按约定在做。", "Talked it through; they do as agreed.")),
    (Outcome.SUCCESS, Pair("培训补上，用量开始回升。", "Trained again; use is picking up.")),
    (Outcome.SUCCESS, Pair("见到决策人，确认继续用。", "Met the decision maker: they stay.")),
    (Outcome.FAILED, Pair("三次没约上，换个时间再来。", "Three attempts, no meeting.")),
    (Outcome.NOT_NEEDED, Pair(
        "对方放假，数据会自己恢复。", "On holiday: it will come back by itself.")),
)  # fmt: skip


def remember(now: Moment) -> None:
    """What was done in the months before, so that the record of acting reaches back."""
    rng = chance(f"{now.seed}:past-tasks")
    known = Customer.objects.filter(owner__isnull=False).exclude(stage="churned")
    customers = list(known.select_related("owner").order_by("external_id"))
    for place, ago in enumerate(PAST_AGO):
        title, note, worked = PAST[place % len(PAST)]
        customer = customers[int(rng.random() * len(customers))]
        made_at, by = now.ago(ago), customer.owner
        assert by is not None
        item = make_item(
            customer,
            title=now.text(title),
            type=Type.OBJECTIVE,
            due_on=made_at.date() + timedelta(days=10),
            by=by,
            at=made_at,
        )
        outcome = Outcome.SUCCESS if worked else Outcome.FAILED
        done_at = now.ago(ago - 3 - place % 9)
        complete(item, outcome=outcome, note=now.text(note), by=by, at=done_at)


def close_some(now: Moment, *, days_back: int) -> None:
    """The largest calls to action of each day that are not the cast's, closed by their CSM."""
    cast = [member.external_id for member in CAST]
    items = WorkItem.objects.filter(state=ItemState.OPEN, is_derived=True)
    theirs = items.exclude(customer__external_id__in=cast).filter(customer__owner__isnull=False)
    rows = theirs.order_by(F("rank_value").desc(nulls_last=True), "customer__external_id", "reason")
    rng = chance(f"{now.seed}:closed:{days_back}")
    for item in rows.select_related("customer__owner")[: CLOSED_A_DAY * 4 : 4]:
        outcome, note = CLOSED[int(rng.random() * len(CLOSED))]
        by = item.customer.owner
        assert by is not None
        if outcome == Outcome.NOT_NEEDED:
            dismiss(item, note=now.text(note), by=by, at=now.at)
        else:
            complete(item, outcome=outcome, note=now.text(note), by=by, at=now.at)


def make_some(now: Moment) -> None:
    """Of the last days: a review with talk and a file, one for support, one that sleeps."""
    _review(now)
    _for_support(now)
    if (paused := of_cast(State.PAUSED)) is not None and paused.owner:
        item = make_item(paused, title=now.text(CALL_BACK), by=paused.owner, at=now.at)
        snooze(item, days=40, reason=now.text(REOPENS), by=paused.owner, at=now.at)
    if (wilting := of_cast(State.WILTING)) is not None and wilting.owner:
        due_on = now.at.date() + timedelta(days=2)
        item = make_item(
            wilting,
            title=now.text(CARD),
            type=Type.RISK,
            due_on=due_on,
            owner=wilting.owner,
            by=now.leader,
            at=now.at,
        )
        start(item, by=wilting.owner, at=now.at)


def _review(now: Moment) -> None:
    customer = of_cast(State.BLOOMING)
    if customer is None or customer.owner is None:
        return
    title, text = REVIEW
    item = make_item(
        customer,
        title=now.text(title),
        text=now.text(text),
        due_on=now.at.date() + timedelta(days=9),
        by=customer.owner,
        at=now.at,
    )
    about, pk = About.WORK_ITEM, item.pk
    asks = now.text(ASKS).format(leader=now.leader.name)
    say(customer, about=about, about_id=pk, text=asks, by=customer.owner, at=now.at)
    answers = now.text(ANSWERS).format(csm=customer.owner.name)
    say(customer, about=about, about_id=pk, text=answers, by=now.leader, at=now.at)
    name, content = AGENDA
    file = SimpleUploadedFile(now.text(name), now.text(content).encode(), "text/csv")
    attach(customer, about=about, about_id=pk, upload=file, by=customer.owner, at=now.at)


def _for_support(now: Moment) -> None:
    customer = of_cast(State.DUE)
    support = User.objects.filter(email=SUPPORT.email).select_related("team").first()
    if customer is None or customer.owner is None or support is None or support.team is None:
        return
    title, text = EXPORT
    item = make_item(
        customer,
        title=now.text(title),
        text=now.text(text),
        due_on=now.at.date() + timedelta(days=4),
        by=customer.owner,
        at=now.at,
    )
    give_to_team(item, team=support.team, by=customer.owner, at=now.at)
