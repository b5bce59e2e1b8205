"""Reads of the ledger: kept terms, entitlements, what falls due, what is owed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from perennial.contracts import jobs
from perennial.contracts.actions import withdraw_batch
from perennial.contracts.models import (
    Invoice,
    LedgerMark,
    Pause,
    ServiceTerm,
)
from perennial.contracts.queries import (
    entitlements,
    next_due,
    overdue_invoices,
    terms_of,
)
from perennial.contracts.tests.ledger import DAY, NOW, cancellation, order

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_kept_terms_are_used_only_while_the_ledger_is_as_it_was(record, customers):
    record(order("A"))
    day = date(2025, 6, 1)
    fresh = terms_of()
    assert jobs.fill(day=day) == {"customers": 1, "terms": 1}
    assert terms_of() == fresh
    ServiceTerm.objects.update(seats=99)  # proves that the kept rows are read
    assert [term.seats for term in terms_of()[customers["acme"]]] == [99]
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
