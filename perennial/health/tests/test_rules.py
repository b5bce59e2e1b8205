from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random

import pytest

from perennial.health.rules import (
    Band,
    Measure,
    Part,
    Profile,
    Reading,
    State,
    apportion,
    band_of,
    exact_of,
    explain,
    judge,
    pick_profile,
    points_on_scale,
    settled_band,
    shown_points,
)
from perennial.health.scorecard import MEASURES, PROFILES

DAY = date(2026, 7, 23)
SCALE = ((0, 0), (10, 100))
USAGE = {name: Measure(name, "depth", SCALE, usage=True, stale_days=3) for name in ("a", "b")}
OTHER = {name: Measure(name, "voice", SCALE) for name in ("c", "d")}
ALL = {**USAGE, **OTHER}
PROFILE = Profile("steady", 10, 1, {"a": 40, "b": 20, "c": 20, "d": 20})
EVERYTHING = frozenset(ALL)


def score(connected: frozenset[str] = EVERYTHING, /, **values: float | None):
    readings = {name: Reading(value, DAY) for name, value in values.items()}
    return judge(readings, profile=PROFILE, measures=ALL, connected=connected, as_of=DAY)


@pytest.mark.parametrize(
    ("exact", "band"),
    [
        pytest.param(Fraction(0), Band.RED, id="zero is red"),
        pytest.param(Fraction(4999, 100), Band.RED, id="just under fifty is red"),
        pytest.param(Fraction(50), Band.YELLOW, id="fifty is yellow"),
        pytest.param(Fraction(7499, 100), Band.YELLOW, id="just under 75 is yellow"),
        pytest.param(Fraction(75), Band.GREEN, id="75 is green"),
        pytest.param(Fraction(100), Band.GREEN, id="100 is green"),
    ],
)
def test_bands_are_half_open(exact: Fraction, band: Band):
    assert band_of(exact) is band


@pytest.mark.parametrize(
    ("value", "points"),
    [
        pytest.param(-5, 0, id="clamped below"),
        pytest.param(2.5, 2500, id="straight between"),
        pytest.param(10, 10000, id="at the best"),
        pytest.param(99, 10000, id="clamped above"),
    ],
)
def test_a_scale_is_linear_and_clamped(value: float, points: int):
    assert points_on_scale(SCALE, value) == points


def test_all_present_is_the_weighted_mean():
    found = score(a=10, b=5, c=5, d=0)
    assert found.exact == Fraction(40 * 100 + 20 * 50 + 20 * 50, 100) == 60
    assert (found.band, found.coverage) == (Band.YELLOW, 1)


def test_a_missing_measure_drops_out_and_weights_are_renormalised():
    found = score(a=10, b=5, c=5, d=None)
    assert found.exact == Fraction(40 * 100 + 20 * 50 + 20 * 50, 80)
    assert found.coverage == Fraction(80, 100)
    assert found.band is Band.GREEN


def test_what_is_not_connected_is_outside_the_coverage():
    found = score(frozenset({"a", "b"}), a=10, b=10)
    assert found.coverage == 1
    assert found.band is Band.GREEN
    assert [part.state for part in found.parts[2:]] == [State.NOT_CONNECTED] * 2


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"a": 10, "b": None, "c": None, "d": None}, id="coverage 40 %"),
        pytest.param({"a": 10, "b": None, "c": 10, "d": 10}, id="only one usage measure"),
        pytest.param({}, id="nothing at all"),
    ],
)
def test_too_little_data_has_no_colour(values: dict[str, float | None]):
    assert score(**values).band is Band.UNKNOWN


def test_nothing_measured_has_no_score():
    assert score().exact is None


def test_sixty_percent_is_enough():
    assert score(a=10, b=10).coverage == Fraction(60, 100)
    assert score(a=10, b=10).band is Band.GREEN


def test_stale_is_missing():
    readings = {
        "a": Reading(10, date(2026, 7, 19)),
        "b": Reading(10, date(2026, 7, 20)),
        "c": Reading(10),
        "d": Reading(10),
    }
    found = judge(readings, profile=PROFILE, measures=ALL, connected=EVERYTHING, as_of=DAY)
    assert [part.state for part in found.parts] == [State.STALE, *[State.PRESENT] * 3]
    assert found.coverage == Fraction(60, 100)


@pytest.mark.parametrize(
    ("now", "last", "shown", "result"),
    [
        ("red", None, None, "red"),
        ("red", "green", "green", "green"),
        ("red", "red", "green", "red"),
        ("yellow", "red", "green", "green"),
        ("unknown", "green", "green", "unknown"),
        ("green", "unknown", "unknown", "green"),
    ],
    ids=[
        "the first reading counts",
        "one bad reading changes nothing",
        "two readings change it",
        "two different readings do not agree",
        "lost data is grey at once",
        "data that comes is coloured at once",
    ],
)
def test_a_band_changes_at_the_second_reading(
    now: str, last: str | None, shown: str | None, result: str
):
    settled = settled_band(
        Band(now), last=Band(last) if last else None, shown=Band(shown) if shown else None
    )
    assert settled == Band(result)


def test_of_several_profiles_the_priority_wins():
    assert pick_profile(PROFILES.values()).id == "onboarding"


def random_parts(random: Random) -> list[Part]:
    chosen = random.choice(list(PROFILES.values()))
    return [
        Part(
            name,
            MEASURES[name].group,
            weight,
            State.PRESENT if (there := random.random() < 0.7) else State.MISSING,
            None,
            random.randint(0, 10000) if there else None,
        )
        for name, weight in chosen.weights.items()
    ]


def test_the_explanation_adds_up_exactly():
    random = Random(2026)
    seen = 0
    for _ in range(2000):
        before, after = random_parts(random), random_parts(random)
        old, new = exact_of(before), exact_of(after)
        if old is None or new is None:
            continue
        effects = explain(before, after)
        assert sum((effect.points for effect in effects), Fraction(0)) == new - old
        total = shown_points(new) - shown_points(old)
        assert sum(apportion([effect.points for effect in effects], total)) == (
            total if effects else 0
        )
        seen += 1
    assert seen > 1900


def test_the_explanation_names_the_measure_that_moved():
    before, after = score(a=10, b=5, c=5, d=5).parts, score(a=2, b=5, c=5, d=5).parts
    effects = explain(before, after)
    assert [(effect.cause, effect.points) for effect in effects] == [("a", Fraction(-32))]


@pytest.mark.parametrize(
    ("shares", "total", "whole"),
    [
        ([Fraction(1, 3)] * 3, 1, [1, 0, 0]),
        ([Fraction(-7, 2), Fraction(5, 2)], -1, [-3, 2]),
        ([Fraction(13, 4), Fraction(3, 4)], 4, [3, 1]),
        ([], 0, []),
    ],
)
def test_points_are_apportioned_by_largest_remainder(
    shares: list[Fraction], total: int, whole: list[int]
):
    assert apportion(shares, total) == whole


def test_default_weights_make_a_hundred_and_have_enough_usage():
    for profile in PROFILES.values():
        assert sum(profile.weights.values()) == 100, profile.id
        usage = [name for name in profile.weights if MEASURES[name].usage]
        assert len(usage) >= 4, profile.id


def test_scales_rise_in_value():
    for measure in MEASURES.values():
        values = [value for value, _ in measure.points]
        assert values == sorted(set(values)), measure.id
