"""Grades by the words of positions, cadences and gaps, the tree of who reports to whom."""

from __future__ import annotations

import doctest
from datetime import date

import pytest

from perennial.customers.people.rules import grading, tree
from perennial.customers.people.rules.grading import (
    Row,
    Standard,
    cadence_by,
    contact,
    grade_by,
    standards_for,
)
from perennial.customers.people.rules.shipped import SHIPPED
from perennial.customers.people.rules.tree import Caution, Here, cautions, makes_loop

CRM = SHIPPED["CRM"]
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("position", "grade"),
    [  # product.md A4: CEO, 销售VP = S; 总监, 部门主管 = A; 骨干 = B
        ("CEO", "S"),
        ("销售VP", "S"),
        ("销售 VP", "S"),
        ("VP Sales", "S"),
        ("总经理", "S"),
        ("销售总监", "A"),
        ("部门主管", "A"),
        ("HR director", "A"),
        ("业务骨干", "B"),
        ("Key user", "B"),
        ("CEO 助理", "B"),
        ("Assistant to the CEO", "B"),
        ("CEOs' driver", ""),
        ("司机", ""),
        ("", ""),
    ],
)
def test_the_position_says_the_grade(position: str, grade: str):
    assert CRM.grade(position) == grade


def test_the_highest_grade_and_the_shortest_cadence_of_several_products_hold():
    known = {
        "": Standard("", (Row("B", ("chief",)),), {"B": 90}),
        "CRM": Standard("CRM", (Row("A", ("chief",)),), {"A": 60, "B": 40}),
        "OA": Standard("OA", (Row("B", ("chief",)),), {"A": 30}),
    }
    both = standards_for(["CRM", "OA", "BI"], known)
    assert grade_by(both, "chief") == "A"
    assert (cadence_by(both, "A"), cadence_by(both, "B"), cadence_by(both, "S")) == (30, 40, None)
    assert [it.product for it in standards_for(["BI"], known)] == [""]


@pytest.mark.parametrize(
    ("touched_on", "cadence", "gap", "overdue"),
    [
        pytest.param(date(2026, 10, 23), 30, 0, False, id="on the last day"),
        pytest.param(date(2026, 10, 22), 30, 1, True, id="a day late"),
        pytest.param(None, 30, None, True, id="never is late without a number"),
        pytest.param(None, None, None, False, id="no cadence is unknown, not late"),
    ],
)
def test_the_gap_counts_days_beyond_the_cadence(touched_on, cadence, gap, overdue):
    found = contact(touched_on, cadence_days=cadence, on=TODAY)
    assert (found.gap_days, found.is_overdue) == (gap, overdue)


def test_nobody_reports_to_themselves_over_others():
    manager_of = {1: None, 2: 1, 3: 2}
    assert makes_loop(manager_of, 1, 3)
    assert makes_loop(manager_of, 1, 1)
    assert not makes_loop(manager_of, 3, 1)


def test_the_tree_has_everybody_once_with_managers_first():
    nodes = tree.tree([1, 2, 3, 4, 9], {2: 1, 3: 1, 4: 2, 9: 77})
    assert [(it.pk, it.parent, it.depth) for it in nodes] == [
        (1, None, 0), (2, 1, 1), (4, 2, 2), (3, 1, 1), (9, None, 0),
    ]  # fmt: skip
    assert [(it.row, it.top) for it in nodes] == [(0.5, 0), (0, 0), (0, 0), (1, 1), (2, 2)]


def test_a_loop_in_the_data_falls_apart_and_nobody_is_lost():
    nodes = tree.tree([1, 2, 3], {1: 2, 2: 1, 3: 2})
    assert sorted(it.pk for it in nodes) == [1, 2, 3]


def test_a_chain_of_a_thousand_is_drawn():
    nodes = tree.tree(range(1000), {n: n - 1 for n in range(1, 1000)})
    assert len(nodes) == 1000
    assert max(it.depth for it in nodes) < tree.MOST_DEEP


@pytest.mark.parametrize(
    ("people", "found"),
    [
        pytest.param([], [], id="nobody known warns elsewhere"),
        pytest.param(
            [Here("sponsor", True)],
            [Caution.NO_DECISION_MAKER, Caution.ONE_KNOWN],
            id="one contact only",
        ),
        pytest.param(
            [Here("decision_maker", True), Here("champion", False)],
            [Caution.NO_SPONSOR, Caution.ONE_SPOKEN_TO],
            id="two known, one spoken to",
        ),
        pytest.param([Here("decision_maker", True), Here("sponsor", True)], [], id="well woven"),
    ],
)
def test_what_the_map_warns_of(people, found):
    assert cautions(people) == found


@pytest.mark.parametrize("module", [grading, tree])
def test_the_examples_are_true(module):
    assert doctest.testmod(module).failed == 0
