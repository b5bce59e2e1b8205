"""North-star goals, and when a customer counts as active, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from perennial.metrics.actions import (
    drop_goal,
    goal_faults,
    rule_faults,
    set_activity_rule,
    set_goal,
)
from perennial.metrics.queries.own import activity_rule, goals
from perennial.metrics.rules.own import Comparison, GoalDefinition, OwnDefinition
from perennial.metrics.rules.states import ActivityRule
from perennial.units.definitions import Field, Kind, Plain, WrongValue, both, number, text, whole
from perennial.units.errors import RowError
from perennial.units.sentence import sentence


def _comparison(value: object) -> str:
    if value not in set(Comparison):
        raise WrongValue(sentence("This is at_least or at_most."))
    return str(value)


def _make(values: Any) -> GoalDefinition:
    return GoalDefinition(
        name=values["name"],
        title_zh=values["title"]["zh"],
        title_en=values["title"]["en"],
        metric=values["metric"],
        target=float(values["target"]),
        comparison=Comparison(values["comparison"]),
        window_days=values["window_days"],
        segment=values["segment"],
    )


def _plain(it: GoalDefinition) -> Plain:
    target = int(it.target) if it.target == int(it.target) else it.target
    return {
        "name": it.name,
        "title": {"zh": it.title_zh, "en": it.title_en},
        "metric": it.metric,
        "target": target,
        "comparison": str(it.comparison),
        "window_days": it.window_days,
        "segment": it.segment,
    }


def _faults(it: GoalDefinition, all_entries: Mapping[str, Sequence[Any]]) -> Sequence[RowError]:
    own = frozenset(
        other.name for other in all_entries.get("metrics", ()) if isinstance(other, OwnDefinition)
    )
    return goal_faults(it, own=own)


GOALS: Kind[GoalDefinition] = Kind(
    name="goals",
    fields=(
        Field("name", text),
        Field("title", both),
        Field("metric", text),
        Field("target", number),
        Field("comparison", _comparison, str(Comparison.AT_LEAST)),
        Field("window_days", whole, 28),
        Field("segment", text, ""),
    ),
    make=_make,
    plain=_plain,
    known=goals,
    faults=_faults,
    keep=lambda it, by, at: set_goal(it, by=by, at=at),
    drop=lambda it, by, at: drop_goal(it.name, by=by, at=at),
    rank=1,  # after the metrics that they are of
)


def _make_rule(values: Any) -> ActivityRule:
    return ActivityRule(values["goals_needed"], values["active_days"], values["silent_days"])


# A section of one entry without a name.
ACTIVITY: Kind[ActivityRule] = Kind(
    name="activity",
    fields=(
        Field("goals_needed", whole),
        Field("active_days", whole),
        Field("silent_days", whole),
    ),
    make=_make_rule,
    plain=lambda it: asdict(it),
    known=lambda: [activity_rule()],
    faults=lambda it, _all: rule_faults(it),
    keep=lambda it, by, at: set_activity_rule(it, by=by, at=at),
    drop=lambda _it, by, at: set_activity_rule(ActivityRule(), by=by, at=at),
)
