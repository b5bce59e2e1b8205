"""The arithmetic of a backtest, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from perennial.health.backtest.rules.confusion import confusion, lead_days, median
from perennial.health.backtest.rules.horizon import Cases, Horizon, horizon
from perennial.health.backtest.rules.verdict import Verdict, too_few, verdict
from perennial.health.rules.bands import Band

R, Y, G, U = Band.RED, Band.YELLOW, Band.GREEN, Band.UNKNOWN
BY_SCORE = ((50, R), (75, Y), (101, G))


def colour(score: float) -> Band:
    return U if np.isnan(score) else next(band for edge, band in BY_SCORE if score < edge)


def cases(
    scores: Sequence[float],
    lost: Sequence[bool],
    *,
    customers: Sequence[int] | None = None,
    matched: bool = True,
    control: Sequence[bool] | None = None,
    sentiment: Sequence[float] | None = None,
) -> Cases:
    n = len(scores)
    return Cases(
        customer=np.arange(n) if customers is None else np.array(customers),
        lost=np.array(lost, bool),
        control=np.zeros(n, bool) if control is None else np.array(control, bool),
        matched=np.full(n, matched),
        score=np.array(scores, float),
        band=[colour(it) for it in scores],
        amount=[Fraction(100)] * n,
        lead_days=[30] * n,
        points={"use": np.array([-1 if np.isnan(it) else int(it * 100) for it in scores])},
        sentiment=np.full(n, np.nan) if sentiment is None else np.array(sentiment, float),
    )


def width(found: Horizon) -> float:
    assert found.low is not None and found.high is not None
    return found.high - found.low


def figures(found: Horizon) -> list[object]:
    """Everything that must be null when there is too little."""
    return [found.auc, found.low, found.high, found.lead_days]


# Forty renewals, ten lost: six of the lost and two of the kept are red.
SCORES = [30.0] * 6 + [60.0] * 4 + [40.0] * 2 + [90.0] * 28
LOST = [True] * 10 + [False] * 30


def test_precision_recall_and_lift_by_hand():
    found = horizon(90, cases(SCORES, LOST), seed=1)
    assert (found.n, found.losses, found.judged) == (40, 10, 40)
    assert found.table.precision == Fraction(6, 8)
    assert found.table.recall == Fraction(6, 10)
    assert found.table.lift == Fraction(6, 8) / Fraction(10, 40)
    assert found.table.amount_caught == 600
    # 6 × 30 pairs right; 4 × 28 right of the others
    assert found.auc == pytest.approx((6 * 30 + 4 * 28) / 300)
    assert found.verdict is Verdict.PREDICTS
    assert found.low is not None and found.low > 0.5


@pytest.mark.parametrize(
    ("n", "losses", "expected"),
    [
        pytest.param(0, 0, Verdict.NO_CASES, id="nothing"),
        pytest.param(1, 1, Verdict.FEW_CASES, id="a single renewal"),
        pytest.param(29, 15, Verdict.FEW_CASES, id="29 renewals"),
        pytest.param(30, 9, Verdict.FEW_LOSSES, id="nine losses"),
        pytest.param(30, 10, None, id="just enough"),
        pytest.param(40, 40, Verdict.ALL_LOST, id="nobody was kept"),
    ],
)
def test_too_little_gives_no_figures(n: int, losses: int, expected: Verdict | None):
    assert too_few(n, losses) is expected
    scores = [20.0 + it for it in range(n)]
    found = horizon(30, cases(scores, [it < losses for it in range(n)]), seed=1)
    assert (found.n, found.losses) == (n, losses)
    if expected:
        assert found.verdict is expected
        assert figures(found) == [None] * 4
    else:
        assert None not in figures(found)


def test_a_profile_that_matches_nobody_says_so():
    found = horizon(30, cases(SCORES, LOST, matched=False), seed=1)
    assert (found.verdict, found.n, found.unmatched) == (Verdict.NOBODY_MATCHES, 0, 40)
    assert figures(found) == [None] * 4


def test_grey_cases_count_as_no_warning_and_are_not_ranked():
    grey = [float("nan")] * 5
    found = horizon(30, cases([*SCORES, *grey], [*LOST, *[True] * 5]), seed=1)
    plain = horizon(30, cases(SCORES, LOST), seed=1)
    assert (found.n, found.judged, found.auc) == (45, 40, plain.auc)
    assert found.table.recall == Fraction(6, 15)


def test_nearly_all_grey_gives_a_sentence_only():
    scores = [float("nan")] * 35 + SCORES[:5]
    found = horizon(30, cases(scores, LOST), seed=1)
    assert found.verdict is Verdict.FEW_JUDGED
    assert figures(found) == [None] * 4


def test_scores_drawn_blindly_predict_nothing():
    random = np.random.default_rng(7)
    scores, lost = random.uniform(0, 100, 400), random.random(400) < 0.3
    found = horizon(30, cases(scores.tolist(), lost.tolist()), seed=1)
    assert found.verdict is Verdict.PREDICTS_NOTHING
    assert found.low is not None and found.high is not None
    assert found.low < 0.5 < found.high


def test_a_score_that_is_upside_down_is_told():
    found = horizon(30, cases([100 - it for it in SCORES], LOST), seed=1)
    assert found.verdict is Verdict.WRONG_WAY


def test_many_cases_of_few_customers_make_a_wide_interval():
    random = np.random.default_rng(3)
    level = random.uniform(0, 100, 12)
    gone = random.random(12) < 0.5
    whose = np.repeat(np.arange(12), 30)
    scores, lost = (level[whose] + random.normal(0, 1, 360)).tolist(), gone[whose].tolist()
    apart = horizon(0, cases(scores, lost), seed=1)
    together = horizon(0, cases(scores, lost, customers=whose.tolist()), seed=1)
    assert apart.auc == together.auc
    assert width(together) > 2 * width(apart)


def test_controls_are_ranked_and_not_counted():
    control = [False] * 10 + [True] * 30
    found = horizon(30, cases(SCORES, LOST, control=control), seed=1)
    plain = horizon(30, cases(SCORES, LOST), seed=1)
    assert (found.n, found.losses, found.controls) == (10, 10, 30)
    assert found.verdict is Verdict.FEW_CASES  # ten rows stay too few
    many = horizon(30, cases(SCORES * 3, LOST * 3, control=control * 3), seed=1)
    assert (many.n, many.losses, many.has_base) == (30, 30, False)
    assert many.auc == pytest.approx(plain.auc)
    assert many.table.recall == Fraction(6, 10)


def test_sentiment_is_compared_on_the_cases_that_have_both():
    sentiment = [2.0] * 10 + [8.0] * 25 + [float("nan")] * 5
    found = horizon(30, cases(SCORES, LOST, sentiment=sentiment), seed=1)
    assert (found.sentiment.n, found.sentiment.losses) == (35, 10)
    assert found.sentiment.auc == 1
    assert (found.sentiment.score_auc or 1) < 1
    few = horizon(30, cases(SCORES, LOST, sentiment=[*sentiment[:20], *[np.nan] * 20]), seed=1)
    assert few.sentiment.auc is None


def test_each_measure_has_its_own_lift():
    (row,) = horizon(30, cases(SCORES * 2, LOST * 2), seed=1).measures
    assert (row.measure, row.n, row.flagged) == ("use", 80, 16)
    assert row.lift == 3
    assert row.auc == horizon(30, cases(SCORES, LOST), seed=1).auc
    (few,) = horizon(30, cases(SCORES, LOST), seed=1).measures
    assert (few.flagged, few.lift) == (8, None)  # eight warnings say nothing


def test_the_same_cases_give_the_same_figures_and_another_seed_another_interval():
    one, same, other = (horizon(30, cases(SCORES, LOST), seed=seed) for seed in (1, 1, 2))
    assert figures(one) == figures(same)
    assert one.auc == other.auc
    assert figures(one) != figures(other)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.51, 0.7, Verdict.PREDICTS), (0.4, 0.6, Verdict.PREDICTS_NOTHING),
     (0.5, 0.6, Verdict.PREDICTS_NOTHING), (0.3, 0.49, Verdict.WRONG_WAY)],
    ids=["above", "covers", "touches", "below"],
)  # fmt: skip
def test_the_verdict_of_an_interval(low: float, high: float, expected: Verdict):
    assert verdict(low, high) is expected


def test_one_unknown_amount_makes_the_sum_unknown():
    table = confusion([R, R, G], np.array([True, True, False]), [Fraction(1), None, Fraction(2)])
    assert table.amount_caught is None
    assert table.rows[2].amount == 2


def test_lead_time_is_the_unbroken_red_before_the_end():
    end = date(2026, 6, 1)
    days = {ahead: end - timedelta(days=ahead) for ahead in (180, 90, 60, 30)}
    reds = {days[180]: True, days[90]: False, days[60]: True, days[30]: True}
    assert lead_days(reds, seen_on=days[30], ended_on=end) == 60
    assert lead_days(reds, seen_on=days[60], ended_on=end) == 60
    assert lead_days(reds, seen_on=days[180], ended_on=end) == 180
    assert [median(it) for it in ([], [3], [1, 4])] == [None, 3, Fraction(5, 2)]
