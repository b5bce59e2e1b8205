from __future__ import annotations

from decimal import Decimal

import pytest

from perennial.work.models import Lane, Reason
from perennial.work.rules import (
    ASSUMPTIONS,
    Tally,
    above_the_line,
    basis,
    health_severity,
    overdue_severity,
    stand_in,
    terms_for,
    urgency,
)


@pytest.mark.parametrize(
    ("age", "due", "notice", "value"),
    [
        pytest.param(0, None, False, 0.8, id="a fresh cause"),
        pytest.param(60, None, False, 0.3, id="two months old"),
        pytest.param(60 + 182, None, False, 0.15, id="it halves every half year"),
        pytest.param(60, 30, False, 1.0, id="a renewal within 30 days"),
        pytest.param(60, 90, False, 0.5, id="a renewal in 90 days"),
        pytest.param(60, -5, False, 1.0, id="an overdue renewal"),
        pytest.param(0, 400, False, 0.8, id="a far renewal adds nothing"),
        pytest.param(200, 300, True, 1.0, id="notice is always urgent"),
    ],
)
def test_urgency(age: int, due: int | None, notice: bool, value: float):
    assert urgency(age_days=age, due_in_days=due, notice_given=notice) == pytest.approx(value)


def rank(stake: str | None, *, middle: str | None = None, severity: float = 0.5) -> float:
    return terms_for(
        "usage_drop",
        stake=Decimal(stake) if stake else None,
        stand_in=Decimal(middle) if middle else None,
        severity=severity,
        urgency=0.8,
    ).rank_value


def test_the_rank_is_the_product_of_its_terms():
    assert rank("120000") == pytest.approx(120000 * 0.5 * 0.35 * 0.8 / 1.5)


def test_more_money_and_more_severity_come_first():
    assert rank("200000") > rank("100000")
    assert rank("100000", severity=0.9) > rank("100000", severity=0.3)


def test_an_unknown_amount_ranks_like_the_median_and_stays_unknown():
    terms = terms_for("usage_drop", stake=None, stand_in=Decimal(50_000), severity=0.5, urgency=0.8)
    assert terms.stake is None
    assert terms.rank_value == rank("50000")


def test_without_any_amounts_severity_and_urgency_decide():
    assert rank(None, severity=0.9) > rank(None, severity=0.3) > 0


def test_the_median_is_of_known_amounts():
    assert stand_in([Decimal(1), Decimal(9), Decimal(5), Decimal(0)]) == 5
    assert stand_in([]) is None


@pytest.mark.parametrize(("score", "severity"), [(0, 1.0), (30, 0.7), (50, 0.5)])
def test_a_redder_score_is_more_serious(score: float, severity: float):
    assert health_severity(score) == pytest.approx(severity)


def test_silence_grows_worse_to_a_limit():
    assert overdue_severity(31, cadence_days=30) < overdue_severity(60, cadence_days=30)
    assert overdue_severity(900, cadence_days=30) == 1.0


def test_every_reason_has_an_assumption_and_a_lane():
    assert set(ASSUMPTIONS) == set(Reason.values)
    assert {it.lane for it in ASSUMPTIONS.values()} == set(Lane.values)


CHANCES = [
    pytest.param(0, 0, (0.35, 0, None, None), id="nothing-closed"),
    pytest.param(49, 30, (0.35, 49, None, None), id="one-short-of-enough"),
    pytest.param(50, 25, (0.5, 50, 0.3664, 0.6336), id="enough"),
    pytest.param(63, 33, (0.5238, 63, 0.4027, 0.6422), id="half-of-63"),
    pytest.param(50, 0, (0.0, 50, 0.0, 0.0713), id="never-helped"),
    pytest.param(50, 50, (1.0, 50, 0.9287, 1.0), id="always-helped"),
]


@pytest.mark.parametrize(("cases", "successes", "expected"), CHANCES)
def test_fifty_cases_replace_the_assumption_with_wilsons_interval(cases, successes, expected):
    """Ends by Wilson's formula worked by hand with z = 1.959964: for 0 of n, z²/(n + z²)."""
    found = basis(ASSUMPTIONS["usage_drop"], Tally(cases, successes))
    chance = found.chance
    assert (chance.rate, chance.cases, chance.low, chance.high) == expected
    assert (found.effort_hours, found.cool_down_days) == (1.5, 14)


LINES = [
    pytest.param([2, 2, 1.5, 2], 0, 3, id="the-next-would-be-too-much"),
    pytest.param([2, 2, 2, 0.5], 0, 3, id="filled-to-the-brim"),
    pytest.param([8, 1], 0, 1, id="a-long-one-first"),
    pytest.param([8, 1], 1, 0, id="a-long-one-later"),
    pytest.param([0.5, 0.5], 0, 2, id="time-left"),
    pytest.param([0.1] * 80, 0, 60, id="tenths-add-up"),
    pytest.param([], 0, 0, id="nothing-to-do"),
    pytest.param([1, 1], 6, 0, id="the-day-is-full"),
    pytest.param([1, 1], 7, 0, id="more-than-the-day"),
    pytest.param([2, 1], 4, 1, id="two-hours-left"),
]


@pytest.mark.parametrize(("hours", "done", "count"), LINES)
def test_the_line_stands_where_the_six_hours_of_a_day_are_full(hours, done, count):
    assert above_the_line(hours, capacity_hours=6, done_hours=done) == count
