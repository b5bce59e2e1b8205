from __future__ import annotations

from decimal import Decimal

import pytest

from perennial.work.models import Lane, Reason
from perennial.work.rules import (
    ASSUMPTIONS,
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
