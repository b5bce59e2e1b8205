"""Two records that are one company: its ledger is that of one customer with both orders, on every
road; money counts once, past knowledge stays as it was, and parting brings everything back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from perennial.contracts.models import Invoice, OrderLine, Pause
from perennial.contracts.queries import overdue_invoices
from perennial.customers.merging import merge_customers, undo_merge
from perennial.customers.models import Customer
from perennial.revenue import actions, jobs
from perennial.revenue.queries import Book
from perennial.revenue.queries.restatements import corrected, restated
from perennial.revenue.queries.sources import histories_of, source
from perennial.revenue.rules import Report
from perennial.revenue.tests.roads import kept as rates_of
from perennial.revenue.tests.roads import told
from perennial.revenue.tests.scene import AS_OF, KNOWN, NOW, OCTOBER, boss, customer, noon, order
from perennial.team.models import User
from perennial.units.period import Grain, periods_between

pytestmark = pytest.mark.django_db
MONTHS = list(periods_between(date(2025, 11, 1), AS_OF, Grain.MONTH))
SPRING, MARCH, AUTUMN = date(2026, 1, 10), date(2026, 3, 1), date(2026, 10, 5)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def two() -> tuple[Customer, Customer]:
    """The contract went from one record to the other in March, and both have something else."""
    return _signed(customer("left"), customer("right"), "")


def _signed(first: Customer, second: Customer, mark: str) -> tuple[Customer, Customer]:
    order(first, f"A{mark}", SPRING, 100, end_on=MARCH)
    order(second, f"B{mark}", MARCH, 120, kind="renewal", renews=[f"A{mark}"])
    order(first, f"C{mark}", date(2026, 2, 1), 30, kind="addon")
    order(second, f"D{mark}", AUTUMN, 50)
    for of, rests in ((first, (f"A{mark}", f"C{mark}")), (second, ())):
        for order_id in rests or [""]:
            _rest(of, order_id, first is second)
    return first, second


def _rest(of: Customer, order_id: str, is_one: bool) -> None:
    """The second record's pause is of everything, so in one ledger of its own orders."""
    named = ["B2", "D2"] if is_one and not order_id else [order_id]
    on = date(2026, 2, 10) if order_id else date(2026, 6, 1)
    for it in named:
        Pause.objects.create(
            customer=of, order_id=it, start_on=on, end_on=on + timedelta(20), recorded_at=noon(on)
        )


def _figures(book: Book) -> list[object]:
    shown: list[object] = []
    for period in MONTHS:
        shown += [told(book.movements(period, report)) for report in Report]
        shown.append(rates_of(book.retention(period)))
    return shown


def _merge(two: tuple[Customer, Customer]):
    merge = merge_customers(two[0], into=two[1], by=None, at=NOW)
    actions.follow([it.pk for it in two])  # what the day would do, at once
    return merge


@pytest.mark.parametrize("known_on", [None, NOW.date()], ids=["kept", "worked out"])
def test_the_merged_ledger_is_that_of_one_customer(two, known_on):
    jobs.fill(day=AS_OF)
    _merge(two)
    merged = _figures(Book(boss(), known_on))
    OrderLine.objects.all().delete()
    Pause.objects.all().delete()
    one = customer("one")
    _signed(one, one, "2")
    jobs.fill(day=AS_OF)
    assert merged == _figures(Book(User.objects.get(), known_on))


def test_a_merge_shows_neither_churn_nor_a_new_customer(two):
    jobs.fill(day=AS_OF)
    _merge(two)
    march = next(it for it in MONTHS if it.first_on == MARCH)
    report = told(Book(boss()).movements(march))
    assert not {"churn", "new"} & {name for name, amount in report.items() if amount}


def test_both_roads_agree_on_what_is_merged(two):
    merge_customers(two[0], into=two[1], by=None, at=noon(KNOWN))
    fast, exact = Book(boss(), NOW.date()), histories_of(source(NOW.date()))
    for period in MONTHS:
        assert told(fast.movements(period)) == told(exact.movements(period))


def test_past_knowledge_does_not_know_of_the_merge_and_parting_brings_all_back(two):
    jobs.fill(day=AS_OF)
    user = boss()
    before = {known: _figures(Book(user, known)) for known in (None, KNOWN)}
    merge = _merge(two)
    assert _figures(Book(user, KNOWN)) == before[KNOWN]
    assert _figures(Book(user)) != before[None]
    undo_merge(merge, by=None, at=NOW)
    actions.follow([it.pk for it in two])
    assert _figures(Book(user)) == before[None]


def test_a_closed_period_names_the_merge_as_what_came_later(two):
    jobs.fill(day=AS_OF)
    user = boss()
    close = actions.close_period(OCTOBER, known_on=KNOWN, by=user, at=NOW)
    _merge(two)
    assert all(line.frozen + (line.corrections or 0) == line.now for line in restated(close))
    rows = corrected(close, Book(user))
    assert {row.customer.name for row in rows} == {"left", "right"}
    assert {row.customer.pk for row in rows} == {two[1].pk}
    assert all(
        [it.number for it in row.records if "left" in it.number] == ["left → right"] for row in rows
    )


def test_what_is_owed_is_owed_by_the_survivor_once(two):
    due = AS_OF - timedelta(10)
    for at, of in enumerate(two):
        Invoice.objects.create(
            external_id=f"I{at}", customer=of, amount=Decimal(40), currency="CNY",
            issued_on=due, due_on=due - timedelta(at), recorded_at=NOW,
        )  # fmt: skip
    _merge(two)
    for asked in (None, [it.pk for it in two]):
        found = overdue_invoices(asked, AS_OF)
        assert list(found) == [two[1].pk]
        assert (found[two[1].pk].count, found[two[1].pk].amount) == (2, Decimal(80))
