"""Scores of a form, low areas and their offers, and what is lacking when a customer is stuck."""

from __future__ import annotations

import doctest

import pytest

from perennial.customers.assessments.checks import faults_of
from perennial.customers.assessments.rules import diagnosis, template
from perennial.customers.assessments.rules.diagnosis import ANCHORS, ANSWERS, ORDER, lacking
from perennial.customers.assessments.rules.offers import NEXT, suggestions
from perennial.customers.assessments.rules.scoring import compare, low_areas, score
from perennial.customers.assessments.rules.shipped import PROMT, SOLUTIONS
from perennial.customers.assessments.rules.template import (
    MATURITY,
    POTENTIAL,
    Area,
    Choice,
    Question,
    Template,
    of,
    plain,
)
from perennial.customers.models import OfferKind

BOTH = {"zh": "题", "en": "q"}
FORM = Template(
    "own",
    BOTH,
    (
        Area("use", BOTH, MATURITY, (Question("a", BOTH, 3), Question("b", BOTH, 1)), 2),
        Area(
            "room",
            BOTH,
            POTENTIAL,
            (Question("c", BOTH, 1, (Choice(BOTH, 0), Choice(BOTH, 80))),),
        ),
        Area("team", BOTH, MATURITY, (Question("d", BOTH),)),
    ),
)


@pytest.mark.parametrize(
    ("answers", "areas", "maturity", "potential"),
    [
        pytest.param({}, (None, None, None), None, None, id="nothing answered is not zero"),
        pytest.param(
            {"use.a": 5, "use.b": 1}, (75.0, None, None), 75.0, None, id="weights of questions"
        ),
        pytest.param(
            {"use.a": 5, "use.b": 1, "team.d": 1},
            (75.0, None, 0.0),
            50.0,
            None,
            id="weights of areas",
        ),
        pytest.param({"room.c": 2}, (None, 80.0, None), None, 80.0, id="a choice has its points"),
        pytest.param({"use.a": 3}, (50.0, None, None), 50.0, None, id="a gap counts for nothing"),
    ],
)
def test_answers_become_scores(answers, areas, maturity, potential):
    found = score(FORM, answers)
    assert tuple(found.areas.values()) == areas
    assert (found.maturity, found.potential) == (maturity, potential)
    assert (found.answered, found.asked) == (len(answers), 4)


def test_low_areas_propose_what_helps_them_and_does_not_run_yet():
    low = low_areas({"product": 49.9, "team": 10, "marketing": 50, "resource": None}, low_score=50)
    assert low == ["team", "product"]
    offers = suggestions(low, SOLUTIONS.values(), running={"training"})
    assert [(it.area, it.solution.name) for it in offers] == [
        ("team", "outsourcing"), ("team", "peers"),
        ("product", "setup"), ("product", "deep_use"), ("product", "sourcing"),
    ]  # fmt: skip


def test_two_dates_compare_area_by_area():
    rows = compare({"a": 40.0, "gone": 10.0}, {"a": 55.0, "new": 70.0})
    assert [(it.name, it.before, it.after, it.change) for it in rows] == [
        ("a", 40.0, 55.0, 15.0), ("new", None, 70.0, None), ("gone", 10.0, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("motivation", "ability", "trigger", "lack"),
    [  # product.md E8: unwilling, unable or unprompted, the lowest below 5
        (4, 9, 9, "motivation"),
        (9, 4, 9, "ability"),
        (9, 9, 4, "trigger"),
        (3, 2, 4, "ability"),
        (4, 4, 4, "motivation"),
        (9, 3, 3, "ability"),
        (5, 5, 5, ""),
        (10, 10, 10, ""),
        (0, 0, 0, "motivation"),
    ],
)
def test_the_lowest_below_five_is_lacking(motivation, ability, trigger, lack):
    assert lacking(motivation=motivation, ability=ability, trigger=trigger) == lack


def test_every_lack_has_an_answer_and_every_judgement_its_anchors():
    assert set(ANSWERS) == {*ORDER, ""}
    assert all(len(anchors) == 3 for anchors in ANCHORS.values())


def test_what_we_ship_has_no_faults_and_reads_back():
    assert faults_of("promt", plain(PROMT)) == []
    assert of("promt", plain(PROMT)) == PROMT
    assert of("own", plain(FORM)) == FORM
    assert {it.kind for it in SOLUTIONS.values()} == set(OfferKind.values)
    areas = {area.name for area in PROMT.areas}
    assert areas == {"product", "resource", "operation", "marketing", "team"}
    assert {area for it in SOLUTIONS.values() for area in it.areas} == areas


@pytest.mark.parametrize(
    "wrong",
    [
        {"areas": []},
        {"areas": "x"},
        {"title": {"zh": "x"}},
        {"low_score": 101},
        {"low_score": float("nan")},
        {"areas": [{"name": "a", "title": BOTH, "questions": []}]},
        {"areas": [{"name": "A!", "title": BOTH, "questions": [{"name": "q", "text": BOTH}]}]},
        {"areas": [{"name": "a", "title": BOTH, "yields": "x", "questions": []}]},
        {"areas": [{"name": "a", "title": BOTH, "questions": [
            {"name": "q", "text": BOTH, "weight": 0}]}]},
        {"areas": [{"name": "a", "title": BOTH, "questions": [
            {"name": "q", "text": BOTH, "choices": [{"title": BOTH, "points": 120}]}]}]},
        {"areas": [{"name": "a", "title": BOTH, "questions": [{"name": "q", "text": BOTH}]}] * 2},
    ],
)  # fmt: skip
def test_a_form_with_faults_says_so(wrong):
    assert faults_of("own", plain(FORM) | wrong)


def test_every_step_of_an_offer_can_be_corrected():
    for state, following in NEXT.items():
        assert all(it == "declined" or state in NEXT[it] for it in following)


@pytest.mark.parametrize("module", [diagnosis, template])
def test_the_examples_are_true(module):
    assert doctest.testmod(module).failed == 0
