"""Scores of probabilities against their worked examples (metric specification B1 #24, #25, D3)."""

from __future__ import annotations

import numpy as np
import pytest

from perennial.health.risk.rules import scores

LOST = np.array([1, 0, 1, 1, 0], dtype=bool)
SAID = np.array([0.9, 0.2, 0.6, 0.8, 0.4])


def ranked(lost_at: set[int], size: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """Customers from the riskiest (rank 1) down."""
    ranks = np.arange(1, size + 1)
    return (size - ranks) / size, np.isin(ranks, list(lost_at))


def test_brier_and_log_loss_of_the_worked_example():
    """B1 #24."""
    assert scores.brier(SAID, LOST) == pytest.approx(0.0820, abs=5e-5)
    assert scores.log_loss(SAID, LOST) == pytest.approx(0.31466, abs=5e-6)


def test_lift_and_auc_of_the_worked_example():
    """B1 #25."""
    score, lost = ranked({1, 2, 3, 4, 21, 41, 51, 61, 71, 100})
    assert scores.lift(score, lost) == pytest.approx(4.0)
    assert scores.auc(score, lost) == pytest.approx(0.6667, abs=5e-5)


def test_fewer_than_ten_scores_rank_nobody():
    """B1 #25, the rule of fight-churn."""
    score, lost = ranked({1, 2, 3, 4, 21, 41, 51, 61, 71, 100})
    assert scores.lift(np.round(score * 8), lost) == 1.0
    assert scores.lift(np.round(score * 9), lost) != 1.0


def test_ties_at_the_border_of_the_tenth_count_by_their_share():
    score = np.concatenate([np.linspace(1, 0.9, 9), np.full(11, 0.5), np.linspace(0.4, 0, 80)])
    lost = np.zeros(100, dtype=bool)
    lost[9:20] = True  # all tied ones: one of eleven fits into the tenth
    assert scores.lift(score, lost) == pytest.approx((11 / 11) / 10 / 0.11)


def test_a_tie_is_half_right():
    assert scores.auc(np.array([0.5, 0.5]), np.array([True, False])) == 0.5


@pytest.mark.parametrize("lost", [[True, True], [False, False]], ids=["all lost", "none lost"])
def test_one_kind_alone_has_no_order(lost: list[bool]):
    assert scores.auc(np.array([0.1, 0.2]), np.array(lost)) is None
    assert (
        scores.auc_interval(np.array([0.1, 0.2]), np.array(lost), groups=np.arange(2), seed=0)
        is None
    )


def test_nobody_lost_has_no_lift():
    assert scores.lift(np.linspace(0, 1, 50), np.zeros(50, dtype=bool)) is None


def test_ece_of_ten_groups():
    """Said .1 and .9 where .2 and .9 happened, in groups of one value each: half the gap."""
    said = np.repeat([0.1, 0.9], 50)
    lost = np.concatenate([np.tile([True] * 2 + [False] * 8, 5), np.tile([True] * 9 + [False], 5)])
    assert scores.ece(said, lost) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("n", "limit"),
    [
        pytest.param(100, 0.145, id="100"),
        pytest.param(500, 0.064, id="500"),
        pytest.param(2000, 0.032, id="2000"),
        pytest.param(5000, 0.021, id="5000"),
    ],
)
def test_what_chance_alone_does_to_a_calibrated_model(n: int, limit: float):
    """D3, sampling noise of ECE: the 95th percentile by the number tested on."""
    said = np.random.default_rng(1).beta(1.2, 3, n)
    assert scores.ece_limit(said, seed=1) == pytest.approx(limit, rel=0.15)


def test_the_interval_of_auc_is_as_wide_as_published():
    """D3: the standard error at .78 with 20 % lost is .029 for 500."""
    random = np.random.default_rng(3)
    lost = random.random(500) < 0.2
    score = random.normal(size=500) + 1.092 * lost  # AUC .78
    interval, middle = (
        scores.auc_interval(score, lost, groups=np.arange(500), seed=0),
        scores.auc(score, lost),
    )
    assert interval is not None and middle is not None
    low, high = interval
    assert high - low == pytest.approx(2 * 1.96 * 0.029, rel=0.25)
    assert low < middle < high


def test_renewals_of_one_customer_widen_the_interval():
    """Ten copies of each customer are no more evidence than one."""
    random = np.random.default_rng(3)
    lost = random.random(100) < 0.3
    score = random.normal(size=100) + lost
    alone = scores.auc_interval(score, lost, groups=np.arange(100), seed=0)
    copies = scores.auc_interval(
        np.repeat(score, 10), np.repeat(lost, 10), groups=np.repeat(np.arange(100), 10), seed=0
    )
    assert copies == pytest.approx(alone)


def test_expected_money_against_renewed_money():
    amount = np.array([100.0, 100.0, 200.0, np.nan])
    said, lost = np.array([0.5, 0.0, 0.5, 0.5]), np.array([False, False, True, False])
    assert scores.amount_bias(said, lost, amount) == pytest.approx(250 / 200 - 1)


def test_no_renewed_money_has_no_bias():
    assert scores.amount_bias(np.array([0.5]), np.array([True]), np.array([10.0])) is None
