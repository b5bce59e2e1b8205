"""A plan as a whole: made from a template, changed, judged, begun and ended, copied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from perennial.customers.models import Customer, FitOpinion
from perennial.health.classes.actions import say_fit
from perennial.team import days
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.work.models import Goal, Plan, PlanAction
from perennial.work.plans.actions.changing import change, made
from perennial.work.plans.definitions import template_named
from perennial.work.plans.measured import INTERNAL, measure

WORDS_LETTERS: Final = 4000
EDITABLE: Final = (
    "title", "starts_on", "ends_on", "owner_id", "success_words", "expectation_gap",
)  # fmt: skip
State = Plan.State
STEPS: Final[Mapping[str, tuple[State, ...]]] = {
    State.DRAFT: (State.ACTIVE, State.STOPPED),
    State.ACTIVE: (State.REACHED, State.MISSED, State.STOPPED),
    State.REACHED: (State.ACTIVE,),
    State.MISSED: (State.ACTIVE,),
    State.STOPPED: (State.ACTIVE,),
}


@transaction.atomic
def make_plan(
    customer: Customer,
    *,
    title: str,
    starts_on: date,
    ends_on: date | None,
    template: str = "",
    language: str = "zh",
    owner: User | None = None,
    by: User | None,
    at: datetime,
) -> Plan:
    """A draft, with the goals and joint actions of a template in that language."""
    _check_dates(starts_on, ends_on)
    plan = Plan.objects.create(
        customer=customer,
        title=title.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        owner=owner,
        made_at=at,
    )
    definition = template_named(template) if template else None
    if definition is not None:
        _fill(plan, definition, language)
    made(plan, code="plan.made", by=by, at=at)
    refresh(plan, at=at)
    return plan


def _fill(plan: Plan, definition: Mapping[str, Any], language: str) -> None:
    def due(row: Mapping[str, Any]) -> date:
        return plan.starts_on + timedelta(days=row["days"])

    Goal.objects.bulk_create(
        Goal(
            plan=plan,
            title=row["title"][language],
            metric=row.get("metric", ""),
            unit=row.get("unit", ""),
            target=row["target"],
            due_on=due(row),
            is_shared=row.get("metric", "") not in INTERNAL,
            position=at,
        )
        for at, row in enumerate(definition["goals"])
    )
    PlanAction.objects.bulk_create(
        PlanAction(
            plan=plan,
            title=row["title"][language],
            side=row["side"],
            due_on=due(row),
            is_shared=row.get("shared", True),
            position=at,
        )
        for at, row in enumerate(definition["actions"])
    )


def edit_plan(
    plan: Plan, *, changes: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> AuditEntry:
    """Set some of EDITABLE. Raises EditConflict, and InputRefused by field."""
    starts_on = changes.get("starts_on", plan.starts_on)
    _check_dates(starts_on, changes.get("ends_on", plan.ends_on))
    early = plan.actions.filter(due_on__lt=starts_on).first()
    if early is not None:
        raise InputRefused(
            gettext_noop("“{title}” is due before this start."),
            column="starts_on",
            params={"title": early.title},
        )
    values = {name: changes[name] for name in EDITABLE if name in changes}
    return change(plan, values=values, version=version, code="plan.edited", by=by, at=at)


@transaction.atomic
def judge(
    plan: Plan, *, fit: str, reason: str, version: int, by: User | None, at: datetime
) -> AuditEntry:
    """Is it a customer for whom we are made, and why: kept with the plan, and beside the fit of
    the customer as its CSM's opinion. Raises EditConflict, and InputRefused by field."""
    if not reason.strip():
        raise InputRefused(gettext_noop("Say why."), column="reason")
    values = {"judgement": reason.strip()}
    entry = change(plan, values=values, version=version, code="plan.judged", by=by, at=at)
    newest = FitOpinion.objects.filter(customer=plan.customer).order_by("-said_on", "-pk").first()
    if newest is None or (newest.value, newest.expectations) != (fit, reason.strip()):
        say_fit(plan.customer, value=fit, expectations=reason, by=by, at=at)
    return entry


@transaction.atomic
def set_state(plan: Plan, *, state: str, version: int, by: User | None, at: datetime) -> AuditEntry:
    """Begin, end or take up again. Beginning freezes the baselines that nobody has written."""
    if state not in STEPS[plan.state]:
        raise InputRefused(
            gettext_noop("This plan is {state} and cannot become that."),
            params={"state": str(plan.get_state_display())},
        )
    entry = change(plan, values={"state": state}, version=version, code="plan.state", by=by, at=at)
    refresh(plan, at=at)
    return entry


@transaction.atomic
def copy_plan(
    plan: Plan, *, customer: Customer, title: str, starts_on: date, by: User | None, at: datetime
) -> Plan:
    """A draft of the same goals and joint actions, moved to a new start. The words, people and
    strategies of one customer do not go to another."""
    moved = starts_on - plan.starts_on
    same = customer.pk == plan.customer.pk
    copy = Plan.objects.create(
        customer=customer,
        title=title.strip(),
        success_words=plan.success_words if same else "",
        owner=plan.owner if same else None,
        starts_on=starts_on,
        ends_on=_later(plan.ends_on, moved),
        made_at=at,
    )
    goals: dict[int, Goal] = {}
    for goal in plan.goals.order_by("position", "pk"):
        fields = {name: getattr(goal, name) for name in _GOAL_COPIED}
        due_on = _later(goal.due_on, moved)
        goals[goal.pk] = Goal.objects.create(plan=copy, due_on=due_on, **fields)
    for action in plan.actions.order_by("position", "pk"):
        PlanAction.objects.create(
            plan=copy,
            goal=goals.get(action.goal_id or 0),
            title=action.title,
            side=action.side,
            owner=action.owner if same else None,
            person=action.person if same else None,
            due_on=_later(action.due_on, moved),
            is_shared=action.is_shared,
            position=action.position,
        )
    made(copy, code="plan.copied", by=by, at=at)
    refresh(copy, at=at)
    return copy


_GOAL_COPIED = ("title", "metric", "unit", "target", "is_shared", "position")


def refresh(plan: Plan, *, at: datetime) -> None:
    """Measure the goals of one plan as of the last day computed; see `keep`."""
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    keep(
        plan.goals.exclude(metric="").select_related("plan__customer__merged_into"),
        day=days.last_day() or today,
    )


def keep(goals: Any, *, day: date) -> int:
    """Write what goals are at the end of a day; a plan under way takes its first value as the
    baseline. How many were looked at."""
    rows = list(goals)
    found = measure(((it.plan.customer.pk, it.metric) for it in rows), day=day)
    for goal in rows:
        now = found.get((goal.plan.customer.pk, goal.metric))
        goal.current = now.value if now else None
        goal.current_why = now.why if now else ""
        goal.current_on = day
        if goal.baseline is None and now and goal.plan.state == State.ACTIVE:
            goal.baseline = now.value
            goal.baseline_on = None if now.value is None else day
    fields = ["current", "current_why", "current_on", "baseline", "baseline_on"]
    Goal.objects.bulk_update(rows, fields, batch_size=500)
    return len(rows)


def _later(day: date | None, moved: timedelta) -> date | None:
    return None if day is None else day + moved


def _check_dates(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise InputRefused(gettext_noop("It ends before it starts."), column="ends_on")
