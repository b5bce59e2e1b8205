"""Joint actions on both sides, and how we go about each stakeholder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.work.models import Plan, PlanAction, Reason, Strategy
from perennial.work.plans.actions.calls import close_call
from perennial.work.plans.actions.changing import change, made, remove
from perennial.work.plans.rules.template import MOST_ACTIONS

EDITABLE = ("title", "side", "owner_id", "person_id", "goal_id", "due_on", "is_shared")
Side = PlanAction.Side


@transaction.atomic
def add_action(
    plan: Plan, *, values: Mapping[str, Any], by: User | None, at: datetime
) -> AuditEntry:
    """A joint action at the end of the list. Raises InputRefused, by field."""
    if plan.actions.count() >= MOST_ACTIONS:
        text = gettext_noop("A plan has at most {most} joint actions.")
        raise InputRefused(text, params={"most": str(MOST_ACTIONS)})
    last = plan.actions.aggregate(last=Max("position"))["last"]
    kept = _checked(plan, values)
    action = PlanAction.objects.create(plan=plan, position=(last or 0) + 1, **kept)
    return made(action, code="plan.action_added", by=by, at=at)


def edit_action(
    action: PlanAction, *, values: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> AuditEntry:
    kept = _checked(action.plan, values)
    return change(action, values=kept, version=version, code="plan.action_edited", by=by, at=at)


@transaction.atomic
def finish(
    action: PlanAction, *, done_by: str, version: int, by: User | None, at: datetime
) -> AuditEntry:
    """Done today; the call to action about it closes. Raises InputRefused when it is done."""
    if action.done_on is not None:
        raise InputRefused(gettext_noop("This is done already."))
    today: date = business_day(at, settings.PERENNIAL_TIME_ZONE)
    values = {"done_on": today, "done_by": done_by[:100]}
    entry = change(action, values=values, version=version, code="plan.action_done", by=by, at=at)
    close_call(Reason.PLAN, action.pk, by=by, at=at)
    return entry


def unfinish(action: PlanAction, *, version: int, by: User | None, at: datetime) -> AuditEntry:
    """Not done after all."""
    values = {"done_on": None, "done_by": ""}
    return change(action, values=values, version=version, code="plan.action_open", by=by, at=at)


def remove_action(action: PlanAction, *, by: User | None, at: datetime) -> AuditEntry:
    return remove(action, code="plan.action_removed", by=by, at=at)


def _checked(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: values[name] for name in EDITABLE if name in values}
    due_on = kept.get("due_on")
    if due_on is not None and due_on < plan.starts_on:
        raise InputRefused(gettext_noop("This is before the plan starts."), column="due_on")
    if "side" in kept:  # only one side answers for it
        kept["person_id" if kept["side"] == Side.OURS else "owner_id"] = None
    return kept


@transaction.atomic
def set_strategy(
    plan: Plan,
    *,
    strategy: Strategy | None,
    values: Mapping[str, Any],
    version: int,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """How we go about somebody, never shared; one per person. Raises InputRefused, by field."""
    taken = plan.strategies.filter(person_id=values["person_id"])
    if strategy is not None:
        taken = taken.exclude(pk=strategy.pk)
    if taken.exists():
        text = gettext_noop("There is a strategy for this person already.")
        raise InputRefused(text, column="person")
    if strategy is None:
        return made(
            Strategy.objects.create(plan=plan, **values), code="plan.strategy_set", by=by, at=at
        )
    return change(strategy, values=values, version=version, code="plan.strategy_set", by=by, at=at)


def remove_strategy(strategy: Strategy, *, by: User | None, at: datetime) -> AuditEntry:
    return remove(strategy, code="plan.strategy_removed", by=by, at=at)
