"""Active, inactive, silent: the rule, the goals, and the metric that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from perennial.customers.models import Customer
from perennial.metrics.actions import define_metric, drop_goal, set_activity_rule, set_goal
from perennial.metrics.catalog import NORTH_STAR_MET
from perennial.metrics.queries.asked import Asked
from perennial.metrics.queries.named import all_metrics
from perennial.metrics.queries.states import activity_states, figures
from perennial.metrics.rules.own import Comparison, GoalDefinition, OwnDefinition
from perennial.metrics.rules.periods import By, Grain
from perennial.metrics.rules.states import ActivityRule, State, state
from perennial.metrics.tests.conftest import Fact
from perennial.team.models import AuditEntry
from perennial.units.errors import InputRefused

Happen = Callable[[Sequence[Fact]], dict[str, int]]
DAY = date(2026, 6, 30)
AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
RULE = ActivityRule()


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def goal(name: str, metric: str, target: float, **changes: object) -> GoalDefinition:
    return GoalDefinition(name, "目标", "Goal", metric, target, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "met", "rule", "expected"),
    [
        pytest.param(None, [], RULE, None, id="never seen is unknown"),
        pytest.param(27, [], RULE, State.ACTIVE, id="an event on the first of 28 days"),
        pytest.param(28, [], RULE, State.INACTIVE, id="a day too old"),
        pytest.param(59, [], RULE, State.INACTIVE, id="not silent yet"),
        pytest.param(60, [], RULE, State.SILENT, id="none in 60 days"),
        pytest.param(0, [False, False], RULE, State.INACTIVE, id="no goal met"),
        pytest.param(0, [True, False], RULE, State.ACTIVE, id="one of two is enough"),
        pytest.param(0, [True, False], ActivityRule(2), State.INACTIVE, id="two are needed"),
        pytest.param(0, [True], ActivityRule(2), State.ACTIVE, id="never more than there are"),
        pytest.param(60, [True, True], RULE, State.SILENT, id="goals do not hide silence"),
        pytest.param(9, [], ActivityRule(1, 7, 9), State.SILENT, id="settings"),
    ],
)
def test_the_state_of_a_customer(
    seen: int | None, met: list[bool], rule: ActivityRule, expected: State | None
) -> None:
    last_on = None if seen is None else ago(seen)
    assert state(last_on, on=DAY, met=met, rule=rule) == expected


def test_states_follow_the_goals_and_the_day(happen: Happen) -> None:
    happen([Fact(ago(n), "busy", f"p{n}") for n in range(5)])
    happen([Fact(ago(3), "calm"), Fact(ago(70), "gone"), Fact(ago(40), "quiet")])
    plain = {"busy": "active", "calm": "active", "gone": "silent", "quiet": "inactive"}
    assert activity_states(DAY) == plain
    set_goal(goal("people", "active_people", 3), by=None, at=AT)
    assert activity_states(DAY) == plain | {"calm": "inactive"}
    assert activity_states(ago(2))["busy"] == "active"  # three people by then
    assert activity_states(ago(3))["busy"] == "inactive"
    assert activity_states(ago(39))["quiet"] == "inactive"
    drop_goal("people", by=None, at=AT)
    set_activity_rule(ActivityRule(active_days=3, silent_days=30), by=None, at=AT)
    assert activity_states(DAY) == plain | {"calm": "inactive", "quiet": "silent"}
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "goal_set",
        "goal_dropped",
        "activity_rule_set",
    ]


def test_a_goal_is_meant_for_its_segment_and_may_be_of_an_own_metric(happen: Happen) -> None:
    for name, tier in (("big", "S"), ("small", "C")):
        Customer.objects.create(external_id=name, name=name, tier=tier, recorded_at=AT)
    happen([Fact(ago(1), name, event="login") for name in ("big", "small")])
    exports = OwnDefinition("exports", "导出", "Exports", "event_count", event="export")
    define_metric(exports, by=None, at=AT)
    set_goal(goal("export_use", "exports", 1, segment="1;tier.in.S"), by=None, at=AT)
    assert activity_states(DAY) == {"big": "inactive", "small": "active"}
    happen([Fact(ago(0), "big", event="export")])
    assert activity_states(DAY) == {"big": "active", "small": "active"}


def test_north_star_met_looks_through_the_goals_own_window(happen: Happen) -> None:
    happen([Fact(date(2026, 5, 2), "acme"), Fact(date(2026, 6, 30), "other")])
    named = next(it for it in all_metrics() if it.name == "north_star_met")

    def met() -> dict[tuple[int, str], object]:
        asked = Asked(
            NORTH_STAR_MET, Grain.MONTH, By.CUSTOMER, date(2026, 5, 1), DAY, DAY + timedelta(90)
        )
        rows = figures(named, asked).to_pylist()
        return {(row["period_start"].month, row["customer"]): row["value"] for row in rows}

    assert met() == {(5, "acme"): 1, (6, "other"): 1}
    set_goal(goal("recent", "event_count", 1, window_days=7), by=None, at=AT)
    assert met() == {(5, "acme"): 0, (6, "other"): 1}
    few = goal("few", "event_count", 0, comparison=Comparison.AT_MOST, window_days=7)
    set_goal(few, by=None, at=AT)
    assert met() == {(5, "acme"): 1, (6, "other"): 1}
    set_activity_rule(ActivityRule(goals_needed=2), by=None, at=AT)
    assert met() == {(5, "acme"): 0, (6, "other"): 0}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        pytest.param({"metric": "nonsense"}, "metric", id="unknown metric"),
        pytest.param({"metric": "last_seen_on"}, "metric", id="a date has no target"),
        pytest.param({"name": "Nope!"}, "name", id="name"),
        pytest.param({"window_days": 0}, "window_days", id="window"),
        pytest.param({"target": float("nan")}, "target", id="target"),
        pytest.param({"segment": "tier=S"}, "segment", id="segment"),
        pytest.param({"title_en": ""}, "title", id="title"),
    ],
)
def test_a_goal_that_cannot_be_meant_is_refused_by_field(
    db: None, changes: dict[str, object], column: str
) -> None:
    plain: dict[str, object] = {
        "name": "use",
        "title_zh": "用",
        "title_en": "Use",
        "metric": "event_count",
        "target": 1.0,
    }
    with pytest.raises(InputRefused) as refused:
        set_goal(GoalDefinition(**plain | changes), by=None, at=AT)  # type: ignore[arg-type]
    assert [it.column for it in refused.value.errors] == [column]
