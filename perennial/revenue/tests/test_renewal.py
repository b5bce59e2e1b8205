"""续约率 and 续费率 of what fell due (metric specification A4), each trap by its name."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from perennial.contracts.rules import Basis, Kind, Line
from perennial.revenue.rules.definitions import MergedBase
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.renewal import (
    NOTHING_DECIDED,
    NOTHING_DUE,
    Bounds,
    by_segment,
    rates_of,
)
from perennial.revenue.tests.ledger import line
from perennial.revenue.tests.renewing import renews, report, told

A = line("A", "2024-07-01", "2025-07-01", 1200)
R = ("2025-07-01", "2026-07-01")


def test_a_customer_with_two_items_counts_once_and_is_renewed_by_one_of_them():
    other = line("B", "2024-08-01", "2025-08-01", 2400)
    found = report([A, other, renews("A", "R", *R, 1200)]).raw
    assert (found.due_customers, found.renewed_customers, found.logo_renewal_rate) == (1, 1, 1)
    assert found.amount_renewal_rate == Fraction(1, 3)


def four() -> list[Line]:
    """Two renewed (one with upsell), one lost, one open."""
    lines = [
        line(f"A{pk}", "2024-07-01", "2025-07-01", amount, customer_id=pk)
        for pk, amount in ((1, 1000), (2, 3000), (3, 2000))
    ]
    return [
        *lines,
        line("A4", "2024-10-01", "2025-10-01", 4000, customer_id=4),
        renews("A1", "R1", *R, 1500, customer_id=1),
        renews("A2", "R2", *R, 2700, customer_id=2),
    ]


def test_the_four_rates_and_the_bounds_of_an_open_period():
    rates = report(four(), known="2025-08-15").raw
    assert (rates.due_customers, rates.due_amount, rates.renewed_customers) == (4, 10000, 2)
    assert (rates.open_customers, rates.lost_customers, rates.open_amount) == (1, 1, 4000)
    assert rates.logo_renewal_rate == Fraction(2, 3)
    assert rates.amount_renewal_rate == Fraction(3700, 6000)
    assert rates.amount_renewal_rate_with_upsell == Fraction(4200, 6000)
    assert rates.bounds == Bounds(
        Fraction(2, 4), Fraction(3, 4), Fraction(3700, 10000), Fraction(7700, 10000)
    )


def test_the_bounds_of_a_decided_period_are_its_rates():
    rates = report(four()).raw
    logo, amount = rates.logo_renewal_rate, rates.amount_renewal_rate
    assert rates.bounds == Bounds(logo, logo, amount, amount)


def test_a_customer_with_one_lost_and_one_open_item_is_not_decided():
    other = line("B", "2024-10-01", "2025-10-01", 2400)
    rates = report([A, other], known="2025-08-15").raw
    assert (rates.open_customers, rates.logo_renewal_rate) == (1, None)
    assert rates.amount_renewal_rate == 0
    assert rates.reason(rates.logo_renewal_rate) == NOTHING_DECIDED


def test_without_anything_due_there_is_no_rate():
    rates = report([]).raw
    assert (rates.logo_renewal_rate, rates.amount_renewal_rate) == (None, None)
    assert rates.bounds == Bounds(None, None, None, None)
    assert rates.reason(None) == rates.reason(None, of_all=True) == NOTHING_DUE


def test_a_few_large_renewals_do_not_hide_many_small_losses():
    small = [line(f"S{pk}", "2024-07-01", "2025-07-01", 100, customer_id=pk) for pk in range(2, 10)]
    big = [line("A", "2024-07-01", "2025-07-01", 9200), renews("A", "R", *R, 9200)]
    rates = report([*small, *big]).raw
    assert rates.money_over_count == Fraction(92, 100) - Fraction(1, 9)
    assert rates.hides_losses
    assert not report(four()).raw.hides_losses


CLOSED = Exclusion("A3", "closed", "business register, 2025-06-02", "finance@x.invalid")


def test_an_approved_exclusion_leaves_numerator_and_denominator_and_raw_stays():
    found = report(four(), exclusions=[CLOSED])
    assert [item.status.value for item in found.items] == ["late", "late", "excluded", "lost"]
    assert found.raw == report(four()).raw
    assert (found.adjusted.due_customers, found.adjusted.due_amount) == (3, 8000)
    assert found.adjusted.logo_renewal_rate == Fraction(2, 3)
    assert [item.exclusion for item in found.excluded] == [CLOSED]


@pytest.mark.parametrize("missing", ["reason", "evidence", "approved_by"])
def test_an_exclusion_without_reason_evidence_or_approver_changes_nothing(missing):
    blank: dict[str, Any] = {missing: " "}
    found = report(four(), exclusions=[replace(CLOSED, **blank)])
    assert found.adjusted == found.raw
    assert found.excluded == []


def test_naming_one_order_excludes_its_whole_due_group():
    addon = line("B", "2025-01-01", "2025-07-01", 300, kind=Kind.ADDON)
    found = report([A, addon], exclusions=[replace(CLOSED, order_id="B")])
    assert told(found) == [("2025-06-30", "excluded", 1800, 0)]


MERGED = Exclusion("A3", "merged", "merged into customer 4", "finance@x.invalid", survivor_id=4)


def test_a_merged_base_may_move_to_the_customer_that_survives():
    lines = [*four(), renews("A4", "R4", "2025-10-01", "2026-10-01", 6000, customer_id=4)]
    out = report(lines, exclusions=[MERGED]).adjusted
    assert (out.due_customers, out.due_amount, out.kept_amount) == (3, 8000, 1000 + 2700 + 4000)
    moved = report(lines, exclusions=[MERGED], merged_base=MergedBase.MOVE).adjusted
    assert (moved.due_customers, moved.due_amount) == (3, 10000)
    assert moved.kept_amount == 1000 + 2700 + 6000
    alone = report(lines, exclusions=[replace(MERGED, survivor_id=9)], merged_base=MergedBase.MOVE)
    assert alone.adjusted == out


def test_a_base_moves_into_the_period_in_which_the_survivor_falls_due():
    found = report(
        four(), "2025-10-01", "2025-10-31", exclusions=[MERGED], merged_base=MergedBase.MOVE
    )
    assert [item.due_on for item in found.items] == []
    found = report(
        four(), "2025-09-01", "2025-09-30", exclusions=[MERGED], merged_base=MergedBase.MOVE
    )
    assert (found.raw.due_amount, found.adjusted.due_amount) == (4000, 6000)


def test_without_a_rate_amounts_are_unknown_and_logos_are_still_counted():
    dollars = line("B", "2024-07-01", "2025-07-01", 100, currency="USD", customer_id=2)
    found = report([A, dollars, renews("B", "R", *R, 100, currency="USD", customer_id=2)])
    assert told(found)[1] == ("2025-06-30", "late", None, None)
    rates = found.raw
    assert (rates.logo_renewal_rate, rates.due_amount) == (Fraction(1, 2), None)
    for rate in (rates.amount_renewal_rate, rates.amount_renewal_rate_with_upsell):
        assert rate is None
        assert rates.reason(rate) == "missing_rate"
    assert rates.bounds.amount_low is None
    assert rates.bounds.logo_low == Fraction(1, 2)


def test_a_total_that_was_not_split_gives_no_amount():
    found = report([replace(A, basis=Basis.TOTAL)])
    assert told(found) == [("2025-06-30", "lost", None, 0)]
    assert found.raw.unknown == "split_missing"


def test_an_unknown_renewal_is_a_renewal_of_unknown_worth():
    unknown = renews("A", "R", *R, 5000, basis=Basis.TOTAL)
    found = report([A, unknown])
    assert told(found) == [("2025-06-30", "late", 1200, None)]
    assert (found.raw.due_amount, found.raw.amount_renewal_rate) == (1200, None)


def test_segments_add_up_to_the_total():
    items = report(four(), known="2025-08-15").items
    parts = by_segment(items, lambda item: "S" if item.customer_id < 3 else "A").values()
    whole = rates_of(items)
    for name in ("due_customers", "renewed_customers", "open_customers", "due_amount",
                 "decided_amount", "kept_amount", "renewed_amount"):  # fmt: skip
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
