"""Survival curves: the tables of the metric specification, to the printed digit (B2)."""

from __future__ import annotations

import pytest

from perennial.revenue.rules.lifetime import del_new, derl, residual
from perennial.revenue.rules.staying import Stay
from perennial.revenue.rules.survival import (
    AliveRow,
    Curve,
    Lives,
    Model,
    advice,
    alive_counts,
    fit,
    fit_cohort,
    lives_of,
    lives_of_stays,
)
from perennial.units.errors import InputRefused

SBG, BDW = Model.SBG, Model.BDW
# Berry & Linoff, alive after 0 … 12 years, of 1000.
HE = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
RG = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
CASE_1 = [10000, 8000, 6480, 5307, 4391]
CASE_2 = [10000, 8000, 7600, 7383, 7235]
PUBLISHED = {"HE": Curve(SBG, 0.668, 3.806), "RG": Curve(SBG, 0.704, 1.182)}


@pytest.mark.parametrize(
    ("counts", "periods", "model", "parameters", "ll"),
    [
        pytest.param(HE, 7, SBG, (0.6681, 3.8061), -1611.158, id="HE, Fader-Hardie .668/3.806"),
        pytest.param(RG, 7, SBG, (0.7041, 1.1820), -1680.265, id="RG, Fader-Hardie .704/1.182"),
        pytest.param(HE, 7, BDW, (0.2143, 1.4266, 1.7236), -1605.314, id="HE, BdW"),
        pytest.param(RG, 7, BDW, (0.4556, 0.7793, 1.2835), -1679.603, id="RG, BdW"),
        pytest.param(HE, 4, SBG, (1.281, 7.790), -1225.135, id="HE, 4 years, sBG"),
        pytest.param(HE, 4, BDW, (0.2593, 1.7226, 1.5844), -1222.749, id="HE, 4 years, BdW"),
        pytest.param(RG, 4, SBG, (0.764, 1.296), -1401.559, id="RG, 4 years, sBG"),
        pytest.param(RG, 4, BDW, (0.523, 0.894, 1.196), -1401.383, id="RG, 4 years, BdW"),
        pytest.param(CASE_1, 4, SBG, (3.791, 15.161), None, id="case 1, Fader-Hardie 2010"),
        pytest.param(CASE_2, 4, SBG, (0.06669, 0.26677), None, id="case 2, Fader-Hardie 2010"),
    ],
)
def test_the_fit_finds_the_published_parameters(counts, periods, model, parameters, ll):
    curve = fit_cohort(counts, periods=periods, model=model)
    found = (curve.alpha, curve.beta, curve.c)[: len(parameters)]
    assert found == pytest.approx(parameters, rel=5e-4)
    if ll is not None:
        assert curve.ll == pytest.approx(ll, abs=1e-3)


@pytest.mark.parametrize(
    ("counts", "periods", "model", "projected", "error"),
    [
        pytest.param(HE, 7, SBG, "46.0 43.6 41.4 39.5 37.8", 2.83, id="HE, sBG, jdmaturen README"),
        pytest.param(RG, 7, SBG, "22.0 20.4 19.1 18.0 17.0", 1.49, id="RG, sBG"),
        pytest.param(HE, 7, BDW, "46.8 44.8 43.2 41.7 40.4", 1.27, id="HE, BdW"),
        pytest.param(RG, 7, BDW, "22.3 20.9 19.7 18.6 17.7", 1.38, id="RG, BdW"),
    ],
)
def test_the_projection_and_its_error_on_the_years_held_out(
    counts, periods, model, projected, error
):
    shares = fit_cohort(counts, periods=periods, model=model).survivals(12)
    assert [f"{share * 100:.1f}" for share in shares[8:]] == projected.split()
    off = [abs(share / (alive / 1000) - 1) for share, alive in zip(shares, counts, strict=True)]
    assert 100 * sum(off[8:]) / 5 == pytest.approx(error, abs=0.006)


@pytest.mark.parametrize(
    ("counts", "model", "last", "error"),
    [
        pytest.param(HE, SBG, "30.7", 13.2, id="HE, sBG fails on four years"),
        pytest.param(HE, BDW, "38.9", 1.68, id="HE, BdW"),
        pytest.param(RG, SBG, "16.0", 5.4, id="RG, sBG"),
        pytest.param(RG, BDW, "17.1", 1.3, id="RG, BdW"),
    ],
)
def test_four_years_are_too_few_for_sbg(counts, model, last, error):
    shares = fit_cohort(counts, periods=4, model=model).survivals(12)
    assert f"{shares[12] * 100:.1f}" == last
    off = [abs(share / (alive / 1000) - 1) for share, alive in zip(shares, counts, strict=True)]
    assert 100 * sum(off[5:]) / 8 == pytest.approx(error, abs=0.051)


@pytest.mark.parametrize(
    ("name", "percent"),
    [
        ("HE", "85.07 74.69 66.98 61.00 56.19 52.23 48.89 46.05 43.58 41.42 39.51 37.80"),
        ("RG", "62.67 47.38 38.80 33.21 29.24 26.25 23.91 22.01 20.44 19.12 17.99 17.01"),
    ],
)
def test_survival_with_the_published_parameters(name: str, percent: str):
    curve = PUBLISHED[name]
    assert [f"{curve.survival(t) * 100:.2f}" for t in range(1, 13)] == percent.split()


@pytest.mark.parametrize("curve", [*PUBLISHED.values(), Curve(BDW, 0.2, 1.4, 1.7)], ids=str)
def test_losses_and_renewal_rates_are_those_of_the_curve(curve: Curve):
    """A public copy of the recursion is off by one: P(t) = S(t−1) − S(t) settles it."""
    alpha, beta = curve.alpha, curve.beta
    loss = alpha / (alpha + beta)
    assert curve.survival(0) == 1 and curve.loss(1) == pytest.approx(loss)
    for t in range(1, 13):
        assert curve.survival(t) == pytest.approx(curve.survival(t - 1) * curve.renewal_rate(t))
        if curve.model is SBG:
            rate = (beta + t - 1) / (alpha + beta + t - 1)
            assert curve.renewal_rate(t) == pytest.approx(rate)
            loss *= (beta + t - 2) / (alpha + beta + t - 1) if t > 1 else 1
            assert curve.loss(t) == pytest.approx(loss)


@pytest.mark.parametrize(
    ("alpha", "beta", "printed"),
    [
        pytest.param(3.8, 15.2, "3.310 3.451 3.587 3.717 3.842", id="Table 3, case 1"),
        pytest.param(1 / 15, 4 / 15, "7.681 9.462 9.856 10.061 10.192", id="Table 3, case 2"),
    ],
)
def test_derl_is_fader_and_hardies_table_3(alpha: float, beta: float, printed: str):
    curve = Curve(SBG, alpha, beta)
    found = [derl(curve, n, discount=0.1) for n in range(1, 6)]
    assert [f"{it:.3f}" for it in found] == printed.split()


def test_derl_counts_the_coming_renewal_in_full():
    """Our index: n is the renewal that comes. jdmaturen README, 7 years of HE: 7.530 at n = 8."""
    curve = fit_cohort(HE, periods=7)
    value = derl(curve, 8, discount=0.1)
    assert f"{value:.4f}" == "7.5296"
    shares = curve.survivals(2000)
    summed = sum(shares[t] / shares[7] * 1.1 ** (8 - t) for t in range(8, 2001))
    assert value == pytest.approx(summed)


@pytest.mark.parametrize(
    ("alpha", "beta"), [(50, 1000), (997_323, 498_634), (1e-6, 1e-4), (0.668, 3.806), (3000, 20)]
)
@pytest.mark.parametrize("discount", [0.01, 0.1, 1.0])
def test_derl_is_the_sum_of_payments_whoever_the_customers_are(alpha, beta, discount):
    """Trap: scipy's hyp2f1 gives nan where customers are much alike (50, 1000)."""
    curve = Curve(SBG, alpha, beta)
    for n in (1, 8):
        summed, staying_on = 0.0, 1.0
        for t in range(n, n + 4000):
            staying_on *= (beta + t - 1) / (alpha + beta + t - 1) / (1 if t == n else 1 + discount)
            summed += staying_on
        assert derl(curve, n, discount=discount) == pytest.approx(summed, rel=1e-9)


def test_a_new_customers_lifetime_includes_the_first_payment():
    """B2, with the published parameters: HE 5.9226, RG 3.6951 at 10 %."""
    found = [del_new(it, discount=0.1) for it in PUBLISHED.values()]
    assert [f"{it:.4f}" for it in found] == ["5.9226", "3.6951"]


@pytest.mark.parametrize(
    ("counts", "curve", "customers", "retention", "naive", "expected", "low"),
    [
        pytest.param(CASE_1, Curve(SBG, 3.8, 15.2), 34178, ".8117", 105848, 120543, "12.2",
                     id="case 1"),
        pytest.param(CASE_2, Curve(SBG, 1 / 15, 4 / 15), 40218, ".9162", 220480, 375436, "41.3",
                     id="case 2"),
    ],
)  # fmt: skip
def test_one_average_rate_undervalues_a_base(
    counts, curve, customers, retention, naive, expected, low
):
    cohorts = [counts[:age] for age in range(1, 6)]
    found = residual(cohorts, curve, discount=0.1)
    assert found.customers == customers
    assert f"{found.retention:.4f}"[1:] == retention
    assert round(found.naive or 0) == naive and round(found.expected or 0) == expected
    assert f"{-100 * (found.naive_error or 0):.1f}" == low


def test_an_infinite_mean_lifetime_is_none_never_negative():
    assert PUBLISHED["HE"].mean_lifetime is None
    assert Curve(BDW, 2.0, 5.0, 1.1).mean_lifetime is None
    assert Curve(SBG, 3.0, 5.0).mean_lifetime == 3.5
    assert sum(Curve(SBG, 3.0, 5.0).survivals(20000)) == pytest.approx(3.5, abs=1e-4)


def test_residual_values_exist_for_sbg_only_and_where_they_are_finite():
    assert derl(Curve(BDW, 1, 1, 2), 1, discount=0.1) is None
    assert derl(PUBLISHED["HE"], 1, discount=0) is None
    assert derl(Curve(SBG, 3, 5), 1, discount=0) == pytest.approx(2.5)
    assert residual([[5]], PUBLISHED["HE"], discount=0).expected is None


def test_the_likelihood_ratio_says_which_model_to_trust():
    def told(counts, periods):
        pair = [fit_cohort(counts, periods=periods, model=it) for it in Model]
        return advice(*pair, periods=periods)

    assert (told(HE, 7).model, told(HE, 7).reason) == (BDW, "fits_better")
    assert told(RG, 7).model is SBG and told(RG, 7).p_value > 0.2
    assert told(RG, 4).reason == "few_periods"


def test_several_cohorts_of_several_ages_are_fitted_together():
    cohorts = [CASE_1[:age] for age in range(1, 6)]
    lives = lives_of(cohorts)
    assert lives.lost == (8000, 4560, 2346, 916) and lives.alive == tuple(CASE_1)
    curve = fit(lives)
    assert (curve.alpha, curve.beta) == pytest.approx((3.8, 15.2), rel=0.02)


def test_single_customers_add_up_to_periods():
    stays = [Stay(12, True), Stay(13, True), Stay(11, False), Stay(12, False), Stay(30, False)]
    assert lives_of_stays(stays) == Lives((1, 1), (1, 1, 1))
    cohort = [Stay(12 * t, True) for t in range(1, 5) for _ in range(CASE_1[t - 1] - CASE_1[t])]
    cohort += [Stay(50, False)] * CASE_1[4]
    assert lives_of_stays(cohort) == lives_of([CASE_1])


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        ([(2, 0, 10), (3, 2, 5)], "bad_period", 3),
        ([(2, 0, 10), (3, 1, 8), (4, 1, 7)], "bad_period", 4),
        ([(2, -1, 10), (3, 0, 8)], "bad_period", 2),
        ([(2, 1, 10), (3, 2, 8)], "bad_period", 2),
        ([(2, 0, 10), (3, 1, 8), (4, 2, 9)], "bad_alive", 4),
        ([(2, 0, 0), (3, 1, 0)], "bad_alive", 2),
        ([(2, 0, 10), (3, 1, -1)], "bad_alive", 3),
        ([(2, 0, 10), (3, 1, float("nan"))], "bad_alive", 3),
        ([(2, 0, 10)], "too_short", None),
        ([], "too_short", None),
    ],
)
def test_an_odd_file_is_refused_with_its_row(rows, code, row):
    with pytest.raises(InputRefused) as refused:
        alive_counts([AliveRow(*it) for it in rows])
    assert (refused.value.code, refused.value.row) == (code, row)


def test_an_unsorted_file_is_read_by_its_periods():
    rows = [AliveRow(2, 1, 8), AliveRow(3, 0, 10), AliveRow(4, 2, 0)]
    assert alive_counts(rows) == [10, 8, 0]


@pytest.mark.parametrize(
    ("lives", "model", "code"),
    [
        (Lives((0, 0, 0), (0, 0, 0, 9)), SBG, "nobody_left"),
        (Lives((9, 0, 0), (0, 0, 0, 0)), SBG, "everybody_left"),
        (Lives((1,), (0, 9)), SBG, "too_few_periods"),
        (Lives((1, 1), (0, 0, 8)), BDW, "too_few_periods"),
    ],
)
def test_where_any_curve_would_fit_none_is_given(lives, model, code):
    with pytest.raises(InputRefused) as refused:
        fit(lives, model)
    assert refused.value.code == code


@pytest.mark.parametrize("periods", [0, 13, -1])
def test_fitted_periods_lie_in_the_file(periods: int):
    with pytest.raises(InputRefused) as refused:
        fit_cohort(HE, periods=periods)
    assert refused.value.code == "bad_fit_periods"


def test_customers_all_alike_still_get_a_curve():
    curve = fit_cohort([16000, 8000, 4000, 2000, 1000], periods=4)
    assert curve.survivals(4) == pytest.approx([0.5**t for t in range(5)], abs=1e-4)
