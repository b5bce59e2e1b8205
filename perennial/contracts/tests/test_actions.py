"""Recording: rows are added, never changed, and every wrong row gets its sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from perennial.contracts import jobs
from perennial.contracts.actions import record_lines, record_pauses, withdraw_batch
from perennial.contracts.models import (
    Basis,
    Invoice,
    LedgerMark,
    OrderKind,
    OrderLine,
    Pause,
    ServiceTerm,
)
from perennial.contracts.queries import (
    entitlements,
    ledgers,
    next_due,
    overdue_invoices,
    terms_of,
)
from perennial.contracts.rows import OrderRow, PauseRow, Recorded
from perennial.contracts.rules import Basis as RuleBasis
from perennial.contracts.rules import Kind
from perennial.customers.models import Customer
from perennial.units.errors import RowError

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2025, 1, 1, tzinfo=UTC)
DAY = date(2025, 1, 1)


def order(order_id: str, row: int = 2, **also: Any) -> OrderRow:
    given = OrderRow(
        row=row, order_id=order_id, line="1", customer_id="acme", kind="new", product="crm",
        seats=10, start_on=DAY, end_on=date(2026, 1, 1), signed_on=DAY, signed_assumed=False,
        recurring_amount=Decimal(1200), basis="term", interval_months=1, one_off_amount=None,
        currency="CNY", renews=(), void=False, recorded_at=NOW, recorded_given=False,
        recorded_assumed=True,
    )  # fmt: skip
    return replace(given, **also)


def cancellation(order_id: str, *renews: str, **also: Any) -> OrderRow:
    also = {"kind": "cancellation", "recurring_amount": None, "basis": "none"} | also
    return order(order_id, end_on=None, renews=renews, **also)


@pytest.fixture
def customers() -> dict[str, int]:
    made = [
        Customer.objects.create(external_id=name, name=name, recorded_at=NOW)
        for name in ("acme", "bolt")
    ]
    return {customer.external_id: customer.pk for customer in made}


@pytest.fixture
def record(customers):
    def write(*rows: OrderRow, batch: int = 1) -> Recorded:
        return record_lines(rows, customers=customers, batch=batch, by=None, at=NOW)

    return write


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


def test_kept_terms_are_used_only_while_the_ledger_is_as_it_was(record, customers):
    record(order("A"))
    day = date(2025, 6, 1)
    fresh = terms_of()
    assert jobs.fill(day=day) == {"customers": 1, "terms": 1}
    assert terms_of() == fresh
    ServiceTerm.objects.update(seats=99)  # proves that the kept rows are read
    assert entitlements(None, day)[customers["acme"]].seats == 99
    record(order("B", seats=5), batch=2)
    assert entitlements(None, day)[customers["acme"]].seats == 15
    assert jobs.fill(day=day) == {"customers": 1, "terms": 2}
    assert jobs.fill(day=day) == {"customers": 0, "terms": 0}
    assert withdraw_batch(2) == {customers["acme"]}
    assert entitlements(None, day)[customers["acme"]].seats == 10
    withdraw_batch(1)
    assert terms_of() == {}
    jobs.fill(day=day)
    assert not ServiceTerm.objects.exists() and not LedgerMark.objects.exists()


def test_kept_terms_come_back_as_they_were_made(record, customers):
    record(
        order("A", line="1"),
        order("D", 3, kind="downsell", recurring_amount=Decimal("-99.99"), renews=("A",)),
        cancellation("C", "A", row=4, start_on=date(2025, 7, 1)),
        order("T", 5, kind="trial", recurring_amount=None, basis="none", end_on=None, seats=None),
    )
    Pause.objects.create(customer_id=customers["acme"], start_on=date(2025, 3, 1), recorded_at=NOW)
    made = terms_of()
    jobs.fill(day=DAY)
    assert terms_of() == made
    assert len(made[customers["acme"]]) == 3


def test_entitlements_count_what_is_live(record, customers):
    record(
        order("A", seats=10),
        order("B", 3, kind="addon", product="bi", seats=None),
        order("D", 4, kind="downsell", recurring_amount=Decimal(-1), seats=3, renews=("A",)),
        order("Z", 5, customer_id="bolt", end_on=date(2025, 2, 1)),
    )
    found = entitlements([*customers.values()], date(2025, 2, 1))
    assert {pk: (e.seats, e.products) for pk, e in found.items()} == {
        customers["acme"]: (7, ("bi", "crm"))
    }


def test_the_next_due_item_is_the_earliest_that_nobody_renewed(record, customers):
    acme = customers["acme"]
    record(order("A", recurring_amount=Decimal(1000)), order("B", 3, kind="addon"))
    due = next_due(None, date(2025, 6, 1))[acme]
    assert (due.due_on, due.amount, due.order_ids) == (
        date(2025, 12, 31),
        Decimal("2200.00"),
        ("A", "B"),
    )
    assert (due.renewed, due.notice_on, due.currency) == (False, None, "CNY")
    record(
        order(
            "R", kind="renewal", start_on=date(2026, 1, 1), end_on=date(2027, 1, 1), renews=("A",)
        )
    )
    due = next_due([acme], date(2025, 6, 1))[acme]
    assert (due.due_on, due.order_ids, due.renewed) == (date(2026, 12, 31), ("R",), False)
    assert next_due([acme], date(2027, 1, 10)) == {}
    assert next_due([acme], date(2027, 1, 10), grace_days=30)[acme].due_on == date(2026, 12, 31)


def test_notice_and_renewal_are_told_with_the_due_item(record, customers):
    record(
        order("A"),
        cancellation("C", "A", row=3, start_on=date(2026, 1, 1), signed_on=date(2025, 10, 5)),
        order("Z", 4, customer_id="bolt"),
        order("Y", 5, customer_id="bolt", kind="renewal", start_on=date(2026, 1, 1), end_on=None,
              renews=("Z",), basis="interval"),
    )  # fmt: skip
    due = next_due(None, date(2025, 11, 1))
    assert due[customers["acme"]].notice_on == date(2025, 10, 5)
    assert due[customers["bolt"]].renewed


def test_overdue_invoices_are_unpaid_after_their_due_day(customers):
    for number, (due_on, paid_on, amount) in enumerate(
        [
            (date(2025, 3, 1), None, 100),
            (date(2025, 2, 1), date(2025, 6, 2), 50),
            (date(2025, 2, 1), date(2025, 5, 31), 70),
            (date(2025, 6, 1), None, 30),
        ]
    ):
        Invoice.objects.create(
            external_id=str(number), customer_id=customers["acme"], issued_on=DAY, due_on=due_on,
            amount=amount, currency="CNY", paid_on=paid_on, recorded_at=NOW,
        )  # fmt: skip
    found = overdue_invoices(None, date(2025, 6, 1))[customers["acme"]]
    assert [found.count, found.amount] == [2, 150]
    assert found.oldest_due_on == date(2025, 2, 1)
