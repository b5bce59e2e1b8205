"""Renewals with their labels, as known on a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.health.queries.outcomes import labelled_renewals
from perennial.revenue.models import Exclusion
from perennial.revenue.rules.due_items import DueStatus
from perennial.units.moment import day_start

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 10, tzinfo=ZONE)
BEGIN, END, AFTER = date(2025, 3, 1), date(2026, 3, 1), date(2027, 3, 1)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
KNOWN = date(2026, 11, 22)


def customer(name: str) -> Customer:
    return Customer.objects.create(external_id=name, name=name, recorded_at=NOW)


def order(of: Customer, order_id: str, start: date, end: date, arr: int, **also: object) -> None:
    signed = also.pop("signed_on", start)
    assert isinstance(signed, date)
    OrderLine.objects.create(
        customer=of, order_id=order_id, start_on=start, end_on=end, signed_on=signed,
        recurring_amount=Decimal(arr), basis="arr", currency="CNY",
        recorded_at=day_start(signed, ZONE), **({"kind": "new"} | also),
    )  # fmt: skip


@pytest.fixture
def contracts() -> None:
    """One renewed, one lost, one late, one still open at KNOWN, one lost and excluded."""
    for name in ("kept", "lost", "late", "closed"):
        order(customer(name), f"{name}-1", BEGIN, END, 1200)
    kept, late = Customer.objects.get(name="kept"), Customer.objects.get(name="late")
    renewal = {"kind": "renewal"}
    in_time = END - timedelta(days=5)
    order(kept, "kept-2", END, AFTER, 1500, renews=["kept-1"], signed_on=in_time, **renewal)
    order(late, "late-2", date(2026, 3, 10), AFTER, 900, renews=["late-1"], **renewal)
    order(customer("open"), "open-1", date(2025, 11, 10), date(2026, 11, 10), 700)
    Exclusion.objects.create(
        order_id="closed-1", reason="closed_down", evidence="register", approved_by="boss",
        recorded_at=NOW,
    )  # fmt: skip


def test_each_decided_renewal_has_its_label(contracts):
    found = labelled_renewals(*YEAR, known_on=KNOWN)
    assert [(row.external_id, row.lost, row.status) for row in found.rows] == [
        ("kept", False, DueStatus.ON_TIME),
        ("late", False, DueStatus.LATE),
        ("lost", True, DueStatus.LOST),
    ]
    assert (found.pending, found.excluded) == (1, 1)
    assert {row.amount for row in found.rows} == {Fraction(1200)}
    assert {row.due_on for row in found.rows} == {END - timedelta(days=1)}


def test_a_late_renewal_was_open_before_it_was_signed_and_lost_is_told_after_the_grace(contracts):
    found = labelled_renewals(*YEAR, known_on=date(2026, 3, 5))
    assert [(row.external_id, row.lost) for row in found.rows] == [("kept", False)]
    assert found.pending == 3


def test_what_falls_due_later_is_no_case_even_when_it_is_renewed_early(contracts):
    found = labelled_renewals(*YEAR, known_on=END - timedelta(days=3))
    assert found.rows == []


def test_a_second_renewal_is_of_the_second_cycle(contracts):
    found = labelled_renewals(YEAR[0], date(2027, 12, 31), known_on=date(2027, 12, 31))
    assert [row.cycle for row in found.rows if row.external_id == "kept"] == [1, 2]
    assert [row.lost for row in found.rows if row.external_id == "kept"] == [False, True]


def test_some_customers_can_be_asked_alone(contracts):
    pk = Customer.objects.get(name="lost").pk
    found = labelled_renewals(*YEAR, known_on=KNOWN, customers={pk})
    assert [row.external_id for row in found.rows] == ["lost"]
