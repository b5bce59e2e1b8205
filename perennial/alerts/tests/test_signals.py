"""Each signal at its thresholds: raised, kept between the two, over; and what is unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from perennial.alerts.models import Rule
from perennial.alerts.signals import SIGNALS
from perennial.alerts.signals.facts import Facts
from perennial.contracts.models import Invoice, OrderKind, ServiceTerm
from perennial.contracts.queries import Due
from perennial.customers.models import Customer, Person, Touch
from perennial.health.inputs import Served
from perennial.health.models import CurrentHealth, Opinion
from perennial.revenue.models import MrrChange
from perennial.surveys.models import Answer
from perennial.tickets.models import Ticket

DAY = date(2026, 6, 30)
NOON = datetime(2026, 6, 30, 4, tzinfo=UTC)
END = datetime(2026, 6, 30, 16, tzinfo=UTC)
NUMBERS = count(1)
pytestmark = pytest.mark.django_db
RAISED, KEPT, NOTHING = "raised", "kept", ""


@pytest.fixture
def customer() -> Customer:
    return Customer.objects.create(external_id="c1", name="北京卓泽", recorded_at=NOON)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def at(days: int) -> datetime:
    return NOON - timedelta(days=days)


def said(rule: Rule, customer: Customer, **about: Any) -> str:
    """What a signal says of the customer on DAY: raised, kept (between the thresholds), ''."""
    due = about.get("due")
    one = Served(customer.pk, "c1", ago(400), None, None, due, False)
    usage = {customer.pk: about["usage"]} if "usage" in about else {}
    facts = Facts(DAY, END, {customer.pk: one}, usage, about.get("touched", {}))
    found = dict(SIGNALS)[rule](facts)
    if not found:
        return NOTHING
    return RAISED if any(it.enters for it in found) else KEPT


def due_in(days: int, **more: Any) -> Due:
    values = {"renewed": False, "notice_on": None} | more
    return Due(DAY + timedelta(days=days), Decimal(100), "CNY", ("o",), **values)


@pytest.mark.parametrize(
    ("late", "expected"), [(7, RAISED), (6, KEPT), (1, KEPT), (0, NOTHING)], ids=str
)
def test_an_invoice_is_told_a_week_late_and_kept_until_it_is_paid(
    customer: Customer, late: int, expected: str
):
    Invoice.objects.create(
        external_id="i", customer=customer, issued_on=ago(60), due_on=ago(late),
        amount=1, currency="CNY", recorded_at=NOON,
    )  # fmt: skip
    assert said(Rule.INVOICE_OVERDUE, customer) == expected


@pytest.mark.parametrize(
    ("score", "expected"), [(6, RAISED), (Decimal("6.5"), KEPT), (7, NOTHING)], ids=str
)
def test_a_detractor_is_six_or_less_and_over_at_seven(
    customer: Customer, score: Any, expected: str
):
    Answer.objects.create(
        external_id="a", customer=customer, kind="nps", score=score, answered_at=NOON,
        recorded_at=NOON,
    )  # fmt: skip
    assert said(Rule.DETRACTOR, customer) == expected


@pytest.mark.parametrize(
    ("grade", "quiet", "touches", "expected"),
    [
        ("S", 45, 4, RAISED),
        ("S", 44, 4, KEPT),
        ("S", 30, 4, NOTHING),
        ("A", 75, 4, RAISED),
        ("A", 61, 4, KEPT),
        ("S", 60, 3, NOTHING),
        ("S", 181, 4, KEPT),
        ("B", 200, 4, NOTHING),
    ],
    ids=["S", "S between", "S reached", "A", "A between", "no habit", "no news", "B"],
)
def test_only_who_was_spoken_with_can_fall_silent(
    customer: Customer, grade: str, quiet: int, touches: int, expected: str
):
    person = Person.objects.create(
        external_id="p", customer=customer, name="黄志强", grade=grade, recorded_at=NOON
    )
    for number in range(touches):
        Touch.objects.create(
            external_id=f"t{number}", customer=customer, person=person,
            happened_at=at(quiet + 10 * number), recorded_at=NOON,
        )  # fmt: skip
    assert said(Rule.CONTACT_SILENT, customer) == expected


def term(customer: Customer, **more: Any) -> None:
    values = {
        "kind": OrderKind.NEW, "start_on": ago(300), "end_on": None, "signed_on": ago(300),
        "mrr_exact": "1", "currency": "CNY", "ending": "", "line": "1",
    } | more  # fmt: skip
    ServiceTerm.objects.create(customer=customer, order_id=f"o{next(NUMBERS)}", **values)


@pytest.mark.parametrize(
    ("cut", "starts_ago", "expected"),
    [(10, 30, RAISED), (9, 30, KEPT), (5, 30, NOTHING), (10, -60, RAISED), (10, 200, NOTHING)],
    ids=["tenth", "between", "twentieth", "signed for later", "long ago"],
)
def test_seats_fall_by_a_tenth_within_ninety_days(
    customer: Customer, cut: int, starts_ago: int, expected: str
):
    term(customer, seats=100)
    term(customer, seats=cut, kind=OrderKind.DOWNSELL, start_on=ago(starts_ago))
    assert said(Rule.SEATS_FALLING, customer) == expected


@pytest.mark.parametrize(
    ("active", "expected"), [(2, RAISED), (3, KEPT), (4, KEPT), (5, NOTHING)], ids=str
)
def test_a_renewal_without_use(customer: Customer, active: int, expected: str):
    usage = SimpleNamespace(active_days_28d=active, last_seen_on=ago(20), events_7d=0)
    assert said(Rule.RENEWAL_INACTIVE, customer, due=due_in(60), usage=usage) == expected
    assert said(Rule.RENEWAL_INACTIVE, customer, due=due_in(91), usage=usage) == NOTHING
    assert said(Rule.RENEWAL_INACTIVE, customer, due=due_in(60)) == NOTHING, "unknown is not zero"


@pytest.mark.parametrize(
    ("quiet", "expected"), [(45, RAISED), (44, KEPT), (31, KEPT), (30, NOTHING)], ids=str
)
def test_a_renewal_without_contact(customer: Customer, quiet: int, expected: str):
    touched = {customer.pk: ago(quiet)}
    assert said(Rule.RENEWAL_UNTOUCHED, customer, due=due_in(60), touched=touched) == expected
    assert said(Rule.RENEWAL_UNTOUCHED, customer, due=due_in(60)) == NOTHING, "no contacts logged"


@pytest.mark.parametrize(
    ("days", "given", "expected"),
    [(30, None, RAISED), (31, None, NOTHING), (-1, None, NOTHING), (10, DAY, NOTHING)],
    ids=["near", "far", "passed", "given"],
)
def test_the_notice_deadline(customer: Customer, days: int, given: date | None, expected: str):
    term(customer, notice_days=60)
    due = due_in(60 + days, notice_on=given, notice_until_on=DAY + timedelta(days=days))
    assert said(Rule.NOTICE_NEAR, customer, due=due) == expected


def test_what_renews_by_itself_is_told_a_month_before(customer: Customer):
    term(customer, auto_renew=True, due_end_on=DAY + timedelta(days=21))
    assert said(Rule.AUTO_RENEWAL_NEAR, customer, due=due_in(20)) == RAISED
    assert said(Rule.AUTO_RENEWAL_NEAR, customer, due=due_in(19)) == NOTHING
    assert said(Rule.AUTO_RENEWAL_NEAR, customer, due=due_in(20, notice_on=DAY)) == NOTHING


@pytest.mark.parametrize(
    ("band", "now", "expected"),
    [
        ("green", 95, RAISED),
        ("green", 97, KEPT),
        ("green", 98, NOTHING),
        ("red", 105, RAISED),
        ("red", 103, KEPT),
        ("red", 95, NOTHING),
        ("yellow", 50, NOTHING),
    ],
    ids=lambda it: str(it),
)
def test_a_score_that_the_money_contradicts(customer: Customer, band: str, now: int, expected: str):
    CurrentHealth.objects.create(
        customer=customer, as_of=DAY, score=80, band=band, read_band=band, coverage_rate=1,
        profile="steady", version=1, changed_on=DAY,
    )  # fmt: skip
    for rank, (amount, on, until) in enumerate(((100, ago(200), ago(30)), (now, ago(30), None))):
        MrrChange.objects.create(
            customer=customer, rank=rank, changed_on=on, until_on=until, before_exact="0",
            after_exact=str(amount), before=0, after=amount, paying_before=True, paying_after=True,
        )  # fmt: skip
    assert said(Rule.SCORE_AGAINST_MONEY, customer) == expected


@pytest.mark.parametrize(
    ("still_open", "opened", "before", "expected"),
    [
        (5, 0, 0, RAISED),
        (3, 0, 9, KEPT),
        (2, 0, 9, NOTHING),
        (0, 4, 6, RAISED),
        (0, 4, 7, KEPT),
        (0, 4, 9, NOTHING),
    ],
    ids=["five open", "three open", "two open", "twice", "almost twice", "as ever"],
)
def test_more_tickets_than_usual(
    customer: Customer, still_open: int, opened: int, before: int, expected: str
):
    spans = [(still_open, 200, None), (opened, 10, 9), (before, 60, 50)]
    for number, opened_ago, closed_ago in spans:
        for _each in range(number):
            Ticket.objects.create(
                external_id=f"t{next(NUMBERS)}", customer=customer, opened_at=at(opened_ago),
                closed_at=None if closed_ago is None else at(closed_ago), recorded_at=NOON,
            )  # fmt: skip
    assert said(Rule.SUPPORT_LOAD, customer) == expected


def test_value_unknown_needs_a_home_that_asks_for_it(customer: Customer):
    assert dict(SIGNALS)[Rule.VALUE_UNKNOWN](Facts(DAY, END, {}, {}, {})) is None
    other = Customer.objects.create(external_id="c2", name="B", recorded_at=NOON)
    Opinion.objects.create(
        customer=other, measure="value_perception", value=7, said_on=ago(10), recorded_at=NOON
    )
    assert said(Rule.VALUE_UNKNOWN, customer, due=due_in(80)) == RAISED
    Opinion.objects.create(
        customer=customer, measure="value_perception", value=7, said_on=ago(179), recorded_at=NOON
    )
    assert said(Rule.VALUE_UNKNOWN, customer, due=due_in(80)) == NOTHING
