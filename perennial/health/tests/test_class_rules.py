"""The rules that we ship, the first match, gates, and texts that are refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from perennial.health.classes.checks import faults_of
from perennial.health.classes.queries import by_rules
from perennial.health.classes.rules.definition import STAGE, Gates, of, plain
from perennial.health.classes.rules.gates import GateState, first_use, gate, normal_use
from perennial.health.classes.rules.judging import judge, reaches
from perennial.health.classes.rules.shipped import SHIPPED, SUGGESTED

ON = date(2026, 11, 22)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        pytest.param({}, "", id="nothing known"),
        pytest.param({"age_days": 0}, "onboarding", id="first day"),
        pytest.param({"age_days": 29}, "onboarding", id="30th day of service"),
        pytest.param({"age_days": 30}, "steady", id="31st day"),
        pytest.param({"age_days": -5}, "onboarding", id="signed, not begun"),
        pytest.param({"age_days": 400, "due_in_days": 90}, "pre_renewal", id="90 days"),
        pytest.param({"age_days": 400, "due_in_days": 91}, "steady", id="91 days"),
        pytest.param({"age_days": 10, "due_in_days": 20}, "onboarding", id="short first term"),
        pytest.param({"age_days": 400, "lapsed": True}, "churned", id="pays nothing now"),
        pytest.param({"age_days": 900, "returned_days": 89}, "won_back", id="came back"),
        pytest.param({"age_days": 900, "returned_days": 90}, "steady", id="back for long"),
        pytest.param(
            {"age_days": 900, "returned_days": 5, "due_in_days": 60},
            "pre_renewal",
            id="came back for a short term",
        ),
    ],
)
def test_the_stage_follows_the_orders(facts: dict[str, Any], stage: str) -> None:
    """The table of the stages as they were before they had rules, and the won-back ones."""
    columns = {
        name: np.array([value], np.bool_ if isinstance(value, bool) else np.float64)
        for name, value in facts.items()
    }
    assert by_rules(STAGE, columns, as_of=np.array([ON], "datetime64[D]")).tolist() == [stage]


def test_the_first_rule_that_is_met_says_it_and_what_is_caught_before_is_unreachable() -> None:
    rules = of(
        "tier",
        {
            "rules": [
                {"name": f"r{at}", "title": {"zh": "甲", "en": "a"}, "value": value, "when": when}
                for at, (value, when) in enumerate(
                    [("S", "100"), ("A", "50"), ("B", "60"), ("C", "1000")]
                )
            ],
            "otherwise": "",
        },
    )
    arr = np.array([150.0, 70.0, 20.0, np.nan])
    found = judge(rules, size=4, meets=lambda rule: arr >= float(rule.when))
    assert found.value.tolist() == ["S", "A", "", ""]
    assert [found.rule_name(at, rules) for at in range(4)] == ["r0", "r1", "", ""]
    reach = reaches(rules, found, lambda rule: arr >= float(rule.when))
    assert [(it.meets, it.caught, it.is_unreachable) for it in reach] == [
        (1, 1, False),
        (2, 1, False),
        (2, 0, True),
        (0, 0, False),
    ]


@pytest.mark.parametrize("rules", [*SHIPPED.values(), *SUGGESTED.values()])
@pytest.mark.django_db
def test_what_we_ship_and_suggest_is_right_and_reads_back(rules: Any) -> None:
    assert faults_of(rules.kind, plain(rules)) == []
    assert of(rules.kind, plain(rules)) == rules


RULE = {"name": "a", "title": {"zh": "甲", "en": "A"}, "value": "S", "when": "1;arr.gte.5"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "changed", "column", "said"),
    [
        ("tier", {"when": "1;tier.in.S"}, "rules.0.when", "it would answer itself"),
        ("tier", {"when": "1;fit.in.target"}, "", ""),
        ("fit", {"value": "target", "when": "1;tier.in.S"}, "rules.0.when", "decided later"),
        ("tier", {"when": "1;mood.in.good"}, "rules.0.when", "no field “{name}”"),
        ("tier", {"when": "1;arr.gte.much"}, "rules.0.when", "is no number"),
        ("tier", {"when": "arr > 5"}, "rules.0.when", "cannot be read"),
        ("tier", {"value": "D"}, "rules.0.value", "is none of"),
        ("tier", {"title": {"zh": "", "en": "A"}}, "rules.0.title", "missing in one language"),
        ("tier", {"name": "A b"}, "rules.0.name", "small letters"),
        ("tier", {"colour": "red"}, "rules.0", "no field"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(
    kind: str, changed: dict[str, Any], column: str, said: str
) -> None:
    found = faults_of(kind, {"rules": [RULE | changed], "otherwise": ""})
    assert [it.column for it in found] == ([column] if column else [])
    assert all(said in it.message for it in found)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        pytest.param({"rules": "all"}, id="no list"),
        pytest.param({"rules": [RULE, RULE]}, id="a name twice"),
        pytest.param({"rules": [RULE | {"name": f"r{n}"} for n in range(31)]}, id="too many"),
        pytest.param({"rules": [], "otherwise": "Z"}, id="another value"),
        pytest.param({"rules": [], "gates": {}}, id="gates are the stages'"),
    ],
)
def test_wrong_rules_are_refused(text: dict[str, Any]) -> None:
    assert faults_of("tier", text)


@pytest.mark.parametrize("gates", [{"live_days": 0}, {"live": 3}, {"products": {"CRM": "x"}}, 7])
@pytest.mark.django_db
def test_wrong_gates_are_refused(gates: Any) -> None:
    text = {**plain(SHIPPED[STAGE]), "gates": gates}
    assert [it.column for it in faults_of(STAGE, text)] == ["gates"]


@pytest.mark.parametrize(
    ("reached", "as_of", "state"),
    [
        (30, 40, GateState.PASSED),
        (31, 40, GateState.MISSED),
        (None, 30, GateState.OPEN),
        (None, 31, GateState.MISSED),
        (-3, 10, GateState.PASSED),
    ],
)
def test_a_gate_is_passed_missed_or_open(reached: int | None, as_of: int, state: GateState) -> None:
    day = None if reached is None else ON + timedelta(days=reached)
    found = gate(ON, within_days=30, reached_on=day, as_of=ON + timedelta(days=as_of))
    assert (found.state, found.reached_on) == (state, day)


def test_normal_use_is_eight_of_twenty_eight_days() -> None:
    weekly = [1.0 if at % 7 == 0 else 0.0 for at in range(200)]
    assert normal_use(weekly, first_on=ON) is None, "four days of 28"
    daily = [0.0] * 10 + [1.0] * 20
    assert first_use(daily, first_on=ON) == ON + timedelta(days=10)
    assert normal_use(daily, first_on=ON) == ON + timedelta(days=17)
    assert first_use([], first_on=ON) is None


def test_of_several_products_the_longest_window_counts() -> None:
    gates = Gates(products={"CRM": 60, "BI": 120})
    assert [gates.live_days_of(it) for it in ((), ("CRM",), ("CRM", "BI"), ("OA", "CRM"))] == [
        90,
        60,
        120,
        90,
    ]
