"""Goals of a plan, and the values of those that people write down."""

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
from perennial.work.models import Goal, Plan, Reading
from perennial.work.plans.actions.changing import change, made, remove
from perennial.work.plans.actions.plans import refresh
from perennial.work.plans.measured import INTERNAL
from perennial.work.plans.rules.template import MOST_GOALS, is_number

EDITABLE = ("title", "metric", "unit", "baseline", "target", "due_on", "is_shared")


@transaction.atomic
def add_goal(plan: Plan, *, values: Mapping[str, Any], by: User | None, at: datetime) -> AuditEntry:
    """A goal at the end of the list; in a plan under way its baseline is frozen now."""
    if plan.goals.count() >= MOST_GOALS:
        text = gettext_noop("A plan has at most {most} goals.")
        raise InputRefused(text, params={"most": str(MOST_GOALS)})
    kept = _checked(plan, values)
    last = plan.goals.aggregate(last=Max("position"))["last"]
    goal = Goal.objects.create(plan=plan, position=(last or 0) + 1, **kept)
    refresh(plan, at=at)
    return made(goal, code="plan.goal_added", by=by, at=at)


@transaction.atomic
def edit_goal(
    goal: Goal, *, values: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> AuditEntry:
    """Change a goal. Another source is another goal: its baseline is taken anew."""
    kept = _checked(goal.plan, values)
    if kept.get("metric", goal.metric) != goal.metric:
        kept |= {"baseline": None, "baseline_on": None, "current": None, "current_on": None}
    entry = change(goal, values=kept, version=version, code="plan.goal_edited", by=by, at=at)
    refresh(goal.plan, at=at)
    return entry


def remove_goal(goal: Goal, *, by: User | None, at: datetime) -> AuditEntry:
    return remove(goal, code="plan.goal_removed", by=by, at=at)


@transaction.atomic
def read(goal: Goal, *, on: date, value: float, by: User | None, at: datetime) -> AuditEntry:
    """Write down a result of the customer's own; the same day again replaces it. The first one
    is the baseline where none was said. Raises InputRefused, by field."""
    if goal.metric:
        raise InputRefused(gettext_noop("This goal is measured by itself."))
    if on > business_day(at, settings.PERENNIAL_TIME_ZONE):
        raise InputRefused(gettext_noop("This day has not come yet."), column="on")
    if on < goal.plan.starts_on:
        raise InputRefused(gettext_noop("This is before the plan starts."), column="on")
    if not is_number(value):
        raise InputRefused(gettext_noop("This is no number."), column="value")
    reading = Reading.objects.filter(goal=goal, on=on).first()
    if reading is not None:
        values = {"value": value, "by": by}
        entry = change(reading, values=values, version=None, code="plan.goal_read", by=by, at=at)
    else:
        reading = Reading.objects.create(goal=goal, on=on, value=value, by=by, recorded_at=at)
        entry = made(reading, code="plan.goal_read", by=by, at=at)
    if goal.baseline is None:
        Goal.objects.filter(pk=goal.pk).update(baseline=value, baseline_on=on)
    take_newest(goal)
    return entry


def take_newest(goal: Goal) -> None:
    """The newest reading is the current value."""
    newest = goal.readings.order_by("on").last()
    Goal.objects.filter(pk=goal.pk).update(
        current=newest.value if newest else None, current_on=newest.on if newest else None
    )


def _checked(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: values[name] for name in EDITABLE if name in values}
    for name in ("target", "baseline"):
        if kept.get(name) is not None and not is_number(kept[name]):
            raise InputRefused(gettext_noop("This is no number."), column=name)
    due_on = kept.get("due_on")
    if due_on is not None and due_on < plan.starts_on:
        raise InputRefused(gettext_noop("This is before the plan starts."), column="due_on")
    if kept.get("metric") in INTERNAL and kept.get("is_shared"):
        raise InputRefused(
            gettext_noop("This is our own judgement, or money: the customer does not see it."),
            column="is_shared",
        )
    return kept
