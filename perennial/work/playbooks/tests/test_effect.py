"""The effect of a playbook: a planted one is found, none is not invented."""

from __future__ import annotations

import numpy as np
import pytest

from perennial.work.playbooks.rules.effect import LEAST, Cases, balance, effect, match


def world(seed: int, *, planted: float, treated: int = 80, others: int = 800, again: int = 1):
    """Customers who fell are treated more often, and come back a little by themselves: naive
    comparison is wrong. `again`: days on which the same customers stand."""
    dice = np.random.default_rng(seed)
    size = treated + others
    trend = dice.normal(0, 0.5, size)
    score = 60 + 15 * dice.normal(size=size) + 10 * trend
    usage = dice.normal(4, 1, size)
    tier = dice.choice(list("SABC"), size)
    chance = np.exp(-2.0 * trend)
    chosen = np.zeros(size, bool)
    chosen[dice.choice(size, treated, replace=False, p=chance / chance.sum())] = True
    own = dice.normal(0, 0.3, size)  # of the customer, on all its days
    outcome = -0.5 * trend + own + dice.normal(0, 0.3, size) + planted * chosen
    cases = Cases(
        np.arange(size),
        chosen,
        [str(it) for it in tier],
        {"score": score, "usage": usage, "trend": trend},
    )
    return cases, outcome


def interval(seed: int, planted: float) -> tuple[float, float]:
    cases, outcome = world(seed, planted=planted)
    found = effect(cases, match(cases), outcome)
    assert found.low is not None and found.high is not None
    return found.low, found.high


@pytest.mark.parametrize("planted", [0.4, -0.4])
def test_a_planted_effect_lies_within_its_interval(planted: float):
    found = [interval(seed, planted) for seed in range(20)]
    assert sum(low <= planted <= high for low, high in found) >= 17
    assert all(low * high > 0 for low, high in found)  # and it is told from nothing


def test_without_an_effect_the_interval_holds_nothing_in_ninety_of_a_hundred_worlds():
    held = naive = 0
    for seed in range(100):
        cases, outcome = world(seed, planted=0.0)
        low, high = interval(seed, 0.0)
        held += low <= 0 <= high
        naive += outcome[cases.treated].mean() - outcome[~cases.treated].mean() > 0.1
    assert held >= 90
    assert naive >= 90  # where comparing everybody would have invented one


def test_too_few_is_no_figure_but_a_reason():
    cases, outcome = world(1, planted=0.4, treated=LEAST - 1)
    found = effect(cases, match(cases), outcome)
    assert (found.difference, found.reason, found.n) == (None, "too_few", LEAST - 1)


def test_nobody_is_compared_across_blocks():
    cases, _ = world(1, planted=0)
    matched = match(cases)
    assert all(
        cases.block[it] == cases.block[at] for at, near in matched.pairs.items() for it in near
    )
    assert not any(cases.treated[near].any() for near in matched.pairs.values())


def test_matching_makes_both_sides_alike():
    cases, _ = world(2, planted=0)
    rows = {it.covariate: it for it in balance(cases, match(cases))}
    before, after = rows["trend"].before, rows["trend"].after
    assert before is not None and abs(before) > 0.5
    assert after is not None and abs(after) < 0.25


def test_what_is_not_known_is_left_out():
    cases, outcome = world(3, planted=0.4)
    matched = match(cases)
    hidden = outcome.copy()
    hidden[list(matched.pairs)[:10]] = np.nan
    assert effect(cases, matched, hidden).n == effect(cases, matched, outcome).n - 10


def test_the_same_seed_gives_the_same_interval():
    cases, outcome = world(4, planted=0.1)
    matched = match(cases)
    assert effect(cases, matched, outcome) == effect(cases, matched, outcome)
