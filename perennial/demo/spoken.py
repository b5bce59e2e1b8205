"""What people of the demo company say of customers: opinions with their evidence, a score held
against the computed one, what a customer expects of us."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from perennial.customers.models import Customer, Fit, Grade, Person, Stage, Tier
from perennial.demo.cast import CAST, State, customer
from perennial.demo.company.write import chance
from perennial.demo.finance import morning
from perennial.demo.words import Pair
from perennial.health.actions.said import say, set_override
from perennial.health.classes.actions import override, say_fit
from perennial.health.models import Said
from perennial.team.models import User

# What the CSM sees: of whom, what, 0–10, how many days before the end, with which evidence.
SEEN: Final = (
    (State.BLOOMING, Said.EXECUTIVE_USE, 9, 20, Pair(
        "副总每周一在例会上打开经营看板。",
        "The vice president opens the dashboard in every Monday meeting.")),
    (State.BLOOMING, Said.PROCESS_EMBEDDING, 8, 20, Pair(
        "报价和合同审批都在系统里走，停用一天就影响发货。",
        "Quotes and contracts are approved in it; a day without stops deliveries.")),
    (State.BLOOMING, Said.SENTIMENT, 9, 12, Pair(
        "主动提出做一次客户案例。", "Offered to be a reference without being asked.")),
    (State.WILTING, Said.SENTIMENT, 3, 11, Pair(
        "接任者不了解系统，正在看另一家的方案。",
        "The successor does not know the product and looks at another vendor.")),
    (State.WILTING, Said.EXECUTIVE_USE, 2, 11, Pair(
        "原负责人离职后，管理层无人登录。",
        "Since the sponsor left nobody of the management has logged in.")),
    (State.DUE, Said.SENTIMENT, 7, 16, Pair(
        "沟通顺畅，对新报表满意。", "Easy to work with; likes the new reports.")),
    (State.DUE, Said.PROCESS_EMBEDDING, 7, 16, Pair(
        "周报和回款跟进依赖系统。", "Weekly reports and collections depend on it.")),
    (State.UNHAPPY, Said.SENTIMENT, 4, 9, Pair(
        "两个投诉未关闭，约好下周三面谈。",
        "Two complaints are open; we meet next Wednesday.")),
)  # fmt: skip
WORTH: Final = (
    (9, Pair("回款周期缩短了约十天，财务总监认可这个数字。",
             "Cash comes in about ten days earlier; the CFO stands by the figure.")),
    (8, Pair("少招两名数据专员，已写进年度总结。",
             "Two data clerks fewer to hire; it is in the annual report.")),
    (6, Pair("认为好用，但说不出省了多少。", "Finds it useful, cannot say what it saves.")),
)  # fmt: skip
MOODS: Final = (
    (8, Pair("季度回顾气氛好，下一步已约定。", "A good quarterly review; next steps are agreed.")),
    (7, Pair("反馈及时，问题都能谈开。", "Answers quickly; problems can be talked about.")),
    (6, Pair("联系不多，没有坏消息。", "Little contact, no bad news.")),
    (5, Pair("新任负责人还在观望。", "The new person in charge waits and sees.")),
)
HELD: Final = Pair(
    "接任者已在邮件中提到更换供应商；面谈之前按高风险处理。",
    "The successor wrote of changing vendors: at risk until we have met.",
)
EXPECTS: Final = Pair(
    "想要完全定制的排班模块，我们不做；OA 部分匹配。",
    "Wants a module for shifts made to order, which we do not do; the rest suits them.",
)
GROUP: Final = Pair(
    "集团另有三家子公司在选型，先按 S 级服务。",
    "Three more companies of the group are choosing now: served as S until then.",
)
HELD_SCORE, HELD_DAYS, SERVED_DAYS = 30, 30, 180
MOOD_RATE, WORTH_RATE = 0.35, 0.6  # of the customers that are served: somebody spoke of them
LATEST_DAYS, EARLIEST_DAYS = 12, 45  # before the end
CAST_IDS: Final = frozenset(member.external_id for member in CAST)


def of_cast(state: State) -> Customer | None:
    """The customer in that state; a demo of very few customers may go without."""
    known = Customer.objects.select_related("owner")
    return known.filter(external_id=customer(state).external_id).first()


def tell(*, end_on: date, seed: int, language: str, at: datetime) -> None:
    """Opinions of the last weeks, of the cast and of many others; the other judgements."""
    for state, measure, value, ago, evidence in SEEN:
        if about := of_cast(state):
            said_at = morning(end_on - timedelta(days=ago), at=at)
            text = evidence.text(language)
            _say(about, measure, value, text, at=said_at)
    draws = chance(f"{seed}:opinions")
    for about in Customer.objects.exclude(stage=Stage.CHURNED).order_by("external_id"):
        ago = draws.randint(LATEST_DAYS, EARLIEST_DAYS)
        said_at = morning(end_on - timedelta(days=ago), at=at)
        heard, known, pick = draws.random(), draws.random(), draws.random()
        if heard < MOOD_RATE and about.external_id not in CAST_IDS:
            value, evidence = MOODS[int(pick * len(MOODS))]
            _say(about, Said.SENTIMENT, value, evidence.text(language), at=said_at)
        decides = about.people.filter(grade=Grade.S, to_on=None).order_by("external_id").first()
        if known < WORTH_RATE and decides is not None:
            value, evidence = WORTH[int(pick * len(WORTH))]
            text = evidence.text(language)
            _say(about, Said.VALUE_PERCEPTION, value, text, at=said_at, person=decides)


def _say(
    about: Customer,
    measure: Said,
    value: int,
    evidence: str,
    *,
    at: datetime,
    person: Person | None = None,
) -> None:
    say(
        about,
        measure=measure,
        value=Decimal(value),
        evidence=evidence,
        person=person,
        by=about.owner,
        at=at,
    )


def place(*, language: str, by: User, at: datetime) -> None:
    """A fit that a person judged, and a tier that is held above the rules."""
    if paused := of_cast(State.PAUSED):
        text = EXPECTS.text(language)
        say_fit(paused, value=Fit.NON_TARGET, expectations=text, by=paused.owner, at=at)
    if due := of_cast(State.DUE):
        override(
            due,
            kind="tier",
            value=Tier.S,
            reason=GROUP.text(language),
            until_on=at.date() + timedelta(days=SERVED_DAYS),
            by=by,
            at=at,
        )


def hold(*, language: str, by: User, at: datetime) -> None:
    """The leader knows what the data cannot: a score of one's own, for a month."""
    if wilting := of_cast(State.WILTING):
        until_on = at.date() + timedelta(days=HELD_DAYS)
        text = HELD.text(language)
        set_override(wilting, score=HELD_SCORE, reason=text, until_on=until_on, by=by, at=at)
