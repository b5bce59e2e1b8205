"""Two roads to a score: the rules as they are written, and all cases at once in columns."""

from __future__ import annotations

import time
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest

from perennial.health.inputs.cases import Cases, Column, Readings
from perennial.health.judging import BANDS, STATES, Scores, judge_all
from perennial.health.rules.bands import Band
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import Profile, of
from perennial.health.rules.hierarchy import Child, in_hundredths
from perennial.health.rules.judge import Score, judge
from perennial.health.rules.parts import Reading
from perennial.health.scales import NO_POINTS

DAY = date(2026, 6, 30)
SOURCES = ("active_days", "volume_trend", "nps", "sentiment", "overdue", "metric:event_count")
VALUES = (None, 0, 0.5, 1, 5, 9.9999, 10, 11, -3, 10**12, -0.2, 3.3333)


def random_profile(random: Random, name: str = "p") -> Profile:
    measures: list[dict[str, Any]] = []
    for source in random.sample(SOURCES, random.randint(1, len(SOURCES))):
        row: dict[str, Any] = {"id": source[:6], "source": source, "group": "depth"}
        row["weight"] = random.choice((0, 1, 3, 20, 100))
        edges = sorted(random.sample([-1, -0.2, 0, 0.5, 3, 5.5, 9.9999, 10], 4))
        if random.random() < 0.5:
            row["linear"] = [[edge, random.randint(0, 100)] for edge in edges]
            row["outside"] = random.choice(("clamp", "ignore"))
        else:
            ends = [None, *edges, None] if random.random() < 0.5 else [*edges, 12]
            row["bands"] = [[low, high, random.randint(0, 100)] for low, high in pairwise(ends)]
        row["stale_days"] = random.choice((None, 3))
        measures.append(row)
    limits = [
        {
            "id": f"limit{number}",
            "when": {
                "measure": random.choice(measures)["id"],
                random.choice(("below", "at_least")): random.choice((0, 5)),
                "missing": random.random() < 0.3,
            },
            random.choice(("cap", "floor")): random.randint(0, 100),
            "hard": random.random() < 0.5,
        }
        for number in range(random.randint(0, 3))
    ]
    red = random.randint(1, 60)
    return of(
        {
            "name": name,
            "priority": 1,
            "measures": measures,
            "exceptions": limits,
            "hierarchy": random.choice(("own", "own", "children", "worst")),
            "bands": [red, random.randint(red + 1, 99)],
            "enough_coverage_rate": random.choice((0.6, 0.75, 1)),
        }
    )


def random_readings(random: Random, size: int) -> tuple[Readings, list[dict[str, Reading]]]:
    columns: dict[str, Column] = {}
    plain: list[dict[str, Reading]] = [{} for _ in range(size)]
    for source in SOURCES:
        connected = random.random() < 0.8
        values = [random.choice(VALUES) for _ in range(size)]
        ages = [random.choice((None, 0, 3, 4)) for _ in range(size)]
        stale = [random.random() < 0.1 for _ in range(size)]
        days = [None if age is None else DAY - timedelta(days=age) for age in ages]
        columns[source] = Column(
            np.array([np.nan if it is None else it for it in values], "float64"),
            np.array(days, "datetime64[D]"),
            np.array(stale),
            np.full(size, connected),
        )
        if connected:
            for place in range(size):
                plain[place][source] = Reading(values[place], days[place], is_stale=stale[place])
    cases = Cases.of(range(1, size + 1), [f"C{n}" for n in range(size)], [DAY] * size)
    facts = {
        "arr": np.array([random.choice((0.0, 100.4, 2500.0)) for _ in range(size)]),
        "parent": np.full(size, -1),
    }
    return Readings(cases, columns, facts), plain


def same(scores: Scores, case: int, one: Score) -> None:
    assert scores.exact(case) == one.exact
    assert scores.base(case) == one.base
    assert BANDS[scores.band[case]] is one.band
    possible = int(scores.possible[case])
    assert (scores.present[case] == one.coverage * possible) if possible else one.coverage == 0
    assert bool(scores.hard[case]) == one.is_hard
    block = scores.blocks[int(scores.profile[case])]
    row = block.rows.tolist().index(case)
    for place, part in enumerate(one.parts):
        assert STATES[block.states[place, row]] is part.state
        assert block.points[place, row] == (NO_POINTS if part.points is None else part.points)
    if one.base is not None:
        held = {it.id for bit, it in enumerate(one.profile.limits) if scores.hits[case] >> bit & 1}
        assert held == {hit.limit.id for hit in one.hits}


@pytest.mark.parametrize("seed", range(60))
def test_all_at_once_says_what_the_plain_rule_says_of_one(seed: int):
    random = Random(seed)
    profile = random_profile(random)
    readings, plain = random_readings(random, 12)
    overrides = np.array([random.choice((-1, -1, 30)) for _ in range(12)])
    kin = {0: [1, 2, 3], 1: [4, 5]}  # a parent above a parent
    for parent, children in kin.items():
        readings.facts["parent"][children] = parent + 1
    scores = judge_all(readings, [profile], overrides=overrides)
    connected = frozenset(name for name in SOURCES if readings[name].connected[0])

    def plainly(case: int) -> Score:
        children = [child(it) for it in kin.get(case, ())]
        override = int(overrides[case]) if overrides[case] >= 0 else None
        return judge(
            plain[case],
            profile=profile,
            connected=connected,
            as_of=DAY,
            children=children,
            override=override,
        )

    def child(case: int) -> Child:
        score = plainly(case)
        counts = score.override is not None or score.band is not Band.UNKNOWN
        points = in_hundredths(score.shown) if counts and score.shown is not None else None
        return Child(f"C{case}", round(float(readings.facts["arr"][case])), points)

    for case in range(12):
        same(scores, case, plainly(case))


def test_parents_in_a_circle_keep_their_own_scores():
    random = Random(3)
    profile = random_profile(random)
    while profile.hierarchy.value == "own":
        profile = random_profile(random)
    readings, plain = random_readings(random, 4)
    readings.facts["parent"][:3] = [3, 1, 2]  # pks: 1 is above 2, 2 above 3, 3 above 1
    scores = judge_all(readings, [profile])
    connected = frozenset(name for name in SOURCES if readings[name].connected[0])
    for case in range(4):
        same(scores, case, judge(plain[case], profile=profile, connected=connected, as_of=DAY))


def test_nobody_is_judged_where_no_profile_matches():
    readings, _ = random_readings(Random(1), 3)
    nobody = of(
        {"name": "x", "priority": 1, "audience": "1;arr.gt.99999", "measures": []}, version=2
    )
    scores = judge_all(readings, [nobody])
    assert scores.profile.tolist() == [-1] * 3
    assert [BANDS[code] for code in scores.band] == [Band.UNKNOWN] * 3
    assert [scores.exact(case) for case in range(3)] == [None] * 3


@pytest.mark.parametrize(
    ("age", "due", "name"),
    [
        pytest.param(0.0, np.nan, "onboarding", id="the first day"),
        pytest.param(30.0, 10.0, "onboarding", id="young wins over due"),
        pytest.param(31.0, 90.0, "pre_renewal", id="due within ninety days"),
        pytest.param(31.0, -5.0, "pre_renewal", id="overdue and not renewed"),
        pytest.param(31.0, 91.0, "steady", id="neither"),
        pytest.param(np.nan, np.nan, "steady", id="nothing is known"),
        pytest.param(-3.0, np.nan, "steady", id="not begun"),
    ],
)
def test_the_shipped_profiles_match_by_age_and_due_date(age: float, due: float, name: str):
    cases = Cases.of([1], ["C"], [DAY])
    facts = {"age_days": np.array([age]), "due_in_days": np.array([due])}
    scores = judge_all(Readings(cases, {}, facts), SHIPPED)
    assert SHIPPED[scores.profile[0]].name == name


def test_ten_thousand_customers_are_judged_in_a_blink():
    readings, _ = random_readings(Random(5), 10_000)
    readings.facts["age_days"] = np.full(10_000, 100.0)  # type: ignore[index]
    start = time.perf_counter()
    judge_all(readings, SHIPPED)
    assert time.perf_counter() - start < 1  # seconds, of a draft's preview; usually .03
