"""The worked examples of the metric specification, B1, and the traps of movements."""

from __future__ import annotations

from fractions import Fraction

from perennial.contracts.rules import Kind
from perennial.revenue.rules import (
    State,
    exact_sum,
    gross_churn,
    movement_rates,
    net_churn,
)
from perennial.revenue.tests.ledger import (
    _period,
    activity,
    by_customer,
    cancels,
    counted,
    daily,
    day,
    kept,
    line,
    net,
    states,
    told,
)
from perennial.units.money import round_half_up


def paying(mrr: int) -> State:
    return State(Fraction(mrr), paying=mrr > 0)


def mrr(lines, on: str) -> str:
    total = exact_sum(state.mrr for state in states(by_customer(lines), day(on)).values())
    return str(round_half_up(total))


def test_1_two_years_with_a_one_off_fee_are_a_yearly_share():
    """50万, two years, 10万 of it implementation (seed 000): ARR 20万, MRR 16,666.67."""
    lines = [line("A", "2024-01-01", "2026-01-01", 400_000)]
    assert mrr(lines, "2024-06-30") == "16666.67"
    (term,) = by_customer(lines)[1]
    assert term.mrr * 12 == 200_000


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
        line("silver", "2025-03-10", None, 60, kind=Kind.ADDON),
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
    before = {1: paying(10), 2: paying(40), 3: paying(50)}
    after = {2: paying(30), 3: paying(60)}
    found = kept(before, after)
    assert (found.grr, found.nrr) == (Fraction(80, 100), Fraction(90, 100))
    lines = [
        line("A", "2025-01-01", None, 10, customer_id=1),
        line("B", "2025-01-01", None, 40, customer_id=2),
        line("C", "2025-01-01", None, 50, customer_id=3),
        cancels("A", "2025-02-05"),
        line("B2", "2025-02-05", None, -10, customer_id=2, kind=Kind.DOWNSELL, renews=("B",)),
        line("C2", "2025-02-05", None, 10, customer_id=3, kind=Kind.ADDON),
    ]
    report = net(lines, "2025-02-01", "2025-02-28")
    assert (gross_churn(report), net_churn(report)) == (Fraction(1, 5), Fraction(1, 10))


def test_5_expansion_alone_is_negative_churn():
    """ChartMogul: start 100, end 120 of which 10 new: net churn −10 %."""
    lines = [
        line("A", "2025-01-01", None, 100),
        line("A2", "2025-02-05", None, 10, kind=Kind.ADDON),
        line("B", "2025-02-05", None, 10, customer_id=2),
    ]
    report = net(lines, "2025-02-01", "2025-02-28")
    assert (report.start, report.end) == (Fraction(100), Fraction(120))
    assert net_churn(report) == Fraction(-1, 10)


def test_7_upgrade_then_cancel_loses_the_start_and_no_more():
    """Baremetrics' old trap: 500 → 1379 → 0 is 100 % lost, not 275.8 %."""
    lines = [
        line("A", "2025-01-01", None, 500),
        line("B", "2025-02-05", None, 879, kind=Kind.ADDON),
        cancels("A;B", "2025-02-20"),
    ]
    report = net(lines, "2025-02-01", "2025-02-28")
    assert gross_churn(report) == 1
    assert told(report) == {"churn": -500}
    assert told(activity(lines, "2025-02-01", "2025-02-28")) == {"expansion": 879, "churn": -1379}


def test_9_a_discount_lowers_the_mrr():
    """ProfitWell: $120 a year less 10 % is 9."""
    assert mrr([line("A", "2025-01-01", "2026-01-01", 108)], "2025-01-31") == "9.00"


def test_10_ten_customers_of_ten():
    """partnershare.cn: 6 → 20, 1 → 5, 3 leave: NDR 125 %, GRR 65 %, logos 70 %."""
    before = {n: paying(10) for n in range(10)}
    after = {n: paying(20) for n in range(6)} | {6: paying(5)}
    found = kept(before, after)
    assert found.nrr == Fraction(125, 100)
    assert found.grr == Fraction(65, 100)
    assert found.logo_retention == Fraction(70, 100)
    assert found.logo_churn == Fraction(30, 100)


def test_11_losses_of_eighty_thousand_in_a_million():
    """payproglobal: ARR 1,000,000, contraction 50k, churn 30k: GRR 92 %."""
    before = {1: paying(30_000), 2: paying(970_000)}
    assert kept(before, {2: paying(920_000)}).grr == Fraction(92, 100)


def test_12_a_fall_that_was_made_good_counts_only_in_the_movement_rates():
    """100 → 150 → 120: endpoint GRR 100 %, NRR 120 %; by movements GRR 70 %."""
    lines = [
        line("A", "2025-01-01", None, 100),
        line("B", "2025-02-05", None, 50, kind=Kind.ADDON),
        line("D", "2025-02-15", None, -30, kind=Kind.DOWNSELL, renews=("B",)),
    ]
    terms = by_customer(lines)
    before, after = states(terms, day("2025-01-31")), states(terms, day("2025-02-28"))
    found = kept(before, after)
    assert (found.grr, found.nrr) == (Fraction(1), Fraction(120, 100))
    moves = daily(terms, _period("2025-02-01", "2025-02-28"))
    assert movement_rates(before, moves) == (Fraction(70, 100), Fraction(120, 100))


def test_no_start_gives_no_rate():
    found = kept({}, {1: paying(10)})
    assert (found.grr, found.nrr, found.logo_retention, found.logo_churn) == (None,) * 4
    report = net([line("A", "2025-02-01", None, 10)], "2025-02-01", "2025-02-28")
    assert (gross_churn(report), net_churn(report)) == (None, None)


def test_an_old_customer_is_a_returning_one_however_long_ago_it_left():
    """The month spine of a dbt-style model begins somewhere and calls it new."""
    lines = [
        line("A", "2017-09-01", "2017-11-01", 50),
        line("B", "2025-02-05", "2026-02-05", 1200),
    ]
    assert told(net(lines, "2025-02-01", "2025-02-28")) == {"reactivation": 100}


def test_a_renewal_without_change_is_no_movement():
    lines = [
        line("A", "2024-02-10", "2025-02-10", 1200),
        line("R", "2025-02-10", "2026-02-10", 1200, kind=Kind.RENEWAL, renews=("A",)),
    ]
    for report in (net, activity):
        found = report(lines, "2025-02-01", "2025-02-28")
        assert (told(found), counted(found), found.customers) == ({}, {}, 1)


def test_an_early_renewal_at_a_higher_price_expands_on_its_first_day():
    lines = [
        line("A", "2024-03-01", "2025-03-01", 1200),
        line("R", "2025-02-01", "2026-02-01", 1800, kind=Kind.RENEWAL, renews=("A",)),
    ]
    assert told(net(lines, "2025-01-01", "2025-01-31")) == {}
    assert told(activity(lines, "2025-02-01", "2025-02-28")) == {"expansion": 50}


def test_cancelled_and_bought_again_on_one_day_nets():
    lines = [
        line("A", "2024-03-01", "2026-03-01", 2400),
        cancels("A", "2025-02-10"),
        line("B", "2025-02-10", "2026-02-10", 960),
    ]
    assert told(activity(lines, "2025-02-01", "2025-02-28")) == {"contraction": -20}


def test_one_of_several_subscriptions_dropped_is_contraction():
    lines = [
        line("A", "2025-01-01", None, 100),
        line("B", "2025-01-01", None, 40),
        cancels("B", "2025-02-10"),
    ]
    found = net(lines, "2025-02-01", "2025-02-28")
    assert told(found) == {"contraction": -40}
    assert (counted(found), found.customers) == ({"contraction": 1}, 1)


def test_a_downsell_in_a_company_without_churn_is_contraction():
    lines = [
        line("A", "2025-01-01", None, 100),
        line("D", "2025-02-10", None, -25, kind=Kind.DOWNSELL, renews=("A",)),
    ]
    assert told(net(lines, "2025-02-01", "2025-02-28")) == {"contraction": -25}


def test_come_and_gone_inside_the_period_shows_only_in_the_activity_report():
    lines = [line("A", "2025-02-05", "2025-02-20", 15)]
    assert counted(net(lines, "2025-02-01", "2025-02-28")) == {}
    assert counted(activity(lines, "2025-02-01", "2025-02-28")) == {"new": 1, "churn": 1}


def test_new_customers_who_left_and_came_back_inside_the_period_are_new():
    lines = [line("A", "2025-02-01", "2025-02-10", 9), line("B", "2025-02-20", None, 30)]
    assert counted(net(lines, "2025-02-01", "2025-02-28")) == {"new": 1}
    assert counted(activity(lines, "2025-02-01", "2025-02-28")) == {
        "new": 1,
        "reactivation": 1,
        "churn": 1,
    }
