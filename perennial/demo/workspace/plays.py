"""Playbooks under way at the demo company: with branches taken, one done, one behind, one for
several customers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from perennial.customers.models import Customer
from perennial.demo.cast import State
from perennial.demo.moment import Moment
from perennial.demo.spoken import of_cast
from perennial.demo.words import Pair
from perennial.desk.models import CustomerFigures
from perennial.units.errors import InputRefused
from perennial.work.models import Run, StepRun, WorkItem
from perennial.work.models import State as ItemState
from perennial.work.playbooks.actions.enrolling import enrol
from perennial.work.playbooks.actions.runs import finish, start


@dataclass(frozen=True, slots=True)
class Played:
    """A run of a playbook: how many days before the end it began, and how its steps ended, by
    the id of the outcome ("" where there is none). Steps that are not named stay open."""

    playbook: str
    state: State
    days_ago: int
    ended: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""  # of the call to action that it answers


PLAYED: Final = (
    Played(
        "reference_request", State.BLOOMING, 24,
        {"thank": "warm", "which": "quote", "quote": "", "give": ""},
    ),
    Played(
        "usage_drop", State.WILTING, 18,
        {"look": "", "call": "people", "retrain": ""}, "usage_drop",
    ),
    Played(
        "contact_left", State.WILTING, 24,
        {"ask": "unknown", "second": "", "meet": "waiting"}, "contact_left",
    ),
    Played("renewal_90", State.DUE, 24, {"sound": "open", "people": "", "offer": ""}),
    Played("onboarding_30", State.PLANTED, 12, {"goals": "clear", "people": ""}),
    Played("detractor", State.UNHAPPY, 12, {"read": ""}, "detractor"),  # the call is overdue
)  # fmt: skip
NOTES: Final = {
    "thank": Pair("她说这一年最大的变化是不用再催周报。",
                  "She says the biggest change of the year is not chasing weekly reports."),
    "which": Pair("愿意写一段推荐语，署名职位不署名。",
                  "Will give a quote with the job title, without the name."),
    "call": Pair("主力用户调走，接手的两位没培训过。",
                 "The main user moved on; the two successors were never trained."),
    "ask": Pair("前台说新负责人下月才到任。", "The successor only starts next month."),
    "sound": Pair("想续，但要看报表培训的效果。", "Wants to, if the report training works out."),
    "goals": Pair("目标写下来了：一个月内全员录单。",
                  "Goal agreed: all orders entered within a month."),
}  # fmt: skip
LOW_SEATS, SEVERAL = "low_seats", 6
# How far each of those who entered together has come.
COME: Final[tuple[Mapping[str, str], ...]] = (
    {"who": "", "talk": "rollout"}, {"who": "", "talk": "another"}, {"who": ""},
)  # fmt: skip
BEGUN_DAYS: Final = 12  # the enrolment of several


def play(now: Moment, *, days_back: int) -> None:
    """Begin what begins on this day, then end the steps whose turn has come."""
    for it in PLAYED:
        customer = of_cast(it.state)
        if customer is None or it.days_ago < days_back:
            continue
        if it.days_ago == days_back:
            _begin(it, customer, now=now)
        runs = Run.objects.filter(playbook__name=it.playbook, customer=customer)
        for run in runs.filter(state=Run.State.RUNNING).select_related("customer__owner"):
            _go_on(run, it.ended, now=now)
    if days_back == BEGUN_DAYS:
        _enrol(now)
        return
    together = Run.objects.filter(enrolment__isnull=False, state=Run.State.RUNNING)
    rows = together.select_related("customer__owner").order_by("pk")
    for run, ended in zip(rows, COME, strict=False):
        _go_on(run, ended, now=now)


def _begin(it: Played, customer: Customer, *, now: Moment) -> None:
    items = WorkItem.objects.filter(customer=customer, reason=it.reason)
    item = items.exclude(state=ItemState.DONE).order_by("pk").first() if it.reason else None
    start(it.playbook, customer=customer, item=item, by=customer.owner, at=now.at)


def _go_on(run: Run, ended: Mapping[str, str], *, now: Moment) -> None:
    """One step a day and run: people do not end them all at once."""
    step = run.steps.filter(state=StepRun.State.OPEN, step__in=ended).order_by("pk").first()
    if step is not None:
        note = NOTES.get(step.step)
        text = now.text(note) if note else ""
        by = run.customer.owner
        finish(run, step=step.step, outcome=ended[step.step], note=text, by=by, at=now.at)


def _enrol(now: Moment) -> None:
    """The leader lets those with the fewest seats in use enter together."""
    rows = CustomerFigures.objects.filter(
        customer__owner__team=now.leader.team, seat_rate__isnull=False
    )
    few = rows.exclude(stage__in=("churned", "onboarding")).order_by("seat_rate", "pk")
    wanted = list(few.values_list("pk", flat=True)[:SEVERAL])
    if wanted:
        try:
            enrol(LOW_SEATS, customers=wanted, by=now.leader, at=now.at)
        except InputRefused:  # a demo of very few customers
            return
