"""Scenarios of the seed articles, and the algebra behind them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.revenue.rules.whatif import closed_form, growth_rates, ratio_limit, revenue, whatif
from perennial.units.errors import InputRefused

S0 = Fraction(1000)
SEED_G = Fraction("0.3")
HALF, MOST = Fraction("0.5"), Fraction("0.8")
# B3, article s0: new sales grow 30 %, last year's whole revenue renews at r.
PRINTED = {
    HALF: "1000 1800 2590 3492 4602.1 6013.98 7833.8 10191.75 13253.18 17231.09",
    MOST: "1000 2100 3370 4893 6770.5 9129.33 12130.27 15979.07 20940.56 27356.95",
}
SUMS = {HALF: "68007.9", MOST: "103669.69"}
shares = st.fractions(min_value=0, max_value=2, max_denominator=100)


@pytest.mark.parametrize("rate", [HALF, MOST], ids=["s0: 50 %", "s0: 80 %"])
def test_the_seed_scenario_comes_out_to_the_printed_digit(rate: Fraction):
    found = whatif(S0, growth=SEED_G, renewals=[rate], periods=10).scenarios[0]
    for exact, printed in zip(found.revenue, PRINTED[rate].split(), strict=True):
        places = len(printed.partition(".")[2])
        assert round(exact, places) == Fraction(printed)
    assert round(found.total, len(SUMS[rate].partition(".")[2])) == Fraction(SUMS[rate])


def test_the_gap_between_50_and_80_percent_renewal_widens_towards_its_limit():
    found = whatif(S0, growth=SEED_G, renewals=[HALF, MOST], periods=10)
    assert found.ratio[0] == 1 and f"{float(found.ratio[9] or 0):.4f}" == "1.5877"
    assert found.ratio_limit == Fraction("1.6")
    steps = [it for it in found.ratio if it is not None]
    assert steps == sorted(steps) and steps[-1] < Fraction("1.6")


@pytest.mark.parametrize(
    ("growth", "first", "second", "limit"),
    [
        pytest.param("0.3", "0.5", "0.8", Fraction("1.6"), id="B3"),
        pytest.param("0", "0.5", "1", None, id="the second never stops growing"),
        pytest.param("-0.1", "0.5", "0.95", None, id="new sales shrink faster than renewals"),
        pytest.param("0", "1.2", "0.8", Fraction(0), id="only the first outgrows new sales"),
    ],
)
def test_there_is_no_limit_where_the_denominator_is_not_above_zero(growth, first, second, limit):
    assert ratio_limit(*(Fraction(it) for it in (growth, first, second))) == limit


def test_one_scenario_has_no_ratio():
    found = whatif(S0, growth=SEED_G, renewals=[HALF], periods=3)
    assert (found.ratio, found.ratio_limit, found.limit_reason) == ((), None, "one_scenario")


def test_nothing_sold_gives_no_ratio_instead_of_a_division_by_zero():
    found = whatif(Fraction(0), growth=SEED_G, renewals=[HALF, MOST], periods=2)
    assert found.ratio == (None, None)


@given(start=shares, growth=shares, renewal=shares, n=st.integers(1, 25))
def test_step_by_step_equals_the_closed_form(start, growth, renewal, n):
    stepped = revenue(start, growth=growth, renewal=renewal, periods=n)[-1]
    assert stepped == closed_form(start, growth=growth, renewal=renewal, period=n)


def test_the_closed_form_holds_where_renewal_equals_growth():
    assert closed_form(S0, growth=Fraction(0), renewal=Fraction(1), period=7) == 7000


def test_what_stood_before_the_first_period_renews_too():
    found = revenue(Fraction(0), growth=SEED_G, renewal=MOST, periods=2, opening=S0)
    assert found == (Fraction(800), Fraction(640))
    assert growth_rates([S0, *found]) == [Fraction("-0.2"), Fraction("-0.2")]


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("start", {"start": Fraction(-1)}),
        ("growth", {"growth": Fraction(-1)}),
        ("growth", {"growth": Fraction(11)}),
        ("renewal", {"renewals": [Fraction("-0.1")]}),
        ("renewal", {"renewals": []}),
        ("periods", {"periods": 0}),
        ("periods", {"periods": 10**9}),
    ],
)
def test_inputs_without_meaning_are_named(column, change):
    given = {"start": S0, "growth": SEED_G, "renewals": [HALF], "periods": 3} | change
    with pytest.raises(InputRefused) as refused:
        whatif(given.pop("start"), **given)
    assert (refused.value.code, refused.value.column) == (f"bad_{column}", column)
