"""Unit economics: the published examples of B1, and what is unknown."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from perennial.revenue.rules.economics import Thresholds, Window, economics, payback_months
from perennial.revenue.rules.ltv import (
    STRIPE_ZERO_CHURN,
    Discounting,
    constant_churn,
    discounted,
    linear_expansion,
    rescaled_churn,
)
from perennial.revenue.rules.planning import (
    FakeLimits,
    Offers,
    csm_load,
    csms_for,
    cycles_needed,
    fake_saas,
    refill,
    refill_share,
    years_needed,
)

F = Fraction
MONTH = F(365, 12)
WINDOW = Window(
    months=F(1), mrr=F(10_000), customers=100, start_customers=100, lost_customers=5,
    new_mrr=F(600), new_customers=4, expansion_mrr=F(300), one_off=F(2000),
    sm_cost=F(8000), gross_margin=F("0.8"), lifetime_value=F("3.5"),
)  # fmt: skip


def test_l1_is_arpa_by_churn():
    """B1 #6, ChartMogul: ARPA 100, churn 5 % → LTV 2000."""
    assert economics(WINDOW).ltv_of("l1") == 2000


@pytest.mark.parametrize(
    ("churn", "days", "yearly", "monthly"),
    [
        pytest.param("0.05", 30, ".4642", ".0507", id="B1 #13 fight-churn 2.5: 5 % in 30 d"),
        pytest.param("0.10", 90, ".3477", ".0350", id="B1 #13 fight-churn 2.5: 10 % in 90 d"),
        pytest.param("0.02", 31, ".2117", ".0196", id="B1 #13 fight-churn 2.5: 2 % in 31 d"),
    ],
)
def test_churn_is_never_multiplied_by_twelve(churn, days, yearly, monthly):
    found = [rescaled_churn(F(churn), of=F(days), to=F(to)) for to in (F(365), MONTH)]
    assert [f"{float(it):.4f}"[1:] for it in found] == [yearly, monthly]


def test_monthly_and_yearly_churn_turn_into_each_other():
    """B1 #14: 5 % a month is 45.96 % a year; 20 % a year is 1.842 % a month."""
    assert f"{float(rescaled_churn(F('.05'), of=F(1), to=F(12))):.4f}" == "0.4596"
    assert f"{float(rescaled_churn(F('.2'), of=F(12), to=F(1))):.5f}" == "0.01842"
    assert rescaled_churn(F(1), of=F(12), to=F(1)) == 1


def test_linear_expansion_lifts_the_lifetime_value():
    """B1 #15, Skok's form: ARPA 500, margin .8, churn 3 % a month, +5 a month of revenue."""
    margin, churn = 500 * F("0.8"), F("0.03")
    assert f"{float(constant_churn(margin, churn) or 0):.2f}" == "13333.33"
    grown = linear_expansion(margin, churn, 5 * F("0.8"))
    assert f"{float(grown or 0):.2f}" == "17644.44"
    series = sum((margin + 4 * t) * (1 - churn) ** t for t in range(1500))
    assert float(grown or 0) == pytest.approx(float(series))


def test_payback_and_the_strict_twelve_months():
    """B1 #16: CAC 6000, ARPA 500, margin .8 → 15 months; 6000 < 12 × 500 is false."""
    window = replace(WINDOW, mrr=F(500), customers=1, new_customers=1, sm_cost=F(6000))
    found = economics(window)
    assert found.payback_months == 15
    checks = {it.name: it for it in found.tests}
    assert checks["cac_to_mrr"].value == 12 and checks["cac_to_mrr"].passed is False
    assert checks["acv_to_cac"].value == 1 and checks["acv_to_cac"].passed is True
    assert checks["payback_months"].passed is False
    with_fees = economics(window, subtract_one_off=True).payback_months
    assert with_fees == payback_months(F(6000), F(400), one_off=F(2000)) == 10


def test_constant_retention_has_three_textbook_forms():
    """B1 #18, Fader–Hardie note 024: m = 100, r = .8, d = .1."""
    found = [
        discounted(F(100), retention=F("0.8"), discount=F("0.1"), form=form)
        for form in (Discounting.START, Discounting.RENEWALS, Discounting.END)
    ]
    assert [f"{float(it or 0):.2f}" for it in found] == ["366.67", "266.67", "333.33"]
    assert discounted(F(1), retention=F(2), discount=F(0), form=Discounting.END) is None


def test_every_variant_of_one_window():
    found = economics(WINDOW)
    assert (found.arpa, found.asp, found.cac) == (F(100), F(150), F(2000))
    assert found.ltv_of("l2") == 1600
    assert found.ltv_of("l3") == 1600 + F("2.4") * F("0.95") / F("0.05") ** 2
    assert found.ltv_of("l4") == 1200 / (found.yearly_churn or 1)
    assert found.ltv_of("l5") == 80 * 12 * F("3.5")
    assert found.reasons == {} and found.payback_months == 25
    passed = {it.name: it.passed for it in found.tests}
    assert passed == dict.fromkeys(passed, False)
    assert all("÷" in it.formula or "×" in it.formula for it in found.ltv)


def test_the_churn_of_a_year_is_put_per_month_before_it_divides():
    found = economics(replace(WINDOW, months=F(12), lost_customers=20))
    assert found.yearly_churn == F("0.2")
    assert f"{float(found.ltv_of('l1') or 0):.1f}" == "5427.9"  # 100 ÷ 1.842 %, not 100 ÷ 20 %


def because(reason: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), reason)


LTV = "ltv.l1 ltv.l2 ltv.l3 ltv.l4"
YEARLY = "monthly_churn yearly_churn"


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({"lost_customers": 0}, because("nobody_left", LTV)),
        ({"new_customers": 0}, because("nobody_came", "asp cac payback_months")),
        ({"sm_cost": None}, because("no_cost", "cac payback_months")),
        ({"gross_margin": None}, because("no_margin", "payback_months ltv.l2 ltv.l3 ltv.l5")),
        ({"lifetime_value": None}, because("no_cohorts", "ltv.l5")),
        ({"gross_margin": F(0)}, because("no_profit", "payback_months")),
        ({"customers": 0}, because("no_customers", f"arpa payback_months {LTV} ltv.l5")),
        (
            {"start_customers": 0, "lost_customers": 0},
            because("nobody_at_start", f"{YEARLY} {LTV}"),
        ),
    ],
    ids=lambda it: next(iter(it)),
)
def test_what_cannot_be_told_is_none_with_a_reason(change, reasons):
    found = economics(replace(WINDOW, **change))
    assert found.reasons == reasons
    assert all((it.passed is None) == (it.value is None) == bool(it.reason) for it in found.tests)


def test_zero_churn_can_be_capped_as_stripe_does():
    found = economics(replace(WINDOW, lost_customers=0), zero_churn_rate=STRIPE_ZERO_CHURN)
    assert f"{float(found.ltv_of('l1') or 0):.2f}" == "5988.02"  # 100 ÷ 1.67 %


def test_thresholds_can_be_edited():
    easy = Thresholds(payback_months=F(25), ltv_to_cac=F("0.8"), yearly_churn=F("0.5"))
    passed = {it.name: it.passed for it in economics(WINDOW, thresholds=easy).tests}
    assert passed["payback_months"] and passed["ltv_to_cac"] and passed["yearly_churn"]


@pytest.mark.parametrize("base", [10_000_000, 100_000_000], ids=["s0: 1000万", "s0: 1亿"])
def test_twenty_percent_churn_needs_a_quarter_of_what_was_kept(base: int):
    """B3: 1000万 → 200万 to refill, 1亿 → 2000万; both 25 % of the retained base."""
    assert refill(F(base), F("0.2")) == base // 5
    assert refill_share(F("0.2")) == F(1, 4)
    assert refill_share(F("0.2"), growth=F("0.3")) == F(5, 8)
    assert refill_share(F(1)) is None


def test_a_subscription_meets_the_licence_in_its_third_cycle():
    """B3, article s0: licence 30万, cost 10万; subscription 10万 a cycle, cost 10万."""
    offers = Offers(licence=F(30), licence_cost=F(10), price=F(10), price_cost=F(10))
    assert offers.licence_margin(1) == 20
    assert [offers.subscription_margin(n) for n in range(1, 6)] == [0, 10, 20, 30, 40]
    assert offers.break_even == F(30) / F(10) and offers.parity_cycle == 3


def test_maintenance_and_the_cost_of_keeping_delay_break_even():
    offers = Offers(F(30), F(10), F(10), F(10), maintenance=F("0.1"), keeping=F(1))
    assert offers.break_even == 1 + F(20, 6) and offers.parity_cycle == 5
    n = offers.parity_cycle or 0
    assert offers.subscription_margin(n) >= offers.licence_margin(n)
    assert offers.subscription_margin(n - 1) < offers.licence_margin(n - 1)
    assert replace(offers, keeping=F(9)).break_even is None
    assert replace(offers, price=F(40)).break_even == 1


@pytest.mark.parametrize(("term", "years"), [(3, 9), (1, 3)], ids=["s0: 3-year", "s0: 1-year"])
def test_an_order_over_several_years_is_one_cycle(term: int, years: int):
    """B3: LTV ≥ 3 CAC needs 3 cycles; of 3-year orders these are 9 years."""
    cycles = cycles_needed(F(10), F(10))
    assert cycles == 3 and years_needed(cycles, term_years=F(term)) == years
    assert cycles_needed(F(10), F(0)) is None


@pytest.mark.parametrize(
    ("arr", "low", "high"),
    [(10_000, 200, 500), (30_000, 67, 167), (100_000, 20, 50)],
    ids=["s2: 1万", "s2: 3万", "s2: 10万"],
)
def test_a_csm_carries_two_to_five_million(arr: int, low: int, high: int):
    found = csm_load(F(arr))
    assert found is not None and (found.low, found.high) == (low, high)
    assert csm_load(F(0)) is None and csms_for(F(1), per_csm=F(0)) is None
    assert csms_for(F(10_000_001), per_csm=F(5_000_000)) == 3


@pytest.mark.parametrize(
    ("given", "signs"),
    [
        ({"renewal": F("0.5")}, ["low_renewal"]),
        ({"renewal": F("0.6")}, []),
        ({"prepaid": F("0.31"), "buyout": F("0.11")}, ["prepaid", "buyout"]),
        ({"prepaid": F("0.3"), "buyout": F("0.1")}, []),
        ({"term_years": F(3)}, ["long_term"]),
    ],
)
def test_fake_saas_shows_its_signs(given, signs):
    unknown = {"renewal": None, "prepaid": None, "buyout": None}
    assert [it.name for it in fake_saas(**(unknown | given))] == signs


def test_the_limits_of_fake_saas_can_be_edited():
    limits = FakeLimits(renewal=F("0.4"))
    assert fake_saas(renewal=F("0.5"), prepaid=None, buyout=None, limits=limits) == []
