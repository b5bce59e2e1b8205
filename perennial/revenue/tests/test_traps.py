"""Where public tools are known to be wrong, each trap by its name."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Kind, resolve
from perennial.revenue.tests.ledger import (
    activity,
    adds,
    book,
    cancels,
    counted,
    day,
    kept,
    line,
    net,
    period,
    reduces,
    told,
)

FEBRUARY = ("2025-02-01", "2025-02-28")


def test_open_ended_subscriptions_are_not_forgotten():
    """A model that joins months to start and end loses those without an end."""
    lines = [line("A", "2025-01-10", None, 100)]
    assert [int(net(lines, f"{year}-03-01", f"{year}-03-31").end) for year in (2025, 2035)] == [
        100,
        100,
    ]


def test_a_downsell_counts_in_a_period_without_any_churned_customer():
    """A report that starts from the churned customers shows no contraction when there are none."""
    lines = [line("A", "2025-01-01", None, 100), reduces("A", "2025-02-10", -25)]
    found = net(lines, *FEBRUARY)
    assert told(found) == {"contraction": -25}
    assert (counted(found), found.customers) == ({"contraction": 1}, 1)
    assert kept(lines, "2025-01-31", "2025-02-28").gross_churn == Fraction(1, 4)


def test_half_a_year_is_six_months_and_never_days_by_365():
    """6,000 for half a year are 12,000 a year; by days they were 12,099.45."""
    (term,) = resolve([line("A", "2025-01-01", "2025-07-01", 6_000)])
    assert term.mrr * 12 == 12_000


def test_an_upgrade_before_the_cancellation_loses_no_more_than_everything():
    """500 → 1,379 → 0 within the period is 100 %, not 275.8 %."""
    lines = [
        line("A", "2025-01-01", None, 500),
        adds("B", "2025-02-05", 879),
        cancels("A;B", "2025-02-20"),
    ]
    found = kept(lines, "2025-01-31", "2025-02-28")
    assert (found.gross_churn, found.grr, found.nrr) == (1, 0, 0)


def test_a_month_spine_that_begins_too_late_forgets_who_paid_before_it():
    """A spine from 2018-01 calls a customer of 2017 new; all history is looked at here."""
    lines = [line("A", "2017-01-01", "2017-12-15", 110), line("B", "2018-02-01", None, 10)]
    assert told(net(lines, "2018-02-01", "2018-02-28")) == {"reactivation": 10}
    assert book(lines).first_paid(1) == date(2017, 1, 1)


def test_new_and_gone_in_one_month_shows_in_the_activity_report_only():
    """The month's ends know nothing of it; the days do."""
    lines = [line("A", "2025-02-05", "2025-02-20", 15)]
    assert counted(net(lines, *FEBRUARY)) == {}
    assert counted(activity(lines, *FEBRUARY)) == {"new": 1, "churn": 1}


def test_churn_falls_on_the_first_day_without_service_not_on_the_last_of_the_month():
    lines = [line("A", "2024-03-01", "2025-03-01", 1200)]
    assert told(net(lines, *FEBRUARY)) == {}
    assert told(net(lines, "2025-03-01", "2025-03-31")) == {"churn": -100}


def test_a_customer_that_left_twice_in_a_year_is_lost_once():
    """Twelve months' churn added up counts it twice."""
    lines = [
        line("A", "2024-01-01", "2025-03-01", 1400),
        line("B", "2025-05-01", "2025-09-01", 400),
        line("C", "2024-01-01", None, 100, customer_id=2),
    ]
    found = kept(lines, "2024-12-31", "2025-12-31")
    assert (found.logo_churn, found.gross_churn) == (Fraction(1, 2), Fraction(1, 2))
    assert counted(activity(lines, "2025-01-01", "2025-12-31"))["churn"] == 2


def test_one_of_several_subscriptions_dropped_is_contraction():
    lines = [
        line("A", "2025-01-01", None, 100),
        line("B", "2025-01-01", None, 40),
        cancels("B", "2025-02-10"),
    ]
    found = net(lines, *FEBRUARY)
    assert (told(found), found.customers) == ({"contraction": -40}, 1)


def test_a_renewal_without_change_is_no_movement():
    lines = [
        line("A", "2024-02-15", "2025-02-15", 1200),
        line("R", "2025-02-15", "2026-02-15", 1200, kind=Kind.RENEWAL, renews=("A",)),
    ]
    for report in (net, activity):
        found = report(lines, *FEBRUARY)
        assert (told(found), counted(found), found.customers) == ({}, {}, 1)


def test_an_early_renewal_at_a_higher_price_expands_on_its_first_day():
    lines = [
        line("A", "2024-03-01", "2025-03-01", 1200),
        line("R", "2025-02-01", "2026-02-01", 1800, kind=Kind.RENEWAL, renews=("A",)),
    ]
    assert told(net(lines, "2025-01-01", "2025-01-31")) == {}
    assert told(activity(lines, *FEBRUARY)) == {"expansion": 50}


def test_cancelled_and_bought_again_on_one_day_nets():
    lines = [
        line("A", "2024-03-01", "2026-03-01", 2400),
        cancels("A", "2025-02-10"),
        line("B", "2025-02-10", "2026-02-10", 960),
    ]
    assert told(activity(lines, *FEBRUARY)) == {"contraction": -20}


def test_new_customers_who_left_and_came_back_inside_the_period_are_new():
    lines = [line("A", "2025-02-01", "2025-02-10", 9), line("B", "2025-02-20", None, 30)]
    assert counted(net(lines, *FEBRUARY)) == {"new": 1}
    assert counted(activity(lines, *FEBRUARY)) == {"new": 1, "reactivation": 1, "churn": 1}


def test_one_minus_net_churn_is_not_nrr_when_customers_came_back():
    lines = [
        line("old", "2024-01-01", "2024-06-01", 500, customer_id=1),
        line("back", "2025-02-05", None, 40, customer_id=1),
        line("A", "2024-01-01", None, 100, customer_id=2),
    ]
    found = kept(lines, "2025-01-31", "2025-02-28")
    assert (found.net_churn, found.nrr) == (Fraction(-40, 100), 1)


def test_losses_are_told_of_the_customers_that_had_something_to_lose():
    """Movements: a new customer's own downsell does not touch the retention of the others."""
    lines = [
        line("A", "2025-01-01", None, 100),
        line("N", "2025-02-05", None, 50, customer_id=2),
        reduces("N", "2025-02-15", -20, customer_id=2),
    ]
    found = book(lines).retention(day("2025-01-31"), day("2025-02-28"))
    assert (found.grr_movement, found.nrr_movement) == (1, 1)
    assert book(lines).movements(period(*FEBRUARY)).end == 130
