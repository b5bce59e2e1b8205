"""Recording: rows are added, never changed, and every wrong row gets its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from perennial.contracts.actions import record_pauses
from perennial.contracts.models import (
    Basis,
    OrderKind,
    OrderLine,
)
from perennial.contracts.queries import (
    ledgers,
)
from perennial.contracts.rows import PauseRow, Recorded
from perennial.contracts.rules import Basis as RuleBasis
from perennial.contracts.rules import Kind
from perennial.contracts.tests.ledger import DAY, NOW, cancellation, order
from perennial.units.errors import RowError

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def faults(errors: list[RowError]) -> list[tuple[int | None, str | None, str]]:
    return [(error.row, error.column, error.code) for error in errors]


def test_the_rules_and_the_tables_speak_of_the_same_kinds():
    assert set(OrderKind.values) == set(Kind)
    assert set(Basis.values) == set(RuleBasis)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (order("A", kind="gift"), "kind", "unknown_kind"),
        (order(""), "order_id", "missing"),
        (order("A", customer_id="nobody"), "customer_id", "unknown_customer"),
        (order("A", end_on=DAY), "end_on", "ends_before_start"),
        (order("A", end_on=date(2024, 1, 1), void=True), "end_on", "ends_before_start"),
        (order("A", recurring_amount=Decimal(-1)), "recurring_amount", "negative_amount"),
        (order("A", recurring_amount=Decimal(-1), basis="mrr"), "mrr", "negative_amount"),
        (order("A", one_off_amount=Decimal(-1)), "one_off_amount", "negative_amount"),
        (order("A", kind="downsell"), "recurring_amount", "positive_downsell"),
        (order("A", kind="trial"), "recurring_amount", "unexpected_amount"),
        (
            cancellation("A", "B", recurring_amount=Decimal(5), basis="mrr"),
            "mrr",
            "unexpected_amount",
        ),
        (cancellation("A"), "renews", "cancels_nothing"),
        (order("A", kind="renewal", renews=("A",)), "renews", "renews_itself"),
        (order("A", kind="renewal", renews=("B",)), "renews", "unknown_order"),
        (order("A", currency="YUAN"), "currency", "unknown_currency"),
        (order("A", seats=-1), "seats", "negative_seats"),
        (order("A", interval_months=0), "interval_months", "interval"),
        (order("A", recurring_amount=Decimal("0.0000001")), "recurring_amount", "amount_digits"),
        (order("A", recurring_amount=Decimal("1e15")), "recurring_amount", "amount_digits"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_row_gets_one_sentence_with_row_and_column(record, row, column, code):
    result = record(row)
    assert (result.added, faults(result.errors)) == (0, [(2, column, code)])
    error = result.errors[0]
    assert error.message.format(**error.params)
    assert not OrderLine.objects.exists()


def test_good_rows_stand_beside_wrong_ones_and_the_caller_decides(record):
    result = record(order("A"), order("B", row=3, end_on=DAY))
    assert (result.added, faults(result.errors)) == (1, [(3, "end_on", "ends_before_start")])


def test_the_order_of_the_rows_in_a_file_does_not_matter(record):
    renewal = order("B", 2, kind="renewal", start_on=date(2026, 1, 1), end_on=None, renews=("A",))
    assert record(renewal, order("A", 3)).added == 2


def test_a_refused_row_takes_those_that_name_it_along(record):
    result = record(
        order("A", 2, end_on=DAY),
        order("B", 3, kind="renewal", renews=("A",)),
        cancellation("C", "B", row=4),
    )
    assert result.added == 0
    assert faults(result.errors) == [
        (2, "end_on", "ends_before_start"),
        (3, "renews", "unknown_order"),
        (4, "renews", "unknown_order"),
    ]


def test_an_order_is_of_one_customer(record):
    record(order("A"))
    moved = record(order("A", customer_id="bolt", recorded_at=datetime(2025, 2, 1, tzinfo=UTC)))
    named = record(order("B", customer_id="bolt", kind="renewal", renews=("A",)))
    assert faults(moved.errors) == [(2, "customer_id", "order_of_another")]
    assert faults(named.errors) == [(2, "renews", "order_of_another")]


def test_a_second_import_adds_nothing(record):
    rows = [order("A"), order("A", 3, line="2", seats=None)]
    assert record(*rows).added == 2
    again = record(*rows, batch=2)
    later = record(*[replace(r, recorded_at=datetime(2025, 3, 1, tzinfo=UTC)) for r in rows])
    assert (again.added, again.same, later.added, later.same) == (0, 2, 0, 2)


def test_a_correction_is_a_new_row_from_its_moment_on(record, customers):
    record(order("A"))
    fixed = order("A", recurring_amount=Decimal(2400), recorded_at=datetime(2025, 2, 1, tzinfo=UTC))
    assert record(fixed).added == 1
    ledger = ledgers()[customers["acme"]]
    (before,) = ledger.terms(known_before=datetime(2025, 2, 1, tzinfo=UTC))
    (now,) = ledger.terms()
    assert [before.mrr, now.mrr] == [100, 200]


def test_other_contents_at_the_same_moment_are_an_error(record):
    record(order("A"))
    result = record(order("A", seats=11))
    assert faults(result.errors) == [(2, "recorded_at", "contradiction")]
    inside = record(order("B"), order("B", 3, seats=11), order("B", 4))
    assert (inside.added, inside.same, faults(inside.errors)) == (
        1,
        1,
        [(3, "recorded_at", "contradiction")],
    )


def test_pauses_are_recorded_replaced_and_checked(record, customers):
    record(order("A"))

    def pause(row: int = 2, **also: Any) -> PauseRow:
        given = PauseRow(row, "acme", "A", date(2025, 3, 1), None, NOW, False, True)
        return replace(given, **also)

    def write(*rows: PauseRow) -> Recorded:
        return record_pauses(rows, customers=customers, batch=2, by=None, at=NOW)

    assert write(pause()).added == 1
    assert write(pause()).same == 1
    ended = pause(end_on=date(2025, 4, 1), recorded_at=datetime(2025, 4, 1, tzinfo=UTC))
    assert write(ended).added == 1
    (term,) = ledgers()[customers["acme"]].terms()
    assert term.pauses == ((date(2025, 3, 1), date(2025, 4, 1)),)
    wrong = write(
        pause(end_on=date(2025, 2, 1)),
        pause(3, order_id="Z"),
        pause(4, customer_id="nobody"),
        pause(5, end_on=date(2025, 5, 1)),
    )
    assert faults(wrong.errors) == [
        (2, "end_on", "ends_before_start"),
        (3, "order_id", "unknown_order"),
        (4, "customer_id", "unknown_customer"),
        (5, "recorded_at", "contradiction"),
    ]
