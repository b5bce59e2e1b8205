"""The contracts card: states of terms, and money only for those who see money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from perennial.contracts.models import Invoice, OrderLine, Pause
from perennial.contracts.panels import CONTRACTS, TermState
from perennial.contracts.queries import next_due
from perennial.customers.models import Customer
from perennial.team.models import Role, User
from perennial.units.moment import day_start
from perennial.units.period import ONE_DAY

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 1)


@pytest.fixture
def customer(settings) -> Customer:
    at = day_start(DAY, settings.PERENNIAL_TIME_ZONE)
    made = Customer.objects.create(external_id="acme", name="Acme", recorded_at=at)

    def order(order_id: str, start: date, end: date | None, **also) -> None:
        given = {
            "kind": "new", "recurring_amount": Decimal(1200), "basis": "arr", "currency": "CNY",
            "signed_on": start, "recorded_at": at, "product": order_id, "seats": 3,
        } | also  # fmt: skip
        OrderLine.objects.create(
            customer=made, order_id=order_id, start_on=start, end_on=end, **given
        )

    order("live", date(2025, 1, 1), date(2026, 1, 1), one_off_amount=Decimal(777))
    order("rests", date(2025, 1, 1), None)
    order("leaves", date(2025, 1, 1), date(2026, 3, 1))
    order("old", date(2024, 1, 1), date(2025, 1, 1))
    order("next", date(2025, 8, 1), None)
    order("quit", date(2025, 1, 1), None)
    order("short", date(2025, 1, 1), date(2025, 12, 1))
    order("again", date(2025, 5, 1), None, kind="renewal", renews=["short"])
    for order_id, start in (("leaves", date(2025, 9, 1)), ("quit", date(2025, 3, 1))):
        order(
            f"no-{order_id}", start, None, kind="cancellation", renews=[order_id],
            recurring_amount=None, basis="none",
        )  # fmt: skip
    Pause.objects.create(customer=made, order_id="rests", start_on=DAY - ONE_DAY, recorded_at=at)
    Invoice.objects.create(
        external_id="i", customer=made, issued_on=date(2025, 4, 1), due_on=date(2025, 5, 1),
        amount=4321, currency="CNY", recorded_at=at,
    )  # fmt: skip
    return made


def user(role: Role) -> User:
    return User.objects.create(email="u@x.invalid", name="U", role=role)


def test_every_state_of_a_term_is_told(customer):
    shown = CONTRACTS.build(user(Role.FINANCE), customer, DAY)
    assert shown is not None
    rows = [*shown["rows"], *shown["older"]]  # type: ignore[misc]
    assert {row.order_id: row.state for row in rows} == {
        "live": TermState.LIVE,
        "again": TermState.LIVE,
        "rests": TermState.PAUSED,
        "leaves": TermState.LEAVING,
        "next": TermState.UPCOMING,
        "old": TermState.ENDED,
        "quit": TermState.CANCELLED,
        "short": TermState.RENEWED,
    }
    assert [row.state for row in rows[:2]] == [TermState.LIVE, TermState.LIVE]


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.FINANCE, True), (Role.SUPPORT, False), (Role.VIEWER, False)]
)
def test_money_is_for_those_who_see_money(customer, role, sees):
    who = user(role)
    shown = CONTRACTS.build(who, customer, DAY)
    with translation.override("en"):
        html = render_to_string(CONTRACTS.template, {**(shown or {}), "customer": customer})
    assert ("1,200" in html, "777" in html, "4,321" in html or "4.3K" in html) == (sees,) * 3
    assert "short" in html and ">live<" in html


def test_a_customer_without_orders_has_no_card(settings):
    at = day_start(DAY, settings.PERENNIAL_TIME_ZONE)
    other = Customer.objects.create(external_id="b", name="B", recorded_at=at)
    assert CONTRACTS.build(user(Role.ADMIN), other, DAY) is None


@pytest.fixture
def agreed(settings) -> Customer:
    """A customer whose orders say all that an order can say."""
    at = day_start(DAY, settings.PERENNIAL_TIME_ZONE)
    made = Customer.objects.create(external_id="b", name="B", recorded_at=at)
    orders: dict[str, dict[str, Any]] = {
        "whole": {"basis": "term", "notice_days": 60, "auto_renew": True,
                  "discount_amount": Decimal(120), "discount_end_on": date(2025, 7, 1)},
        "total": {"basis": "total", "end_on": date(2027, 1, 1), "auto_renew": False},
        "short": {"basis": "term", "end_on": date(2026, 7, 1)},
        "meter": {"kind": "usage", "basis": "mrr", "end_on": None},
    }  # fmt: skip
    for order_id, also in orders.items():
        given = {
            "kind": "new", "recurring_amount": Decimal(1200), "currency": "CNY",
            "signed_on": date(2025, 1, 1), "recorded_at": at, "start_on": date(2025, 1, 1),
            "end_on": date(2026, 1, 1),
        } | also  # fmt: skip
        OrderLine.objects.create(customer=made, order_id=order_id, **given)
    OrderLine.objects.create(
        customer=made, order_id="no", kind="cancellation", basis="none", currency="CNY",
        signed_on=DAY, recorded_at=at, start_on=date(2025, 9, 1), renews=["short"],
    )  # fmt: skip
    return made


def test_the_card_tells_what_was_agreed_beside_what_is(agreed):
    shown = CONTRACTS.build(user(Role.FINANCE), agreed, DAY) or {}
    rows = {row.order_id: row for row in (*shown["rows"], *shown["older"])}  # type: ignore[misc]
    whole, short = rows["whole"], rows["short"]
    assert (whole.notice_until_on, whole.auto_renew) == (date(2025, 11, 1), True)
    assert (whole.discount_last_on, whole.full_arr) == (date(2025, 6, 30), Decimal(1320))
    assert whole.scheduled_on is None
    assert (short.last_on, short.scheduled_on) == (date(2025, 8, 31), date(2026, 6, 30))
    assert (rows["total"].unknown, rows["total"].arr) == (True, None)
    assert (rows["meter"].arr, rows["meter"].usage) == (None, Decimal(1200))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["split missing", "notice by", "signed until", "auto-renews", "discount until"],
        ),
        ("zh-hans", ["拆分缺失", "最后通知日", "签至", "自动续约", "优惠至"]),
    ],
)
def test_it_is_told_in_both_languages(agreed, language, words):
    shown = CONTRACTS.build(user(Role.FINANCE), agreed, DAY)
    with translation.override(language):
        html = render_to_string(CONTRACTS.template, {**(shown or {}), "customer": agreed})
    assert [word for word in words if word not in html] == []


def test_what_falls_due_next_says_until_when_notice_can_be_given(agreed):
    due = next_due([agreed.pk], DAY)[agreed.pk]
    assert (due.due_on, due.notice_until_on) == (date(2025, 8, 31), None)
    due = next_due([agreed.pk], date(2025, 9, 1))[agreed.pk]
    assert (due.due_on, due.amount, due.notice_until_on) == (
        date(2025, 12, 31),
        Decimal(1200),
        date(2025, 11, 1),
    )
    due = next_due([agreed.pk], date(2026, 1, 1))[agreed.pk]
    assert (due.due_on, due.amount) == (date(2026, 12, 31), None)  # not split: not known
