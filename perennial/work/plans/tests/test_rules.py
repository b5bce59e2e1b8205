"""Progress of goals and days of touchpoints: tables from the rules as a CSM reads them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from perennial.work.plans.rules.progress import Progress, Standing, Why, progress, whole
from perennial.work.plans.rules.shipped import PLANS, RULES
from perennial.work.plans.rules.template import plan_faults, rule_faults, rule_of, rule_plain
from perennial.work.plans.rules.touchpoints import (
    BACK_DAYS,
    Anchor,
    Rule,
    is_on_time,
    planned,
)

START, END, HALF = date(2026, 1, 1), date(2026, 4, 11), date(2026, 2, 20)  # 100 days, day 50
KINDS = ("kickoff", "discovery", "delivery", "trial", "review", "renewal", "own")
STAGES = ("onboarding", "steady", "pre_renewal", "churned", "won_back")


@pytest.mark.parametrize(
    ("baseline", "target", "current", "as_of", "standing", "why", "score"),
    [
        pytest.param(0, 100, 50, HALF, "on_track", "in_time", 50, id="half way in half the time"),
        pytest.param(0, 100, 36, HALF, "on_track", "in_time", 36, id="a little slow is on track"),
        pytest.param(0, 100, 34, HALF, "behind", "slow", 34, id="sixteen points slow is behind"),
        pytest.param(50, 20, 35, HALF, "on_track", "in_time", 50, id="a target below the baseline"),
        pytest.param(50, 20, 20, HALF, "reached", "at_target", 100, id="reached from above"),
        pytest.param(50, 20, 60, START, "behind", "worse", 0, id="worse than at the start"),
        pytest.param(0, 100, 120, HALF, "reached", "at_target", 100, id="beyond is a hundred"),
        pytest.param(9, 9, 9, HALF, "reached", "at_target", 100, id="to hold, and held"),
        pytest.param(9, 9, 8, HALF, "behind", "worse", 0, id="to hold, and lost"),
        pytest.param(0, 100, 99, date(2026, 4, 12), "behind", "past_due", 99, id="too late"),
        pytest.param(0, 100, None, HALF, "unknown", "no_value", None, id="not measured"),
        pytest.param(
            None, 100, 5, HALF, "unknown", "no_baseline", None, id="nothing to start from"
        ),
    ],
)
def test_how_a_goal_stands(
    baseline: float | None,
    target: float,
    current: float | None,
    as_of: date,
    standing: str,
    why: str,
    score: float | None,
):
    found = progress(
        baseline=baseline, target=target, current=current, starts_on=START, due_on=END, as_of=as_of
    )
    assert (found.standing, found.why, found.score) == (standing, why, score)


def test_without_a_due_day_only_the_wrong_direction_is_behind():
    known: Any = {"baseline": 10, "target": 20, "starts_on": START, "due_on": None, "as_of": END}
    assert progress(current=11, **known).standing is Standing.ON_TRACK
    assert progress(current=9, **known).standing is Standing.BEHIND


def test_a_plan_is_the_mean_of_what_is_known_and_as_bad_as_its_worst():
    known = [
        Progress(Standing.REACHED, Why.AT_TARGET, 100.0),
        Progress(Standing.BEHIND, Why.SLOW, 20.0),
        Progress(Standing.UNKNOWN, Why.NO_VALUE),
    ]
    found = whole(known)
    assert (found.standing, found.score, found.known, found.goals) == ("behind", 60, 2, 3)


def test_a_plan_with_an_unknown_goal_is_not_reached():
    known = [Progress(Standing.REACHED, Why.AT_TARGET, 100.0)]
    unknown = [Progress(Standing.UNKNOWN, Why.NO_VALUE)]
    assert whole(known).standing is Standing.REACHED
    assert whole(known + unknown).standing is Standing.ON_TRACK
    assert whole([]).score is None


def days_of(rules: Any = RULES, **given: Any) -> dict[str, date]:
    usual: dict[str, Any] = {
        "tier": "S",
        "stage": "steady",
        "started_on": date(2026, 1, 1),
        "renewal_on": None,
        "from_on": date(2026, 1, 1),
        "until_on": date(2026, 5, 1),
    }
    return {it.key: it.due_on for it in planned(rules, **usual | given)}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        pytest.param(
            {"tier": "B", "stage": "onboarding"},
            {
                "kickoff:2026-01-01": date(2026, 1, 8),
                "trial:2026-01-01": date(2026, 2, 10),
            },
            id="onboarding of a small customer",
        ),
        pytest.param(
            {"tier": "C", "renewal_on": date(2026, 4, 1)},
            {"renewal:2026-04-01": date(2026, 2, 15)},
            id="the smallest only before the renewal",
        ),
        pytest.param(
            {"tier": "A", "started_on": date(2025, 1, 1)},
            {
                "review:2026-03-27": date(2026, 3, 27),
            },
            id="reviews count on from the start of service",
        ),
        pytest.param({"tier": ""}, {}, id="a tier that no rule names"),
        pytest.param({"tier": "S", "started_on": None}, {}, id="nothing began"),
    ],
)
def test_the_shipped_rules_plan(given: dict[str, Any], wanted: dict[str, date]):
    assert days_of(**given) == wanted


def test_reviews_come_round_and_keep_their_names():
    early = days_of(tier="S", started_on=date(2025, 12, 1))
    later = days_of(tier="S", started_on=date(2025, 12, 1), from_on=date(2026, 2, 1))
    reviews = {key: day for key, day in early.items() if key.startswith("review")}
    assert list(reviews.values()) == [
        date(2026, 1, 30), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 30),
    ]  # fmt: skip
    assert later.items() <= early.items()


def test_a_first_run_does_not_flood():
    """A customer of ten years gets what lies ahead and the last fourteen days, not ten years."""
    from_on = date(2026, 6, 1)
    found = days_of(started_on=date(2016, 1, 1), from_on=from_on, until_on=date(2026, 9, 1))
    assert BACK_DAYS == 14
    assert len(found) <= 4
    assert min(found.values()) >= from_on


@pytest.mark.parametrize(
    ("done_on", "on_time"),
    [(None, False), (date(2026, 1, 8), True), (date(2026, 1, 9), False)],
    ids=["not held", "a week later", "a day more"],
)
def test_in_time_is_a_week(done_on: date | None, on_time: bool):
    assert is_on_time(date(2026, 1, 1), done_on) is on_time


@pytest.mark.parametrize("rule", RULES, ids=lambda it: it.name)
def test_a_shipped_rule_is_good_and_comes_back_from_its_text(rule: Rule):
    assert rule_faults(rule_plain(rule), kinds=KINDS, stages=STAGES) == []
    assert rule_of(rule_plain(rule)) == rule


@pytest.mark.parametrize("template", PLANS, ids=lambda it: it["name"])
def test_a_shipped_plan_is_good(template: dict[str, Any]):
    assert plan_faults(template) == []


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"name": "Ä"}, "wrong_name", "name"),
        ({"title": "x"}, "no_title", "title"),
        ({"days": 0}, "wrong_days", "days"),
        ({"days": True}, "wrong_days", "days"),
        ({"goals": 3}, "wrong_list", "goals"),
        ({"goal": []}, "unknown_field", "goal"),
        (
            {"goals": [{"title": {"zh": "一", "en": "a"}, "target": float("nan"), "days": 1}]},
            "no_number",
            "goals.0.target",
        ),
        (
            {"actions": [{"title": {"zh": "一", "en": "a"}, "side": "both", "days": 1}]},
            "wrong_side",
            "actions.0.side",
        ),
        ({"actions": [{}] * 61}, "too_many", "actions"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_is_wrong_with_a_template_is_said_with_its_place(
    change: dict[str, Any], code: str, place: str
):
    found = plan_faults({**PLANS[0], **change})
    assert (code, place) in [(it.code, it.column) for it in found]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "party"}, "wrong_kind"),
        ({"from": "moon"}, "wrong_anchor"),
        ({"days": {}}, "wrong_days"),
        ({"days": {"X": 3}}, "wrong_days"),
        ({"from": Anchor.EVERY.value, "days": {"S": 1}}, "wrong_days"),
        ({"stages": ["never"]}, "wrong_stage"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_is_wrong_with_a_rule_is_said(change: dict[str, Any], code: str):
    found = rule_faults({**rule_plain(RULES[0]), **change}, kinds=KINDS, stages=STAGES)
    assert code in [it.code for it in found]
