"""Models of renewal risk: what they learn, that they do not peek, and what they do with too little.

The made-up renewals here have a known probability, so that calibration can be held to it.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from perennial.health.risk.rules import cold_start, fitted, folds, leakage, scores
from perennial.health.risk.rules.features import Shape, design, parts_of
from perennial.health.risk.rules.fitted import Kind
from perennial.health.risk.rules.influence import Direction, influences
from perennial.health.risk.rules.labelled import Labelled, Numbers, Words
from perennial.health.risk.rules.learning import learn
from perennial.health.risk.rules.trial import Validation, tried

KINDS = [pytest.param(Kind.LOGISTIC, id="logistic"), pytest.param(Kind.EBM, id="curves")]


def made(n: int, *, seed: int = 1, dated: bool = False) -> tuple[Labelled, np.ndarray]:
    """Renewals and the probability that each was lost with: use lowers it, a region raises it,
    tickets are noise."""
    random = np.random.default_rng(seed)
    use = random.normal(size=n)
    region = np.where(random.random(n) < 0.3, "north", "south")
    odds = -1.0 - 1.1 * use + 1.0 * (region == "north")
    probability = 1 / (1 + np.exp(-odds))
    blank = random.random(n) < 0.1
    columns: dict[str, Numbers | Words] = {
        "use": Numbers(np.where(blank, np.nan, use)),
        "region": Words(region),
        "tickets": Numbers(random.poisson(2, n).astype(float)),
    }
    days = np.sort(random.integers(19_000, 20_000, n)) if dated else None
    data = Labelled(
        columns=columns,
        lost=random.random(n) < probability,
        groups=np.arange(n),
        amount=random.lognormal(10, 1, n),
        frozen_on=None if days is None else days - 90,
        known_on=None if days is None else days + 30,
    )
    return data, probability


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_is_what_happens(kind: Kind):
    learned, _ = made(2000)
    fresh, truth = made(4000, seed=2)
    said = learn(learned, kind=kind, seed=0).probability(fresh.columns)
    assert scores.ece(said, fresh.lost) <= scores.ece_limit(said, seed=0) + 0.02
    assert fresh.amount is not None
    bias = scores.amount_bias(said, fresh.lost, fresh.amount)
    assert bias is not None and abs(bias) < 0.05
    found, best = scores.auc(said, fresh.lost), scores.auc(truth, fresh.lost)
    assert found is not None and best is not None and found > best - 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_and_seed_give_the_same_model(kind: Kind):
    data, _ = made(400)
    assert learn(data, kind=kind, seed=3) == learn(data, kind=kind, seed=3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_survives_being_stored_as_text(kind: Kind):
    data, _ = made(300)
    model = learn(data, kind=kind, seed=0)
    again = fitted.of(json.loads(json.dumps(fitted.plain(model))))
    assert again == model
    assert np.array_equal(again.probability(data.columns), model.probability(data.columns))


@pytest.mark.parametrize("kind", KINDS)
def test_effects_add_up_to_the_log_odds(kind: Kind):
    data, _ = made(300)
    model = learn(data, kind=kind, seed=0)
    total = sum(model.effects(data.columns).values())
    base = model.shift + model.stretch * model.base
    assert np.allclose(base + total, model.log_odds(data.columns))


def test_directions_are_told_as_they_are():
    data, _ = made(1000)
    found = {it.feature: it for it in influences(learn(data, kind=Kind.LOGISTIC, seed=0),
                                                 data.columns)}  # fmt: skip
    assert found["use"].direction is Direction.LOWERS
    assert found["region"].direction is Direction.VARIES
    assert "tickets" not in found or found["tickets"].strength < found["use"].strength / 5


def test_a_missing_value_is_a_fact_of_its_own():
    columns = {"x": Numbers(np.array([1.0, 2.0, 3.0, 4.0, 5.0] + [np.nan] * 5))}
    parts = parts_of(columns)
    assert [it.shape for it in parts] == [Shape.PLAIN, Shape.MISSING]
    table = design(columns, parts)
    assert (table[5:, 0] == 0).all()  # as an average one
    assert (table[5:, 1] > 0).all()
    assert (table[:5, 1] < 0).all()


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        pytest.param(np.exp(np.linspace(0, 9, 200)), Shape.LOG, id="very skewed"),
        pytest.param(np.exp(np.linspace(0, 9, 200)) - 5, Shape.ASINH, id="skewed below zero"),
        pytest.param(np.linspace(0, 9, 200), Shape.PLAIN, id="even"),
    ],
)
def test_skewed_numbers_are_bent(values: np.ndarray, shape: Shape):
    """A8: log(1 + x), asinh where it can be negative."""
    assert parts_of({"x": Numbers(values)})[0].shape is shape


def test_values_outside_of_what_was_learned_are_held_at_the_edge():
    parts = parts_of({"x": Numbers(np.linspace(0, 1, 50))})
    far = design({"x": Numbers(np.array([1.0, 99.0, -99.0, 0.0]))}, parts)[:, 0]
    assert far[0] == far[1]
    assert far[2] == far[3]


def test_a_column_that_is_gone_counts_as_missing():
    data, _ = made(300)
    model = learn(data, kind=Kind.LOGISTIC, seed=0)
    rest = {name: it for name, it in data.columns.items() if name != "use"}
    blank = {**data.columns, "use": Numbers(np.full(300, np.nan))}
    assert np.allclose(model.probability(rest), model.probability(blank))


def test_rolling_origin_never_learns_from_what_came_later():
    data, _ = made(900, dated=True)
    assert data.known_on is not None and data.frozen_on is not None
    for fold in folds.folds_of(data, wanted=5, seed=0):
        assert data.known_on[fold.learn].max() < data.frozen_on[fold.test].min()


@pytest.mark.parametrize("dated", [True, False], ids=["rolling", "folds"])
def test_a_customer_is_never_learned_from_and_tested_on(dated: bool):
    data, _ = made(900, dated=dated)
    data = Labelled(data.columns, data.lost, np.arange(900) % 150, data.amount,
                    data.frozen_on, data.known_on)  # fmt: skip
    found = folds.folds_of(data, wanted=5, seed=0)
    for fold in found:
        assert not set(data.groups[fold.learn]) & set(data.groups[fold.test])
    assert found or dated


def test_every_row_is_tested_once_without_dates():
    data, _ = made(300)
    tests = np.concatenate([it.test for it in folds.folds_of(data, wanted=5, seed=0)])
    assert sorted(tests) == list(range(300))


def test_the_future_changes_nothing_that_was_learned_before():
    """Outcomes of the last block turned round: what earlier blocks were told by stays."""
    data, _ = made(900, dated=True)
    parts = folds.folds_of(data, wanted=5, seed=0)
    turned = data.lost.copy()
    turned[parts[-1].test] = ~turned[parts[-1].test]
    other = Labelled(data.columns, turned, data.groups, data.amount, data.frozen_on, data.known_on)
    for fold in parts[:-1]:
        before = learn(data.take(fold.learn), kind=Kind.LOGISTIC, seed=0)
        assert learn(other.take(fold.learn), kind=Kind.LOGISTIC, seed=0) == before


def test_a_fact_written_down_because_of_the_loss_is_named():
    data, _ = made(600)
    told = np.where(data.lost, "closed", "open")
    columns = {**data.columns, "status": Words(told)}
    found = leakage.separating(Labelled(columns, data.lost, data.groups))
    assert list(found) == ["status"]
    assert found["status"] == 1.0


def test_a_blank_that_tells_the_outcome_is_named():
    data, _ = made(600)
    columns = {**data.columns, "ended": Numbers(np.where(data.lost, 5.0, np.nan))}
    assert "ended" in leakage.separating(Labelled(columns, data.lost, data.groups))


def test_honest_facts_separate_nothing():
    assert leakage.separating(made(600)[0]) == {}


def test_noise_is_not_sold_as_a_model():
    """With nothing to learn, the base rate is said, or the AUC's interval holds a coin."""
    random = np.random.default_rng(5)
    columns = {str(at): Numbers(random.normal(size=400)) for at in range(8)}
    data = Labelled(columns, random.random(400) < 0.3, np.arange(400))
    found = tried(data, folds=5, seed=0)
    low = found.quality.auc_low
    assert found.model.kind is Kind.SEGMENT_RATES or (low is not None and low < 0.5)


def test_below_200_renewals_segments_speak():
    data, _ = made(150)
    found = tried(data, folds=5, seed=0)
    assert found.model.kind is Kind.SEGMENT_RATES
    assert found.quality.auc is not None


def test_curves_are_tried_from_1000_dated_renewals():
    data, _ = made(1000, dated=True)
    found = tried(data, folds=3, seed=0)
    assert found.validation is Validation.ROLLING
    assert {found.model.kind, found.other} == {Kind.LOGISTIC, Kind.EBM}


def test_curves_win_where_a_line_cannot_follow():
    random = np.random.default_rng(2)
    x = random.uniform(-2, 2, 1500)
    lost = random.random(1500) < np.where(np.abs(x) > 1, 0.7, 0.1)
    days = np.arange(1500) + 19_000
    data = Labelled({"x": Numbers(x)}, lost, np.arange(1500), None, days, days)
    found = tried(data, folds=4, seed=0)
    assert found.model.kind is Kind.EBM
    assert found.quality.auc is not None and found.other_quality is not None
    assert found.other_quality.auc is not None
    assert found.quality.auc > 0.75 > found.other_quality.auc


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        pytest.param([True] * 60, "Every renewal was lost", id="all lost"),
        pytest.param([False] * 60, "No renewal was lost", id="no loss"),
        pytest.param([True] * 5 + [False] * 55, "Too few for a figure", id="five losses"),
        pytest.param([True, False, True, False, False], "Too few for a figure", id="five"),
        pytest.param([False], "No renewal was lost", id="a single renewal"),
    ],
)
def test_too_little_gives_a_reason_and_no_figure(lost: list[bool], reason: str):
    size = len(lost)
    data = Labelled(
        {"x": Numbers(np.arange(size, dtype=np.float64))}, np.array(lost), np.arange(size)
    )
    found = tried(data, folds=5, seed=0)
    assert found.model.kind is Kind.SEGMENT_RATES
    assert found.quality.auc is None
    assert found.quality.reason.startswith(reason)
    said = found.model.probability(data.columns)
    assert ((said > 0) & (said < 1)).all()


def test_a_small_segment_is_pulled_towards_everybody():
    """Three losses of four, everybody .2, strength 10: 5 / 14."""
    rate = cold_start.shrunk(np.array([3.0]), np.array([4.0]), mean=0.2, strength=10)
    assert rate[0] == pytest.approx(5 / 14)


def test_a_way_of_cutting_that_helps_is_taken_and_others_are_not():
    random = np.random.default_rng(1)
    size = np.where(random.random(160) < 0.5, "small", "large")
    noise = random.choice(list("abc"), 160)
    lost = random.random(160) < np.where(size == "small", 0.6, 0.1)
    columns = {"noise": Words(noise), "size": Words(size)}
    model = cold_start.rates(Labelled(columns, lost, np.arange(160)))
    assert [it.feature for it in model.curves] == ["size"]
    small = model.probability({"size": Words(np.array(["small", "large", "unheard"]))})
    assert small[0] > small[2] > small[1]
