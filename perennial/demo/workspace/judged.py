"""Assessments by the PROMT form with the offers that followed, and why two customers are stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from perennial.customers.assessments.actions import (
    assess,
    diagnose,
    follow_offer,
    propose,
    write_result,
)
from perennial.customers.assessments.rules.shipped import PROMT
from perennial.demo.cast import State
from perennial.demo.moment import Moment
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair

VISITED: Final = Pair(
    "走访了两个部门，运营缺专人。", "Visited two departments: nobody owns operations."
)
AGAIN: Final = Pair(
    "运营主管到岗三个月，周会和复盘已成习惯。",
    "The head of operations has been here for three months; weekly reviews are a habit.",
)
ALONE: Final = Pair(
    "系统只有一个人会配，其余人只看不填。", "One person can set it up; the others only look."
)
CAME_OF_IT: Final = Pair(
    "两期培训共 23 人，会做报表的从 2 人到 9 人。",
    "Two trainings, 23 people; those who build reports went from 2 to 9.",
)
# Of whom, how many days before the end, points 1–5 of the five areas, note.
FILLED: Final = (
    (State.BLOOMING, 120, (3, 4, 2, 4, 2), VISITED),
    (State.BLOOMING, 23, (4, 4, 4, 4, 3), AGAIN),
    (State.DUE, 20, (4, 3, 2, 3, 2), ALONE),
)
# Why somebody is stuck: motivation, ability and trigger of ten.
STUCK: Final = (
    (State.WILTING, (3, 7, 6),
     Pair("换了负责人后没人推动", "Nobody drives it since the sponsor left"),
     Pair("约新负责人谈他今年的目标，再决定用哪个场景重新开始。",
          "Ask the successor for this year's goals, then choose the scenario to begin anew."),
     None),
    (State.DUE, (8, 3, 6),
     Pair("报表没人会做", "Nobody can build the reports"),
     Pair("按岗位各培训一次，每人当场做出一张自己的报表。",
          "One training per job; everybody leaves with a report of their own."),
     CAME_OF_IT),
)  # fmt: skip


def judge_customers(now: Moment) -> None:
    """Forms and diagnoses of the cast; an offer accepted, one still open."""
    for state, ago, points, note in FILLED:
        if (customer := of_cast(state)) is None:
            continue
        at, by = now.ago(ago), customer.owner
        answers = {
            f"{area.name}.{question.name}": given
            for area, given in zip(PROMT.areas, points, strict=True)
            for question in area.questions
        }
        made_on = now.end_on - timedelta(days=ago)
        text = now.text(note)
        form = assess(
            customer, template=PROMT.name, answers=answers, note=text, made_on=made_on, by=by, at=at
        )
        if state is State.BLOOMING and ago > 100:
            offer = propose(
                customer, solution="training", assessment=form, area="team", by=by, at=at
            )
            follow_offer(offer, state="accepted", result="", version=offer.version, by=by, at=at)
            offer.refresh_from_db()
            result = now.text(CAME_OF_IT)
            follow_offer(
                offer, state="delivered", result=result, version=offer.version, by=by, at=now.at
            )
        if state is State.DUE:
            propose(customer, solution="coaching", assessment=form, area="operation", by=by, at=at)
    _diagnose(now)


def _diagnose(now: Moment) -> None:
    for state, (motivation, ability, trigger), stuck_at, response, result in STUCK:
        if (customer := of_cast(state)) is None:
            continue
        made = diagnose(
            customer,
            judged={"motivation": motivation, "ability": ability, "trigger": trigger},
            stuck_at=now.text(stuck_at),
            response=now.text(response),
            made_on=now.at.date() - timedelta(days=10),
            by=customer.owner,
            at=now.at,
        )
        if result is not None:
            text = now.text(result)
            write_result(made, result=text, version=made.version, by=customer.owner, at=now.at)
