"""Pauses, trials, rounding and currencies: what counts as recurring revenue."""

from __future__ import annotations

from fractions import Fraction

import pytest

from perennial.contracts.rules import Kind, Pause
from perennial.revenue.rules import (
    NOTHING,
    Movement,
    in_currency,
    state_on,
    steps,
)
from perennial.revenue.tests.ledger import (
    by_customer,
    counted,
    day,
    line,
    moment,
    net,
    states,
    told,
)


def pause(start: str, end: str | None, order_id: str = "") -> Pause:
    return Pause(1, day(start), day(end) if end else None, moment(day(start)), order_id)


def test_a_pause_contracts_and_its_end_expands_but_nobody_leaves():
    lines, pauses = [line("A", "2025-01-01", None, 100)], [pause("2025-02-10", "2025-03-10")]
    paused = net(lines, "2025-02-01", "2025-02-28", pauses)
    resumed = net(lines, "2025-03-01", "2025-03-31", pauses)
    assert told(paused) == {"contraction": -100}
    assert told(resumed) == {"expansion": 100}
    assert paused.end == 0
    assert (paused.customers, resumed.start_customers) == (1, 1)


def test_a_paused_customer_whose_service_ends_churns_with_nothing():
    lines = [line("A", "2025-01-01", "2025-03-15", 250)]
    found = net(lines, "2025-03-01", "2025-03-31", [pause("2025-02-10", None)])
    assert (told(found), counted(found), found.customers) == ({}, {"churn": 1}, 0)


def test_overlapping_pauses_count_once():
    lines = [line("A", "2025-01-01", "2026-01-01", 1200)]
    pauses = [
        pause("2025-02-10", "2025-03-10"),
        pause("2025-03-01", "2025-04-01"),
        pause("2025-02-20", "2025-02-25", "A"),
        pause("2024-01-01", "2025-01-05"),
        pause("2025-12-01", "2026-06-01"),
    ]
    (terms,) = by_customer(lines, pauses).values()
    found = [(step.on.isoformat(), int(step.after.mrr)) for step in steps(terms)]
    assert found == [
        ("2025-01-01", 0),
        ("2025-01-05", 100),
        ("2025-02-10", 0),
        ("2025-04-01", 100),
        ("2025-12-01", 0),
        ("2026-01-01", 0),
    ]


@pytest.mark.parametrize("kind", [Kind.TRIAL, Kind.BUYOUT])
def test_trials_and_buyouts_are_no_paying_customers(kind):
    lines = [line("A", "2025-01-01", "2026-01-01", 0, kind=kind)]
    assert states(by_customer(lines), day("2025-06-01")) == {1: NOTHING}
    converted = [*lines, line("B", "2025-03-01", None, 10)]
    assert counted(net(converted, "2025-03-01", "2025-03-31")) == {"new": 1}


def test_a_full_discount_is_no_customer_and_no_movement():
    assert counted(net([line("A", "2025-02-01", None, 0)], "2025-02-01", "2025-02-28")) == {}


def test_start_plus_printed_movements_may_miss_the_end_by_the_rounding_that_is_told():
    lines = [
        line(f"T{n}", "2025-02-01", "2025-05-01", 1, customer_id=n, kind=Kind.NEW) for n in range(2)
    ] + [line("O", "2025-01-01", "2025-04-01", 1, customer_id=9)]
    report = net(lines, "2025-02-01", "2025-02-28")
    assert (report.start, report.end) == (Fraction(1, 3), Fraction(1))
    assert report.rounding == Fraction(1) - Fraction("0.33") - Fraction("0.67")
    odd = [line("P", "2025-01-01", "2025-04-01", 1), line("Q", "2025-02-01", "2025-05-01", 1)]
    assert net(odd, "2025-02-01", "2025-02-28").rounding == Fraction("0.67") - 2 * Fraction("0.33")


def test_other_currencies_count_at_plan_rates_or_are_named():
    lines = [
        line("A", "2025-01-01", None, 100),
        line("B", "2025-01-01", None, 10, currency="USD"),
        line("C", "2025-01-01", None, 10, currency="EUR"),
        line("T", "2025-01-01", None, 0, currency="GBP", kind=Kind.TRIAL),
    ]
    (terms,) = by_customer(lines).values()
    counted_terms, left_out = in_currency(terms, currency="CNY", rates={"USD": Fraction(7)})
    assert state_on(counted_terms, day("2025-01-31")).mrr == 170
    assert left_out == {"EUR"}


def test_every_kind_of_movement_is_in_every_report():
    report = net([], "2025-01-01", "2025-01-31")
    assert set(report.amounts) == set(report.counts) == set(Movement)
