"""Promises, the phases of a delivery, and what the shipped plan says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from perennial.work.onboarding.rules.definition import of, plain
from perennial.work.onboarding.rules.delivery import (
    PHASES,
    Days,
    Lag,
    UseState,
    current,
    days_late,
    in_use_on,
    lag,
    use_state,
)
from perennial.work.onboarding.rules.faults import faults_of
from perennial.work.onboarding.rules.promises import over_promised
from perennial.work.onboarding.rules.shipped import SHIPPED

START = date(2026, 6, 1)


def on(days: int) -> date:
    return START + timedelta(days=days)


def test_over_promise_rate_needs_five_judged() -> None:
    """Product specification E10: impossible ÷ judged; what nobody judged does not count."""
    verdicts = ["kept"] * 3 + ["impossible"] * 2 + ["unknown"] * 4
    few = [("Qin", it) for it in ("impossible", "impossible", "kept", "roadmap")]
    wang, qin = over_promised([*(("Wang", it) for it in verdicts), *few])
    assert (wang.who, wang.judged, wang.rate) == ("Wang", 5, pytest.approx(0.4))
    assert (qin.who, qin.judged, qin.rate) == ("Qin", 4, None)


PLAN = {name: Days(on(10 * place)) for place, name in enumerate(PHASES, 1)}
DONE = {**PLAN, "kickoff": Days(on(10), on(9)), "discovery": Days(on(20), on(25))}


@pytest.mark.parametrize(
    ("name", "as_of", "expected"),
    [
        pytest.param("kickoff", 28, Lag.DONE, id="before its day"),
        pytest.param("discovery", 28, Lag.DONE_LATE, id="after its day"),
        pytest.param("implementation", 28, Lag.CURRENT, id="the first that is not done"),
        pytest.param("implementation", 31, Lag.LATE, id="its day has passed"),
        pytest.param("golive", 31, Lag.AHEAD, id="still ahead"),
    ],
)
def test_a_phase_stands_so(name: str, as_of: int, expected: Lag) -> None:
    assert lag(name, DONE, as_of=on(as_of)) is expected
    assert current(DONE) == "implementation"


@pytest.mark.parametrize(
    ("planned", "done", "as_of", "expected"),
    [
        pytest.param(50, None, 40, 0, id="not due yet"),
        pytest.param(50, None, 57, 7, id="not live, seven days after"),
        pytest.param(50, 53, 90, 3, id="live three days late"),
        pytest.param(50, 48, 90, 0, id="early"),
        pytest.param(None, 48, 90, None, id="no day was planned"),
    ],
)
def test_days_late_of_the_go_live(
    planned: int | None, done: int | None, as_of: int, expected: int | None
) -> None:
    days = [None if it is None else on(it) for it in (planned, done)]
    assert days_late(*days, as_of=on(as_of)) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param([1, 1, 0, 1, 0, 1, 1], 6, id="the fifth day with use"),
        pytest.param([9, 9, 9, 9], None, id="much on few days is no use"),
        pytest.param([1, 0, 0, 0, 0] * 8, None, id="five days, but never within the window"),
        pytest.param([0] * 20 + [1] * 5, 24, id="late, but then"),
    ],
)
def test_usage_shows_that_it_is_used(counts: list[float], expected: int | None) -> None:
    found = in_use_on(counts, first_on=START, days=5, within_days=14)
    assert found == (None if expected is None else on(expected))


@pytest.mark.parametrize(
    ("live", "used_on", "as_of", "connected", "expected"),
    [
        pytest.param(None, None, 90, True, UseState.NOT_LIVE, id="not live"),
        pytest.param(0, None, 13, True, UseState.WAITING, id="the window runs"),
        pytest.param(0, None, 14, True, UseState.NOT_USED, id="after fourteen days"),
        pytest.param(0, 30, 40, True, UseState.USED, id="used late is used"),
        pytest.param(0, None, 90, False, UseState.UNKNOWN, id="not connected is not unused"),
    ],
)
def test_declared_live_is_not_used(
    live: int | None, used_on: int | None, as_of: int, connected: bool, expected: UseState
) -> None:
    days = [None if it is None else on(it) for it in (live, used_on)]
    found = use_state(
        days[0], used_on=days[1], within_days=14, as_of=on(as_of), is_connected=connected
    )
    assert found is expected


def test_what_we_ship_has_no_fault_and_reads_back() -> None:
    assert faults_of(plain(SHIPPED)) == []
    assert of(plain(SHIPPED)) == SHIPPED


BROKEN = [
    (("deal_sizes", {"sales_below": -1, "team_above": 5}), "deal_sizes.sales_below"),
    (("deal_sizes", {"sales_below": 9, "team_above": 5}), "deal_sizes.team_above"),
    (("deal_sizes", {"sales_below": "NaN", "team_above": 5}), "deal_sizes.sales_below"),
    (("milestones", []), "milestones"),
    (("milestones", "x"), "milestones"),
    (("milestones", [{"id": ["x"], "by": ["y"]}]), "milestones.0.id"),
    (("first_value", "solution"), "first_value"),
    (("first_value", "nobody"), "first_value"),
    (("use_check", {"days": 20, "within_days": 14}), "use_check.days"),
    (("stages", [{"stage": "spring", "kind": "task", "title": {"zh": "甲", "en": "a"}}]),
     "stages.0.stage"),
    (("stages", [{"stage": "steady", "kind": [], "title": {"zh": "甲", "en": ""}}]),
     "stages.0.title"),
    (("surprise", 1), "surprise"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place"), BROKEN, ids=[place for _, place in BROKEN])
def test_faults_name_their_place(change: tuple[str, object], place: str) -> None:
    broken = plain(SHIPPED) | dict([change])
    assert place in {it.column for it in faults_of(broken)}


def test_stages_carry_more_for_large_customers() -> None:
    small, large = (len(SHIPPED.carried("onboarding", it)) for it in ("C", "S"))
    assert small < large
    assert SHIPPED.carried("onboarding", "") == SHIPPED.carried("onboarding", "C")
