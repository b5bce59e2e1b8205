"""The eight edge rules of the health specification, each by its number. The eighth (history) is
held by `test_history`; hierarchy's and override's data by `test_judging` and `test_history`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from perennial.health.rules.bands import Band, band_of, settled_band
from perennial.health.rules.definition import Hierarchy, Profile, of
from perennial.health.rules.hierarchy import Child, from_children
from perennial.health.rules.judge import Score, judge, pick
from perennial.health.rules.parts import Reading, State
from perennial.health.rules.scale import points_on

DAY = date(2026, 7, 23)
NAMES = frozenset("abcd")


def profile(*, weights: str = "40 20 20 20", **more: Any) -> Profile:
    """Four measures from 0 to 10, the first two of usage."""
    rows = [
        {
            "id": name,
            "group": "depth",
            "weight": int(weight),
            "linear": [[0, 0], [10, 100]],
            "usage": name in "ab",
            "stale_days": 3,
        }
        for name, weight in zip("abcd", weights.split(), strict=True)
    ]
    return of({"name": "p", "priority": 10, "measures": rows, **more})


def score(
    connected: frozenset[str] = NAMES,
    /,
    *,
    by: Profile | None = None,
    children: tuple[Child, ...] = (),
    override: int | None = None,
    values: Iterable[float | None] = (),
    **named: float | None,
) -> Score:
    """One case; `values` are those of a, b, c, d."""
    given = dict(zip("abcd", values, strict=False)) | named
    readings = {name: Reading(value, DAY) for name, value in given.items()}
    return judge(
        readings,
        profile=by or profile(),
        connected=connected,
        as_of=DAY,
        children=children,
        override=override,
    )


def test_the_worked_example_of_a8():
    """Metric specification, B1 example 27: 68.235 with coverage .85."""
    rows = [
        {
            "id": f"m{n}",
            "group": "depth",
            "weight": w,
            "linear": [[0, 0], [100, 100]],
            "usage": n < 2,
        }
        for n, w in enumerate((30, 25, 15, 15, 15))
    ]
    by = of({"name": "p", "priority": 1, "measures": rows})
    readings = {f"m{n}": Reading(v, DAY) for n, v in enumerate((80, 40, 60, 100, None))}
    found = judge(readings, profile=by, connected=frozenset(readings), as_of=DAY)
    assert found.exact == Fraction(1160, 17)
    assert (round(float(found.exact), 3), found.coverage) == (68.235, Fraction(85, 100))


@pytest.mark.parametrize(
    ("connected", "values", "coverage", "band"),
    [
        pytest.param("abcd", (10, 10, 10, 10), 1, Band.GREEN, id="everything is there"),
        pytest.param("abcd", (10, 10, 10, None), Fraction(4, 5), Band.GREEN, id="one is missing"),
        pytest.param("abc", (10, 10, 10, None), 1, Band.GREEN, id="one is not connected"),
        pytest.param("abcd", (10, 10, None, None), Fraction(3, 5), Band.GREEN, id="exactly 60 %"),
        pytest.param(
            "abcd", (None, 10, 10, 10), Fraction(3, 5), Band.UNKNOWN, id="one usage measure"
        ),
        pytest.param("acd", (10, None, 10, 10), 1, Band.UNKNOWN, id="the only usage measure"),
        pytest.param("abcd", (10, None, None, None), Fraction(2, 5), Band.UNKNOWN, id="40 %"),
        pytest.param("", (10, 10, 10, 10), 0, Band.UNKNOWN, id="nothing is connected"),
    ],
)
def test_rule_1_missing_is_not_the_same_as_not_connected(
    connected: str, values: tuple[float | None, ...], coverage: Fraction, band: Band
):
    found = score(frozenset(connected), values=values)
    assert (found.coverage, found.band) == (coverage, band)
    for part, value in zip(found.parts, values, strict=True):
        away = part.measure not in connected
        state = State.MISSING if value is None else State.PRESENT
        assert part.state is (State.NOT_CONNECTED if away else state)


def test_rule_1_weights_are_renormalised_and_never_silently_green():
    found = score(a=10, b=5, c=5, d=None)
    assert found.exact == Fraction(40 * 100 + 20 * 50 + 20 * 50, 80)
    grey = score(a=10, b=None, c=None, d=None)
    assert (grey.exact, grey.band) == (100, Band.UNKNOWN)


def test_rule_1_a_weight_of_zero_is_no_measure_of_usage():
    assert score(by=profile(weights="80 0 10 10"), a=10, b=10, c=10, d=10).band is Band.UNKNOWN


def test_rule_1_coverage_asked_for_is_never_below_60_percent():
    assert profile(enough_coverage_rate=0.3).enough_coverage == Fraction(3, 5)
    assert profile(enough_coverage_rate=0.75).enough_coverage == Fraction(3, 4)


def test_weights_of_nothing_are_no_score():
    found = score(by=profile(weights="0 0 0 0"), a=10, b=10, c=10, d=10)
    assert (found.exact, found.band, found.coverage) == (None, Band.UNKNOWN, 0)


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
def test_rule_2_bands_are_half_open(exact: Fraction, band: Band):
    assert band_of(exact) is band


STEPS = {"bands": [[None, 0.2, 20], [0.2, 0.4, 60], [0.4, None, 100]]}
LINE = {"linear": [[0, 0], [10, 100]]}
FALL = {"linear": [[1, 100], [7, 75], [14, 50], [45, 0]]}


@pytest.mark.parametrize(
    ("scale", "value", "points"),
    [
        pytest.param(LINE, -5, 0, id="clamped below"),
        pytest.param(LINE, 2.5, 2500, id="straight between"),
        pytest.param(LINE, 10, 10000, id="at the best"),
        pytest.param(LINE, 99, 10000, id="clamped above"),
        pytest.param({**LINE, "outside": "ignore"}, 10, 10000, id="the end still counts"),
        pytest.param({**LINE, "outside": "ignore"}, 10.1, None, id="ignored above"),
        pytest.param({**LINE, "outside": "ignore"}, -0.1, None, id="ignored below"),
        pytest.param(FALL, 4, 8750, id="less is better"),
        pytest.param(FALL, 100, 0, id="clamped at the worst"),
        pytest.param(STEPS, 0.1999, 2000, id="below an edge"),
        pytest.param(STEPS, 0.2, 6000, id="an edge belongs to the step above"),
        pytest.param(STEPS, 0.4, 10000, id="the open end"),
        pytest.param({"bands": [[0, 1, 50]]}, 1, None, id="beyond the last step"),
    ],
)
def test_rule_2_scales(scale: dict[str, Any], value: float, points: int | None):
    row = {"id": "a", "group": "depth", "weight": 1, **scale}
    by = of({"name": "p", "priority": 1, "measures": [row]})
    assert points_on(by.items[0].scale, round(value * 10_000)) == points


def test_rule_3_the_explicit_priority_wins_and_ties_go_by_name():
    low, high, same = (
        of({"name": name, "priority": priority, "measures": []})
        for name, priority in (("a", 1), ("c", 9), ("b", 9))
    )
    assert pick([low, high, same]) is same
    assert pick([]) is None


def test_rule_4_an_override_stands_beside_the_computed_score():
    found = score(a=10, b=10, c=10, d=10, override=30)
    assert (found.shown, found.exact, found.band) == (30, 100, Band.GREEN)


CAP = {"id": "cap", "when": {"measure": "d", "below": 4}, "cap": 49, "hard": True}
FLOOR = {"id": "floor", "when": {"measure": "c", "at_least": 5}, "floor": 60}
GONE = {"id": "gone", "when": {"measure": "d", "missing": True}, "cap": 74}


@pytest.mark.parametrize(
    ("limits", "values", "exact", "hits"),
    [
        pytest.param([CAP], (10, 10, 10, 4), 88, [], id="4 is not below 4"),
        pytest.param([CAP], (10, 10, 10, 3), 49, ["cap"], id="a red sponsor caps at 49"),
        pytest.param([CAP], (0, 0, 0, 3), 6, ["cap"], id="a cap never raises"),
        pytest.param([FLOOR], (10, 10, 10, 10), 100, ["floor"], id="a floor never lowers"),
        pytest.param([CAP, FLOOR], (10, 10, 10, 3), 60, ["cap", "floor"], id="floor after cap"),
        pytest.param([FLOOR, CAP], (10, 10, 10, 3), 49, ["floor", "cap"], id="cap after floor"),
        pytest.param([CAP], (10, 10, 10, None), 100, [], id="missing is not below"),
        pytest.param([GONE], (10, 10, 10, None), 74, ["gone"], id="missing is a condition"),
        pytest.param([GONE], (10, 10, 10, 10), 100, [], id="and is not there"),
    ],
)
def test_rule_5_caps_and_floors_in_their_order(
    limits: list[Any], values: tuple[float | None, ...], exact: int, hits: list[str]
):
    by = profile(exceptions=limits)
    found = score(by=by, values=values)
    assert (found.exact, [hit.limit.id for hit in found.hits]) == (exact, hits)


def test_rule_5_what_is_not_connected_is_not_missing():
    found = score(frozenset("abc"), by=profile(exceptions=[GONE]), a=10, b=10, c=10, d=None)
    assert (found.exact, found.hits) == (100, ())


def children(*rows: tuple[int, int | None]) -> tuple[Child, ...]:
    return tuple(
        Child(f"C{n}", arr, None if points is None else 100 * points)
        for n, (arr, points) in enumerate(rows)
    )


@pytest.mark.parametrize(
    ("hierarchy", "rows", "exact", "coverage"),
    [
        pytest.param("children", [(300, 80), (100, 40)], 70, 1, id="weighted by ARR"),
        pytest.param("worst", [(300, 80), (100, 40)], 40, 1, id="the worst child"),
        pytest.param("children", [(0, 80), (0, 40)], 60, 1, id="no ARR at all: all alike"),
        pytest.param("children", [(300, 80), (0, 40)], 80, 1, id="one without ARR"),
        pytest.param(
            "children", [(300, 80), (100, None)], 80, Fraction(3, 4), id="one has no colour"
        ),
        pytest.param("worst", [(300, None), (100, 40)], 40, Fraction(1, 4), id="worst of the rest"),
        pytest.param("worst", [(300, None)], None, 0, id="nobody has a colour"),
    ],
)
def test_rule_6_a_parent_from_its_children(
    hierarchy: str, rows: list[tuple[int, int | None]], exact: int | None, coverage: Fraction
):
    by, below = profile(hierarchy=hierarchy), children(*rows)
    found = score(by=by, children=below, a=0, b=0, c=0, d=0)
    assert (found.exact, found.coverage) == (exact, coverage)
    enough = exact is not None and coverage >= Fraction(3, 5)
    assert (found.band is not Band.UNKNOWN) == enough
    assert from_children(Hierarchy(hierarchy), found.children)[0] == exact


def test_rule_6_without_children_it_is_its_own():
    assert score(by=profile(hierarchy="children"), a=10, b=10, c=10, d=10).exact == 100
    assert score(children=children((1, 10)), a=10, b=10, c=10, d=10).exact == 100  # own


@pytest.mark.parametrize(
    ("age_days", "is_stale", "state"),
    [
        pytest.param(0, False, State.PRESENT, id="of today"),
        pytest.param(3, False, State.PRESENT, id="three days are allowed"),
        pytest.param(4, False, State.STALE, id="four are not"),
        pytest.param(0, True, State.STALE, id="the feed is silent"),
        pytest.param(None, False, State.PRESENT, id="as of the day itself"),
    ],
)
def test_rule_7_what_is_stale_is_missing(age_days: int | None, is_stale: bool, state: State):
    on = None if age_days is None else DAY - timedelta(days=age_days)
    readings = {name: Reading(10, DAY) for name in "abc"} | {"d": Reading(10, on, {}, is_stale)}
    found = judge(readings, profile=profile(), connected=NAMES, as_of=DAY)
    assert found.parts[3].state is state
    assert found.coverage == (1 if state is State.PRESENT else Fraction(4, 5))


R, Y, G, U = Band.RED, Band.YELLOW, Band.GREEN, Band.UNKNOWN


@pytest.mark.parametrize(
    ("now", "last", "shown", "hard", "band"),
    [
        pytest.param(R, None, None, False, R, id="the first evaluation"),
        pytest.param(R, G, G, False, G, id="once is not enough"),
        pytest.param(R, R, G, False, R, id="twice in a row"),
        pytest.param(R, Y, G, False, G, id="two that disagree"),
        pytest.param(R, G, G, True, R, id="a hard trigger does not wait"),
        pytest.param(U, G, G, False, U, id="no data has no colour"),
        pytest.param(G, U, U, False, G, id="data came back"),
    ],
)
def test_a_colour_changes_when_two_evaluations_agree(
    now: Band, last: Band | None, shown: Band | None, hard: bool, band: Band
):
    assert settled_band(now, last=last, shown=shown, hard=hard) is band


def test_only_a_hard_limit_that_moves_the_score_is_a_trigger():
    by = profile(exceptions=[CAP])
    assert score(by=by, a=10, b=10, c=10, d=0).is_hard
    assert not score(by=by, a=0, b=0, c=0, d=0).is_hard  # the cap did not bite
    soft = profile(exceptions=[{**CAP, "hard": False}])
    assert not score(by=soft, a=10, b=10, c=10, d=0).is_hard
