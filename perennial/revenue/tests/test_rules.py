"""The worked examples of the metric specification (B1) that are of terms, movements, retention."""

from __future__ import annotations

from fractions import Fraction

import pytest

from perennial.contracts.rules import Basis, resolve
from perennial.revenue.rules import exact_sum
from perennial.revenue.rules.growth import annual_churn, monthly_churn
from perennial.revenue.tests.ledger import (
    activity,
    adds,
    book,
    cancels,
    day,
    kept,
    line,
    net,
    reduces,
    told,
)
from perennial.units.money import round_half_up

FEBRUARY = ("2025-01-31", "2025-02-28")
IN_FEBRUARY = ("2025-02-01", "2025-02-28")


def mrr(lines, on: str) -> str:
    return str(round_half_up(book(lines).base(day(on)).mrr))


@pytest.mark.parametrize(
    ("start", "end", "amount", "arr"),
    [
        pytest.param(
            "2024-01-01", "2026-01-01", 400_000, "200000.00", id="1: seed 000, 50万 − 10万"
        ),
        pytest.param(
            "2024-03-01", "2026-03-01", 400_000, "200000.00", id="two years over a leap day"
        ),
        pytest.param("2024-02-29", "2025-02-28", 12_000, "12000.00", id="29 February is 12 months"),
        pytest.param("2024-01-31", "2024-02-29", 1_000, "12000.00", id="month ends are one month"),
        pytest.param("2025-01-15", "2025-12-31", 11_500, "11983.19", id="11.5161 months"),
        pytest.param("2025-01-01", "2026-01-01", 108, "108.00", id="9: ProfitWell, $120 less 10 %"),
    ],
)
def test_a_term_is_annualised_by_its_months(start, end, amount, arr):
    (term,) = resolve([line("A", start, end, amount)])
    assert str(round_half_up(term.mrr * 12)) == arr


def test_1_a_two_year_contract_is_a_yearly_share():
    """50万, two years, 10万 of it implementation (seed 000): MRR 16,666.67."""
    assert mrr([line("A", "2024-01-01", "2026-01-01", 400_000)], "2024-06-30") == "16666.67"


def test_2_monthly_and_yearly_subscriptions_add_up():
    """100 × $100 a month + 50 × $600 a year (Stripe glossary): 12,500."""
    monthly = [line(f"M{n}", "2025-01-01", None, 100, customer_id=n) for n in range(100)]
    yearly = [
        line(f"Y{n}", "2025-01-01", "2026-01-01", 600, customer_id=100 + n) for n in range(50)
    ]
    assert mrr(monthly + yearly, "2025-01-31") == "12500.00"


def test_3_the_story_of_gold_and_silver():
    """ChartMogul 201244842; the last figure is the specification's."""
    lines = [
        line("gold", "2025-01-01", "2026-01-01", 2000),
        adds("silver", "2025-03-10", 60),
        cancels("silver", "2025-05-10"),
        cancels("gold", "2026-01-01", "X2"),
        line("gold2", "2026-04-01", None, 150),
    ]
    story = {
        ("2025-01-01", "2025-01-31"): {"new": "166.67"},
        ("2025-03-01", "2025-03-31"): {"expansion": "60.00"},
        ("2025-05-01", "2025-05-31"): {"contraction": "-60.00"},
        ("2025-12-01", "2025-12-31"): {},
        ("2026-01-01", "2026-01-31"): {"churn": "-166.67"},
        ("2026-04-01", "2026-04-30"): {"reactivation": "150.00"},
    }
    for (first, last), expected in story.items():
        found = {kind: str(round_half_up(x)) for kind, x in told(net(lines, first, last)).items()}
        assert found == expected


def test_4_churn_and_contraction_of_ten_each():
    """ChartMogul: start 100, churn 10, contraction 10, expansion 10."""
    lines = [
        line("A", "2025-01-01", None, 10, customer_id=1),
        line("B", "2025-01-01", None, 40, customer_id=2),
        line("C", "2025-01-01", None, 50, customer_id=3),
        cancels("A", "2025-02-05"),
        reduces("B", "2025-02-05", -10, customer_id=2),
        adds("C2", "2025-02-05", 10, customer_id=3),
    ]
    found = kept(lines, *FEBRUARY)
    assert (found.gross_churn, found.net_churn) == (Fraction(1, 5), Fraction(1, 10))
    assert (found.grr, found.nrr) == (Fraction(80, 100), Fraction(90, 100))


def test_5_expansion_alone_is_negative_churn():
    """ChartMogul: start 100, end 120 of which 10 new: net churn −10 %."""
    lines = [
        line("A", "2025-01-01", None, 100),
        adds("A2", "2025-02-05", 10),
        line("B", "2025-02-05", None, 10, customer_id=2),
    ]
    found = kept(lines, *FEBRUARY)
    assert (found.start_mrr, found.end_mrr, found.net_churn) == (100, 120, Fraction(-1, 10))


def test_7_upgrade_then_cancel_loses_the_start_and_no_more():
    """Baremetrics' old trap: 500 → 1379 → 0 is 100 % lost, not 275.8 %."""
    lines = [
        line("A", "2025-01-01", None, 500),
        adds("B", "2025-02-05", 879),
        cancels("A;B", "2025-02-20"),
    ]
    assert kept(lines, *FEBRUARY).gross_churn == 1
    assert told(net(lines, *IN_FEBRUARY)) == {"churn": -500}
    assert told(activity(lines, *IN_FEBRUARY)) == {"expansion": 879, "churn": -1379}


@pytest.mark.parametrize(
    ("basis", "churn"),
    [
        pytest.param("start", Fraction(6, 100), id="ours: 6 old of 100"),
        pytest.param("start_and_new", Fraction(8, 120), id="Stripe: 8 of 120"),
        pytest.param("start_all_gone", Fraction(8, 100), id="Baremetrics: 8 of 100"),
    ],
)
def test_8_what_lost_customers_are_divided_by(basis, churn):
    """100 active, 20 new, 6 old and 2 new gone."""
    old = [line(f"O{n}", "2025-01-01", None, 10, customer_id=n) for n in range(100)]
    new = [line(f"N{n}", "2025-02-05", None, 10, customer_id=100 + n) for n in range(20)]
    gone = [cancels(f"O{n}", "2025-02-20", f"XO{n}", customer_id=n) for n in range(6)]
    gone += [cancels(f"N{n}", "2025-02-20", f"XN{n}", customer_id=100 + n) for n in range(2)]
    found = kept(old + new + gone, *FEBRUARY, churn_basis=basis)
    assert (found.logo_churn, found.logo_retention) == (churn, Fraction(94, 100))


def test_10_ten_customers_of_ten():
    """partnershare.cn: 6 → 20, 1 → 5, 3 leave: NDR 125 %, GRR 65 %, logos 70 %."""
    lines = [line(f"A{n}", "2025-01-01", None, 10, customer_id=n) for n in range(10)]
    lines += [adds(f"B{n}", "2025-02-05", 10, customer_id=n) for n in range(6)]
    lines += [reduces("A6", "2025-02-05", -5, customer_id=6)]
    lines += [cancels(f"A{n}", "2025-02-05", f"X{n}", customer_id=n) for n in (7, 8, 9)]
    found = kept(lines, *FEBRUARY)
    assert (found.nrr, found.grr) == (Fraction(125, 100), Fraction(65, 100))
    assert (found.logo_retention, found.logo_churn) == (Fraction(70, 100), Fraction(30, 100))


def test_11_losses_of_eighty_thousand_in_a_million():
    """payproglobal: ARR 1,000,000, contraction 50k, churn 30k: GRR 92 %."""
    lines = [
        line("A", "2025-01-01", "2026-01-01", 30_000, customer_id=1),
        line("B", "2025-01-01", "2026-01-01", 970_000, customer_id=2),
        cancels("A", "2025-02-05"),
        reduces("B", "2025-02-05", Fraction(-50_000, 12), customer_id=2),
    ]
    assert kept(lines, *FEBRUARY).grr == Fraction(92, 100)


def test_12_a_fall_that_was_made_good_counts_only_in_the_movement_rates():
    """100 → 150 → 120: endpoint GRR 100 %, NRR 120 %; by movements GRR 70 %."""
    lines = [
        line("A", "2025-01-01", None, 100),
        adds("B", "2025-02-05", 50),
        reduces("B", "2025-02-15", -30),
    ]
    found = kept(lines, *FEBRUARY)
    assert (found.grr, found.nrr) == (Fraction(1), Fraction(120, 100))
    assert (found.grr_movement, found.nrr_movement) == (Fraction(70, 100), Fraction(120, 100))


@pytest.mark.parametrize(
    ("churn", "days", "annual", "monthly"),
    [(0.05, 30, 0.4642, 0.0507), (0.10, 90, 0.3477, 0.0350), (0.02, 31, 0.2117, 0.0196)],
    ids=lambda it: str(it),
)
def test_13_churn_is_brought_to_a_year_by_compounding(churn, days, annual, monthly):
    """fight-churn, listing 2.5."""
    assert round(annual_churn(churn, days=days), 4) == annual
    assert round(monthly_churn(churn, days=days), 4) == monthly


def test_14_five_percent_a_month_are_forty_six_a_year():
    assert round(annual_churn(Fraction(5, 100), days=365 / 12), 4) == 0.4596
    assert round(monthly_churn(0.20, days=365), 5) == 0.01842


@pytest.mark.parametrize(
    ("reactivation", "ratio"),
    [("true", "3.7143"), ("false", "3.5714")],
    ids=["with reactivation", "Baremetrics: without"],
)
def test_17_the_quick_ratio(reactivation, ratio):
    """new 10,000, expansion 2,500, reactivation 500, contraction 1,500, churn 2,000."""
    lines = [
        line("back", "2024-01-01", "2024-06-01", 100, customer_id=1),
        line("back2", "2025-02-05", None, 500, customer_id=1),
        line("stays", "2024-01-01", None, 5_000, customer_id=2),
        adds("more", "2025-02-05", 2_500, customer_id=2),
        line("less", "2024-01-01", None, 5_000, customer_id=3),
        reduces("less", "2025-02-05", -1_500, customer_id=3),
        line("goes", "2024-01-01", "2025-02-10", 2_000, customer_id=4, basis=Basis.MRR),
        line("comes", "2025-02-10", None, 10_000, customer_id=5),
    ]
    found = kept(lines, *FEBRUARY, quick_ratio_reactivation=reactivation)
    assert found.quick_ratio is not None
    assert str(round_half_up(found.quick_ratio, places=4)) == ratio


def test_no_start_gives_no_rate_and_says_why():
    found = kept([line("A", "2025-02-01", None, 10)], *FEBRUARY)
    missing = {"grr", "nrr", "logo_retention", "logo_churn", "gross_churn", "net_churn"}
    missing |= {"grr_movement", "nrr_movement"}
    assert found.reasons == dict.fromkeys(missing, "nothing_at_start") | {
        "quick_ratio": "no_losses"
    }
    assert all(getattr(found, name) is None for name in found.reasons)
    assert (found.start_mrr, found.end_mrr) == (0, 10)


def test_the_exact_sum_of_thirds_is_a_whole():
    assert exact_sum([Fraction(1, 3)] * 3 + [Fraction(1, 7)] * 7) == 2
