"""Pauses, trials, rounding and unknown amounts: what counts as recurring revenue."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from perennial.contracts.rules import Basis, Kind, Line
from perennial.revenue.rules import Movement, Rates, Report
from perennial.revenue.rules.retention_report import FIGURES
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
    pause,
    period,
    told,
)

FEBRUARY = ("2025-02-01", "2025-02-28")
MARCH = ("2025-03-01", "2025-03-31")
BETWEEN = {
    *("new", "expansion", "reactivation", "contraction", "churn", "net", "fx", "rounding"),
    *("grr", "nrr", "counts.expansion", "counts.contraction"),
}


def test_a_pause_contracts_and_its_end_expands_but_nobody_leaves():
    lines, pauses = [line("A", "2025-01-01", None, 100)], [pause("2025-02-10", "2025-03-10")]
    paused, resumed = net(lines, *FEBRUARY, pauses), net(lines, *MARCH, pauses)
    assert (told(paused), told(resumed)) == ({"contraction": -100}, {"expansion": 100})
    assert paused.end == 0
    assert (paused.customers, resumed.start_customers) == (1, 1)


def test_a_paused_customer_whose_service_ends_churns_with_nothing():
    lines = [line("A", "2025-01-01", "2025-03-15", 250)]
    found = net(lines, *MARCH, [pause("2025-02-10")])
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
    steps = book(lines, pauses).history(1).steps
    assert [(step.on.isoformat(), int(step.after.mrr)) for step in steps] == [
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
    assert book(lines).states(day("2025-06-01")) == {}
    converted = [*lines, line("B", "2025-03-01", None, 10)]
    assert counted(net(converted, *MARCH)) == {"new": 1}


def test_a_full_discount_is_no_customer_and_no_movement():
    assert counted(net([line("A", "2025-02-01", None, 0)], *FEBRUARY)) == {}


def test_start_plus_printed_movements_may_miss_the_end_by_the_rounding_that_is_told():
    lines = [line(f"T{n}", "2025-02-01", "2025-05-01", 1, customer_id=n) for n in range(2)]
    lines += [line("O", "2025-01-01", "2025-04-01", 1, customer_id=9)]
    report = net(lines, *FEBRUARY)
    assert (report.start, report.end) == (Fraction(1, 3), Fraction(1))
    assert report.rounding == Fraction(1) - Fraction("0.33") - Fraction("0.67")
    odd = [line("P", "2025-01-01", "2025-04-01", 1), line("Q", "2025-02-01", "2025-05-01", 1)]
    assert net(odd, *FEBRUARY).rounding == Fraction("0.67") - 2 * Fraction("0.33")


def test_every_kind_of_movement_is_in_every_report():
    report = net([], "2025-01-01", "2025-01-31")
    assert set(report.amounts) == set(report.counts) == set(Movement)


def test_the_customers_behind_a_figure_stand_largest_first():
    lines = [line(f"N{n}", "2025-02-05", None, n, customer_id=n) for n in (3, 9, 5)]
    lines += [line("A", "2025-01-01", "2025-02-10", 999, customer_id=7)]
    movers = book(lines).movers(period(*FEBRUARY), Movement.NEW)
    assert [move.customer_id for move in movers] == [9, 5, 3]


MISSING = [
    pytest.param({"currency": "USD"}, "missing_rate", id="a currency without a rate"),
    pytest.param({"basis": Basis.TOTAL}, "split_missing", id="拆分缺失"),
]


def doubtful(start: str, end: str, **also: Any) -> list[Line]:
    """A customer whose amount cannot be known beside one that pays 100."""
    odd = line("U", start, end, 50, customer_id=2, **also)
    return [line("A", "2025-01-01", None, 100), adds("A2", "2025-02-05", 20), odd]


@pytest.mark.parametrize(("given", "reason"), MISSING)
def test_an_unknown_amount_takes_along_what_depends_on_it_and_nothing_else(given, reason):
    lines = doubtful("2025-02-10", "2025-03-15", **given)
    january = net(lines, "2025-01-01", "2025-01-31")
    assert (january.unknown, january.figure("end")) == ({}, 100)
    february, march, april = (
        net(lines, first, last) for first, last in (FEBRUARY, MARCH, ("2025-04-01", "2025-04-30"))
    )
    assert february.unknown == dict.fromkeys([*BETWEEN, "end"], reason)
    assert march.unknown == dict.fromkeys([*BETWEEN, "start"], reason)
    assert (april.unknown, april.figure("start")) == ({}, 120)
    assert [february.figure(name) for name in ("start", "end", "new")] == [100, None, None]
    assert (counted(february)["new"], counted(march)["churn"], february.customers) == (1, 1, 2)


@pytest.mark.parametrize(("given", "reason"), MISSING)
def test_rates_and_totals_with_an_unknown_amount_are_none_with_the_reason(given, reason):
    lines = doubtful("2025-02-10", "2025-03-15", **given)
    found = kept(lines, "2025-01-31", "2025-02-28")
    assert set(found.reasons.values()) == {reason}
    assert set(FIGURES) - set(found.reasons) == {"logo_retention", "logo_churn", "start_mrr"}
    assert (found.start_mrr, found.end_mrr, found.grr, found.logo_retention) == (100, None, None, 1)


@pytest.mark.parametrize(("given", "reason"), MISSING)
def test_an_unknown_amount_between_the_ends_spoils_the_days_only(given, reason):
    lines = doubtful("2025-02-10", "2025-02-20", **given)
    assert net(lines, *FEBRUARY).unknown == {}
    assert activity(lines, *FEBRUARY).unknown == dict.fromkeys(BETWEEN, reason)
    found = kept(lines, "2025-01-31", "2025-02-28")
    assert found.reasons == {
        "grr_movement": reason,
        "nrr_movement": reason,
        "quick_ratio": "no_losses",
    }


def test_other_currencies_count_at_plan_rates():
    lines = [
        line("A", "2025-01-01", None, 100),
        line("B", "2025-01-01", None, 10, currency="USD"),
        line("T", "2025-01-01", None, 0, currency="GBP", kind=Kind.TRIAL),
    ]
    found = book(lines, rates=Rates(plan={"USD": Fraction(7)})).base(day("2025-01-31"))
    assert (found.mrr, found.unknown) == (170, "")


def test_a_plan_rate_is_no_spot_rate_and_a_spot_rate_begins_somewhere():
    lines = [line("B", "2025-01-01", None, 10, currency="USD")]
    assert net(lines, *FEBRUARY, rates=Rates(plan={"USD": Fraction(7)}), fx="spot").unknown
    begun = Rates(spot={"USD": ((day("2025-02-10"), Fraction(7)),)})
    found = net(lines, *FEBRUARY, rates=begun, fx="spot")
    assert (found.figure("start"), found.figure("end")) == (None, 70)


def test_metered_revenue_without_a_rate_is_unknown_and_spoils_nothing_else():
    lines = [
        line("A", "2025-01-01", None, 100),
        line("U", "2025-02-01", "2025-03-01", 60, kind=Kind.USAGE, currency="EUR"),
    ]
    assert net(lines, *FEBRUARY).unknown == {"usage_revenue": "missing_rate"}


def test_a_segment_is_a_book_of_its_own():
    lines = [line(f"A{n}", "2025-01-01", None, n, customer_id=n) for n in (1, 2, 3)]
    lines += [cancels("A2", "2025-02-10", customer_id=2)]
    found = book(lines).only({2, 3})
    report = found.movements(period(*FEBRUARY), Report.ACTIVITY)
    assert (report.start, told(report), list(found.keys())) == (5, {"churn": -2}, [2, 3])
