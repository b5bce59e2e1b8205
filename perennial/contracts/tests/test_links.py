"""What rows must hold to among themselves: each rule, and what must not be refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from perennial.contracts.rows import OrderRow
from perennial.contracts.rules import ledger_faults, row_faults, split_missing
from perennial.contracts.rules.links import loops
from perennial.contracts.tests.ledger import NOW, cancellation, order

LATER = NOW + timedelta(days=30)


def renewal(order_id: str, *renews: str, row: int = 2, **also) -> OrderRow:
    terms: dict[str, Any] = {"start_on": date(2026, 1, 1), "end_on": date(2027, 1, 1)}
    return order(order_id, row, kind="renewal", renews=renews, **(terms | also))


def said(*rows: OrderRow, known: tuple[OrderRow, ...] = ()) -> list[tuple[str, int | None, str]]:
    """The faults of rows, numbered in the order given."""
    numbered = [replace(row, row=number) for number, row in enumerate(rows, start=2)]
    faults = ledger_faults(numbered, known=[replace(row, row=0) for row in known])
    return [(fault.code, fault.row, fault.column or "") for fault in faults]


HALF: dict[str, Any] = {"start_on": date(2025, 7, 1), "end_on": date(2026, 7, 1)}
NEXT: dict[str, Any] = {"start_on": date(2026, 1, 1), "end_on": date(2027, 1, 1)}

REFUSED = {
    "a line in force twice at once": (
        [order("A"), order("A", **HALF)],
        [("overlapping_terms", 3, "start_on")],
    ),
    "twice at once, the first open-ended": (
        [order("A", end_on=None), order("A", **NEXT)],
        [("overlapping_terms", 3, "start_on")],
    ),
    "a line twice with another amount": (
        [order("A"), order("A", recurring_amount=Decimal(5))],
        [("contradiction", 3, "recorded_at")],
    ),
    "one moment, two stories": (
        [order("A", recorded_given=True), order("A", recorded_given=True, seats=11)],
        [("contradiction", 3, "recorded_at")],
    ),
    "two renewals lead to each other": (
        [renewal("A", "B"), renewal("B", "A")],
        [("renewal_loop", 2, "renews"), ("renewal_loop", 3, "renews")],
    ),
    "a loop of three beside an order that is fine": (
        [order("O"), renewal("A", "C"), renewal("B", "A"), renewal("C", "B", "O")],
        [("renewal_loop", row, "renews") for row in (3, 4, 5)],
    ),
    "what names an order of a loop is left without it": (
        [renewal("A", "B"), renewal("B", "A"), renewal("C", "A")],
        [*((("renewal_loop", row, "renews")) for row in (2, 3)), ("unknown_order", 4, "renews")],
    ),
    "a renewal signed before what it renews": (
        [order("A", signed_on=date(2024, 12, 1)), renewal("B", "A", signed_on=date(2024, 11, 30))],
        [("signed_before", 3, "signed_on")],
    ),
    "signed before both that it renews": (
        [
            order("A", signed_on=date(2024, 12, 1)),
            order("B", signed_on=date(2024, 12, 2)),
            renewal("C", "B", "A", signed_on=date(2024, 11, 30)),
        ],
        [("signed_before", 4, "signed_on")],
    ),
    "signed before, where the start stands in for signing": (
        [order("A", signed_assumed=True), renewal("B", "A", signed_on=date(2024, 11, 30))],
        [("signed_before", 3, "signed_on")],
    ),
    "an order that does not exist": (
        [renewal("B", "A")],
        [("unknown_order", 2, "renews")],
    ),
    "a cancellation of an order that does not exist": (
        [cancellation("X", "A")],
        [("unknown_order", 2, "renews")],
    ),
    "another customer's order": (
        [order("A"), renewal("B", "A", customer_id="bolt")],
        [("order_of_another", 3, "renews")],
    ),
    "one order of two customers": (
        [order("A"), order("A", line="2", customer_id="bolt")],
        [("order_of_another", 3, "customer_id")],
    ),
    "a row that names a refused one": (
        [order("A"), renewal("B", "Z"), renewal("C", "B")],
        [("unknown_order", 3, "renews"), ("unknown_order", 4, "renews")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "faults"), REFUSED.values(), ids=REFUSED)
def test_what_contradicts_itself_is_refused_row_by_row(rows, faults):
    assert said(*rows) == faults


TAKEN = {
    "the same row twice": [order("A"), order("A")],
    "a correction": [
        order("A", recorded_given=True),
        order("A", recorded_given=True, recorded_at=LATER, **HALF),
    ],
    "a void row says nothing about others": [
        order("A", recorded_given=True),
        order("A", void=True, renews=("gone",), recorded_given=True, recorded_at=LATER),
    ],
    "two lines of one order over the same time": [order("A"), order("A", line="2")],
    "several renewals of one order": [order("A"), renewal("B", "A"), renewal("C", "A")],
    "a renewal of several orders": [order("A"), order("B"), renewal("C", "A", "B")],
    "an order named before it stands in the file": [renewal("B", "A"), order("A")],
    "a chain of renewals": [order("A"), renewal("B", "A"), renewal("C", "B"), renewal("D", "C")],
    "two ways to one order": [
        order("A"), renewal("B", "A"), renewal("C", "A"), renewal("D", "B", "C"),
    ],
    "signed on the same day": [order("A"), renewal("B", "A", signed_on=order("A").signed_on)],
    "a renewal of a contract and of an add-on signed later": [
        order("A"),
        order("B", kind="addon", signed_on=date(2025, 11, 1), start_on=date(2025, 11, 1)),
        renewal("C", "A", "B", signed_on=date(2025, 10, 1)),
    ],
    "an order with a line signed later": [
        order("A"),
        order("A", line="2", signed_on=date(2025, 9, 1)),
        renewal("B", "A", signed_on=date(2025, 6, 1)),
    ],
    "an add-on and a renewal that name each other": [
        order("A"),
        renewal("R", "A", "B"),
        order("B", kind="addon", renews=("R",)),
    ],
    "a loop that was corrected": [
        renewal("A", "B", recorded_given=True),
        renewal("B", "A", recorded_given=True),
        renewal("A", recorded_given=True, recorded_at=LATER),
    ],
    "a signing day that was corrected": [
        order("A", recorded_given=True, signed_on=date(2025, 3, 1)),
        renewal("B", "A", signed_on=date(2025, 2, 1)),
        order("A", recorded_given=True, recorded_at=LATER),
    ],
    "a cancellation signed before the order": [
        order("A"), cancellation("X", "A", signed_on=date(2024, 1, 1)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("rows", TAKEN.values(), ids=TAKEN)
def test_what_is_unusual_but_right_is_taken(rows):
    assert said(*rows) == []


def test_the_ledger_counts_too():
    known = (order("A"), renewal("B", "A"))
    assert said(renewal("C", "B"), known=known) == []
    assert said(order("A", customer_id="bolt"), known=known)[0][0] == "order_of_another"
    looped = renewal("A", "B", recorded_at=LATER)
    assert said(looped, known=known) == [("renewal_loop", 2, "renews")]


def test_a_correction_that_would_put_a_known_renewal_before_its_order_is_at_fault_itself():
    known = (order("A"), renewal("B", "A", signed_on=date(2025, 6, 1)))
    moved = order("A", recorded_at=LATER, signed_on=date(2025, 7, 1))
    assert said(moved, known=known) == [("signed_before", 2, "signed_on")]


def test_a_loop_of_any_length_is_found_and_told_shortly():
    rows = [renewal(f"R{n}", f"R{(n + 1) % 3000}") for n in range(3000)]
    numbered = [replace(row, row=number) for number, row in enumerate(rows, start=2)]
    faults = ledger_faults(numbered)
    assert len(faults) == 3000
    assert faults[0].params["loop"] == "R0 → R1 → R2 → R3 → R4 → … → R0"


def test_only_orders_of_a_loop_are_in_it():
    assert loops({"A": ["B"], "B": ["C"], "C": ["B", "D"], "D": []}) == {
        "B": ("B", "C"),
        "C": ("B", "C"),
    }


DISCOUNT: dict[str, Any] = {"discount_amount": Decimal(100), "discount_end_on": date(2025, 4, 1)}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (order("A", **DISCOUNT), None),
        (order("A", discount_amount=Decimal(-1)), ("negative_amount", "discount_amount")),
        (order("A", discount_amount=Decimal(5)), ("discount_without_end", "discount_end_on")),
        (
            order("A", **DISCOUNT | {"discount_end_on": date(2026, 1, 2)}),
            ("discount_outside", "discount_end_on"),
        ),
        (
            order("A", **DISCOUNT | {"discount_end_on": date(2025, 1, 1)}),
            ("discount_outside", "discount_end_on"),
        ),
        (order("A", end_on=None, **DISCOUNT), ("discount_without_term", "end_on")),
        (order("A", kind="usage", **DISCOUNT), ("unexpected_amount", "discount_amount")),
        (order("A", kind="usage"), None),
        (
            order("A", kind="usage", recurring_amount=Decimal(-1)),
            ("negative_amount", "recurring_amount"),
        ),
        (
            order("A", basis="total", recurring_amount=Decimal(-1)),
            ("negative_amount", "total_amount"),
        ),
    ],
    ids=[
        "a discount",
        "below zero",
        "no end",
        "after the term",
        "on its first day",
        "open-ended",
        "of usage",
        "usage",
        "negative usage",
        "negative total",
    ],
)
def test_discounts_usage_and_totals_hold_to_their_signs_and_days(row, fault):
    found = [(it.code, it.column) for it in row_faults(row)]
    assert found == ([fault] if fault else [])


def test_a_missing_split_is_a_finding_but_not_of_a_withdrawn_row():
    total = order("A", basis="total")
    found = split_missing(total)
    assert found is not None
    assert (found.code, found.column, found.params["value"]) == (
        "split_missing",
        "one_off_amount",
        "1200",
    )
    assert row_faults(total) == []
    assert split_missing(replace(total, void=True)) is None
    assert split_missing(order("B")) is None
