"""Decisions about usage metrics: own metrics, north-star goals, when a customer is active.

Each is one transaction with one audit line. What does not change leaves none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from perennial.metrics.catalog import METRICS
from perennial.metrics.models import Goal, OwnMetric
from perennial.metrics.queries.own import ACTIVITY_FACT, activity_rule, goals, own_metrics
from perennial.metrics.queries.segments import members
from perennial.metrics.rules.own import (
    GoalDefinition,
    OwnDefinition,
    faults_of_goal,
    faults_of_metric,
)
from perennial.metrics.rules.periods import DAY_ZERO, LONGEST_WINDOW_DAYS
from perennial.metrics.rules.states import ActivityRule
from perennial.team.audit import record
from perennial.team.models import InstallationFact, User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence

SHIPPED = frozenset(metric.name for metric in METRICS)
NO_GOALS = frozenset({"last_seen_on", "north_star_met"})


def metric_faults(it: OwnDefinition) -> list[RowError]:
    """What is wrong with an own metric, by field."""
    return faults_of_metric(it, shipped=SHIPPED)


def goal_faults(it: GoalDefinition, *, own: frozenset[str] = frozenset()) -> list[RowError]:
    """What is wrong with a goal, by field; `own`: own metrics that are about to be defined."""
    known = SHIPPED - NO_GOALS | {metric.name for metric in own_metrics()} | own
    found = faults_of_goal(it, known=known)
    try:
        members(it.segment, as_of=DAY_ZERO)
    except InputRefused as wrong:
        found.append(RowError(wrong.code, wrong.message, column="segment", params=wrong.params))
    return found


def rule_faults(it: ActivityRule) -> list[RowError]:
    """What is wrong with the rule of activity, by field."""
    limits = {"goals_needed": 100, "active_days": 366, "silent_days": LONGEST_WINDOW_DAYS}
    return [
        RowError(
            "wrong_value",
            sentence("This is from 1 to {most}, not {value}."),
            column=name,
            params={"most": str(most), "value": str(getattr(it, name))},
        )
        for name, most in limits.items()
        if not 1 <= getattr(it, name) <= most
    ]


@transaction.atomic
def define_metric(it: OwnDefinition, *, by: User | None, at: datetime) -> OwnMetric | None:
    """Keep a new version of an own metric; None when it is the one that counts already.

    Raises InputRefused with what is wrong, by field.
    """
    _refuse(metric_faults(it))
    before = {known.name: known for known in own_metrics()}.get(it.name)
    if before == it:
        return None
    last = OwnMetric.objects.filter(name=it.name).aggregate(last=Max("version"))["last"] or 0
    kept = OwnMetric.objects.create(
        **asdict(it) | {"where": [list(pair) for pair in it.where]},
        version=last + 1,
        created_at=at,
        created_by=by,
    )
    action = "metric_changed" if before else "metric_defined"
    _note(action, it.name, {**asdict(it), "version": last + 1}, by=by, at=at)
    return kept


@transaction.atomic
def retire_metric(name: str, *, by: User | None, at: datetime) -> None:
    """End an own metric; its versions stay. Raises InputRefused while a goal uses it, or when
    there is none of this name."""
    known = {it.name: it for it in own_metrics()}
    if name not in known:
        raise InputRefused(
            sentence("There is no own metric “{value}”."), code="no_metric", params={"value": name}
        )
    used = [goal.name for goal in goals() if goal.metric == name]
    if used:
        raise InputRefused(
            sentence("The goal {value} uses this metric."), code="in_use", params={"value": used[0]}
        )
    newest = OwnMetric.objects.filter(name=name).order_by("-version")[0]
    newest.pk, newest.version, newest.retired = None, newest.version + 1, True
    newest.created_at, newest.created_by = at, by
    newest.save(force_insert=True)
    _note("metric_retired", name, {"version": newest.version}, by=by, at=at)


@transaction.atomic
def set_goal(
    it: GoalDefinition, *, by: User | None, at: datetime, own: frozenset[str] = frozenset()
) -> None:
    """Set or change a north-star goal. Raises InputRefused with what is wrong, by field."""
    _refuse(goal_faults(it, own=own))
    before = {known.name: known for known in goals()}.get(it.name)
    if before == it:
        return
    Goal.objects.update_or_create(name=it.name, defaults=asdict(it) | {"changed_at": at})
    _note("goal_changed" if before else "goal_set", it.name, asdict(it), by=by, at=at)


@transaction.atomic
def drop_goal(name: str, *, by: User | None, at: datetime) -> None:
    """Take a goal back. Raises InputRefused when there is none of this name."""
    known = {it.name: it for it in goals()}
    if name not in known:
        raise InputRefused(
            sentence("There is no goal “{value}”."), code="no_goal", params={"value": name}
        )
    Goal.objects.filter(name=name).delete()
    _note("goal_dropped", name, asdict(known[name]), by=by, at=at)


@transaction.atomic
def set_activity_rule(it: ActivityRule, *, by: User | None, at: datetime) -> None:
    """Say when a customer is active and when silent. Raises InputRefused, by field."""
    _refuse(rule_faults(it))
    before = activity_rule()
    if it == before:
        return
    InstallationFact.objects.update_or_create(name=ACTIVITY_FACT, defaults={"value": asdict(it)})
    _note("activity_rule_set", "activity", {"from": asdict(before), "to": asdict(it)}, by=by, at=at)


def _refuse(faults: Sequence[RowError]) -> None:
    if faults:
        first = faults[0]
        wrong = InputRefused(
            first.message, code=first.code, params=first.params, column=first.column
        )
        wrong.errors = faults
        raise wrong


def _note(
    action: str, name: str, detail: Mapping[str, object], *, by: User | None, at: datetime
) -> None:
    record(
        action,
        object_type="definition",  # the shown day does not know it: it is computed again
        object_id=name,
        summary=name,
        detail=detail,
        by=by,
        at=at,
    )
