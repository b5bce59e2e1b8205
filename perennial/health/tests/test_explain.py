"""Every change of a score is the exact sum of named effects (product, D3)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from perennial.health.rules.definition import Hierarchy, Profile, of
from perennial.health.rules.explain import (
    Cause,
    Effect,
    Judged,
    Moved,
    NoChange,
    apportion,
    explain,
    shown_points,
)
from perennial.health.rules.hierarchy import Child
from perennial.health.rules.parts import Part, State
from perennial.health.rules.scale import points_on

ORDER = list(Cause)


def random_definition(random: Random, version: int) -> Profile:
    rows = []
    for name in random.sample("abcdef", random.randint(1, 6)):
        edges = sorted(random.sample(range(11), 2))
        rows.append(
            {
                "id": name,
                "group": "depth",
                "weight": random.choice((0, 1, 7, 20)),
                "linear": [[edge, random.randint(0, 100)] for edge in edges],
                "outside": random.choice(("clamp", "ignore")),
            }
        )
    name = random.choice(("steady", "onboarding"))
    return of({"name": name, "priority": 1, "measures": rows}, version=version)


def random_judged(random: Random, by: Profile) -> Judged:
    """A judgement as the history may hold it: parts absent, children, limits, an override."""
    parts = []
    for item in by.items:
        value = random.choice((None, *range(11), 3.3333))
        points = None if value is None else points_on(item.scale, round(value * 10_000))
        state = State.MISSING if points is None else State.PRESENT
        parts.append(
            Part(item.id, item.group, item.weight, state, value, points, source=item.source)
        )
    children = tuple(
        Child(name, random.choice((0, 5, 9)), random.choice((None, 0, 3333, 10000)))
        for name in random.sample(("X", "Y", "Z"), random.randint(1, 3))
    )
    hierarchy = random.choice((Hierarchy.OWN, Hierarchy.OWN, Hierarchy.CHILDREN, Hierarchy.WORST))
    limits = tuple(
        Moved(name, Fraction(random.randint(-90, 90), random.randint(1, 7)))
        for name in random.sample(("cap", "floor", "other"), random.randint(0, 2))
    )
    override = random.choice((None, None, 0, 40))
    own = hierarchy is Hierarchy.OWN
    return Judged(
        by.name, by.version, tuple(parts), hierarchy, () if own else children, limits, override
    )


def test_the_remainder_is_exactly_zero_for_ten_thousand_random_pairs():
    random, compared = Random(20260723), 0
    for _ in range(10_000):
        first = random_definition(random, version=1)
        second = random.choice((first, random_definition(random, version=2)))
        before, after = random_judged(random, first), random_judged(random, second)
        told = explain(before, after, now=second)
        if before.shown is None or after.shown is None:
            assert (told.change, told.effects) == (None, ())
            assert told.reason is (
                NoChange.NO_SCORE_BEFORE if before.shown is None else NoChange.NO_SCORE_NOW
            )
            continue
        compared += 1
        assert told.change == after.shown - before.shown
        assert sum(effect.points for effect in told.effects) == told.change
        causes = [ORDER.index(effect.cause) for effect in told.effects]
        assert causes == sorted(causes)
        whole = shown_points(after.shown) - shown_points(before.shown)
        assert sum(apportion([it.points for it in told.effects], whole)) == (
            whole if told.effects else 0
        )
    assert compared > 5_000


def part(id: str, weight: int, points: int | None, *, value: float | None = None) -> Part:
    state = State.MISSING if points is None else State.PRESENT
    return Part(id, "depth", weight, state, value, points, source=id)


STEADY = Judged("steady", 1, (part("a", 50, 8000), part("b", 50, 4000)))


def said(before: Judged, after: Judged, **more: Any) -> list[tuple[str, str, float]]:
    told = explain(before, after, **more)
    return [(it.cause.value, it.of, float(it.points)) for it in told.effects]


@pytest.mark.parametrize(
    ("after", "effects"),
    [
        pytest.param(STEADY, [], id="nothing changed"),
        pytest.param(
            replace(STEADY, parts=(part("a", 50, 6000), part("b", 50, 4000))),
            [("measure", "a", -10.0)],
            id="a value",
        ),
        pytest.param(
            replace(STEADY, version=2, parts=(part("a", 75, 8000), part("b", 25, 4000))),
            [("weights", "", 10.0)],
            id="another version weighs otherwise",
        ),
        pytest.param(
            replace(STEADY, profile="new", parts=(part("a", 75, 8000), part("b", 25, 4000))),
            [("profile", "", 10.0)],
            id="another profile",
        ),
        pytest.param(
            replace(STEADY, parts=(part("a", 50, 8000), part("b", 50, None))),
            [("missing", "b", 20.0)],
            id="a measure went",
        ),
        pytest.param(
            replace(STEADY, parts=(part("a", 50, 8000), part("b", 50, None), part("c", 50, 2000))),
            [("missing", "b", 20.0), ("missing", "c", -30.0)],
            id="one went and one came",
        ),
        pytest.param(
            replace(STEADY, limits=(Moved("cap", Fraction(-11)),)),
            [("exception", "cap", -11.0)],
            id="a cap",
        ),
        pytest.param(replace(STEADY, override=90), [("override", "", 30.0)], id="an override"),
        pytest.param(
            replace(STEADY, parts=(part("a", 50, 6000), part("b", 50, 4000)), override=60),
            [("measure", "a", -10.0), ("override", "", 10.0)],
            id="an override hides a fall, and says so",
        ),
        pytest.param(
            replace(STEADY, hierarchy=Hierarchy.WORST, children=(Child("X", 1, 2000),)),
            [("hierarchy", "", -40.0)],
            id="the score comes from a child now",
        ),
        pytest.param(
            replace(STEADY, parts=(part("a", 50, None),), override=30),
            [("override", "", -30.0)],
            id="only what a person says",
        ),
    ],
)
def test_each_cause_has_its_name(after: Judged, effects: list[tuple[str, str, float]]):
    assert said(STEADY, after) == effects


def test_another_scale_is_told_from_another_value():
    """The old value on the new scale is the profile's effect, the rest the measure's."""
    rows = [
        {"id": name, "group": "depth", "weight": 50, "linear": [[0, 0], [top, 100]]}
        for name, top in (("a", 20), ("b", 10))
    ]
    now = of({"name": "steady", "priority": 1, "measures": rows}, version=2)
    before = replace(STEADY, parts=(part("a", 50, 8000, value=8), part("b", 50, 4000, value=4)))
    after = Judged("steady", 2, (part("a", 50, 5000, value=10), part("b", 50, 4000, value=4)))
    assert said(before, after, now=now) == [("profile", "", -20.0), ("measure", "a", 5.0)]
    assert said(before, after) == [("measure", "a", -15.0)]  # without the definition


def test_children_are_explained_by_name():
    parent = replace(STEADY, hierarchy=Hierarchy.CHILDREN)
    before = replace(parent, children=(Child("X", 1, 8000), Child("Y", 1, 4000)))
    after = replace(parent, children=(Child("X", 3, 8000), Child("Y", 1, 2000)))
    assert said(before, after) == [("weights", "", 10.0), ("child", "Y", -5.0)]


@pytest.mark.parametrize(
    ("shares", "total", "whole"),
    [
        pytest.param(["7/2", "7/2"], 7, [4, 3], id="halves, the first wins"),
        pytest.param(["10/3", "10/3", "10/3"], 10, [4, 3, 3], id="thirds"),
        pytest.param(["-5/2", "1/2"], -2, [-2, 0], id="negative"),
        pytest.param([], 0, [], id="nothing"),
    ],
)
def test_shown_points_add_up_by_largest_remainder(shares: list[str], total: int, whole: list[int]):
    assert apportion([Fraction(share) for share in shares], total) == whole


def test_effects_are_comparable_values():
    assert Effect(Cause.MEASURE, Fraction(1), "a") == Effect(Cause.MEASURE, Fraction(1), "a")
