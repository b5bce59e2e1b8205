"""Plans: the arithmetic of the planner, without a page."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from time import perf_counter

import pytest

from perennial.revenue.rules.plan import LEVERS, Levers, Outcome, plan, swings
from perennial.revenue.rules.planning import refill_share
from perennial.revenue.rules.whatif import revenue

F = Fraction
LEVERS_OF_S0 = Levers(
    renewal=F("0.8"), upsell=F(0), new_customers=F(100), growth=F("0.3"), price=F(10),
    cac=F(10), margin=F("0.75"), arr_per_csm=F(400), csm_cost=F(30),
)  # fmt: skip


def test_a_plan_is_the_what_if_of_its_levers():
    """B3, article s0: 1000 a year growing 30 %, 80 % renewal: 27,356.95 in year 10."""
    found = plan(LEVERS_OF_S0, opening=F(0), years=10)
    assert f"{float(found.arr):.2f}" == "27356.95"
    upsold = replace(LEVERS_OF_S0, upsell=F("0.1"))
    stepped = revenue(F(1000), growth=F("0.3"), renewal=F("0.9"), periods=10, opening=F(500))
    assert tuple(it.arr for it in plan(upsold, opening=F(500), years=10).years) == stepped


def test_every_year_adds_up():
    found = plan(replace(LEVERS_OF_S0, upsell=F("0.05")), opening=F(777), years=6)
    for year in found.years:
        assert year.opening - year.lost + year.upsold + year.sold == year.arr
    assert found.growth[0] == found.years[0].arr / 777 - 1


def test_upsell_of_c_by_one_minus_c_of_what_was_kept_refills_churn():
    share = refill_share(F("0.2"))
    assert share is not None
    still = replace(LEVERS_OF_S0, new_customers=F(0), upsell=share * F("0.8"))
    found = plan(still, opening=F(1000), years=5)
    assert {it.arr for it in found.years} == {F(1000)} and {it.gap for it in found.years} == {F(0)}


def test_contribution_pays_for_winning_and_for_whole_csms():
    year = plan(LEVERS_OF_S0, opening=F(0), years=1).years[0]
    assert (year.arr, year.csms) == (F(1000), 3)  # 1000 ÷ 400 = 2.5
    assert year.contribution == 750 - 10 * 100 - 3 * 30


def test_unit_economics_of_a_plan():
    found = plan(LEVERS_OF_S0, opening=F(0), years=1)
    assert (found.ltv, found.ltv_to_cac, found.cycles) == (F("37.5"), F("3.75"), F(5))
    assert found.payback_months == 16
    loyal = plan(replace(LEVERS_OF_S0, renewal=F(1)), opening=F(0), years=1)
    assert (loyal.ltv, loyal.ltv_to_cac, loyal.cycles) == (None, None, None)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_lever_is_moved_alone_and_the_strongest_stands_first(outcome: Outcome):
    found = plan(LEVERS_OF_S0, opening=F(2000), years=5)
    result = swings(found, outcome)
    assert [it.span for it in result] == sorted((it.span for it in result), reverse=True)
    for swing in result:
        moved = replace(LEVERS_OF_S0, **{swing.lever: swing.high_value})
        assert plan(moved, opening=F(2000), years=5).outcome(outcome) == swing.high


def test_a_lever_without_effect_is_left_out():
    found = plan(LEVERS_OF_S0, opening=F(2000), years=5)
    assert {it.lever for it in swings(found, Outcome.ARR)} == {
        "renewal", "upsell", "new_customers", "growth", "price",
    }  # fmt: skip
    assert {it.lever for it in swings(found, Outcome.CONTRIBUTION)} == set(LEVERS)


def test_rates_stay_within_their_range():
    found = plan(replace(LEVERS_OF_S0, renewal=F("0.95")), opening=F(2000), years=5)
    renewal = next(it for it in swings(found, Outcome.ARR) if it.lever == "renewal")
    assert (renewal.low_value, renewal.high_value) == (F("0.85"), F(1))


def test_two_plans_with_what_matters_most_take_a_moment():
    """The budget of a what-if recalculation is 50 ms with the page around it."""
    began = perf_counter()
    for _scenario in range(2):
        swings(plan(LEVERS_OF_S0, opening=F("2000.37"), years=10), Outcome.CONTRIBUTION)
    assert perf_counter() - began < 0.5
