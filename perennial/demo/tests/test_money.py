"""The demo's ledger and decisions bear the money pages: exact renewals, costs, closes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils.functional import Promise

from perennial.connectors.ledger_files import read_orders
from perennial.contracts import jobs as contracts
from perennial.contracts.rules import Term, resolve
from perennial.demo.cast import FINANCE, LEADER
from perennial.demo.closing import closings
from perennial.demo.company.model import Customer
from perennial.demo.company.write import draw_stories
from perennial.demo.generate import write
from perennial.demo.load import make_home
from perennial.revenue import jobs as revenue
from perennial.revenue.models import Close, CreditedTo, CreditOverride
from perennial.revenue.queries.closes import is_intact
from perennial.revenue.queries.economics import unit_economics
from perennial.revenue.queries.exclusions import held
from perennial.revenue.queries.restatements import restated
from perennial.revenue.queries.sources import source
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.due_items import due_items
from perennial.revenue.rules.prepaid import prepaid
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.yearly import Yearly
from perennial.team.models import AuditEntry, User
from perennial.units.moment import business_day
from perennial.units.period import Period
from perennial.units.progress import Progress, silent

END_ON, AT = date(2026, 6, 30), datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
YEAR = Period("", date(2025, 7, 1), END_ON)
TO_MAY = Period("", date(2025, 6, 1), date(2026, 5, 31))  # of June not every cost is known yet
RATES = Rates(plan={"USD": Fraction(71, 10)})
ZONE = ZoneInfo("Asia/Shanghai")
ZERO = Fraction(0)


@contextmanager
def unwatched(_title: Promise) -> Iterator[Progress]:
    yield silent


@pytest.fixture
def finance(db: None) -> User:
    """The finance colleague of a demo home that has just been made."""
    make_home(end_on=END_ON, at=AT, watch=unwatched, customers=100, events=500, seed=1)
    return User.objects.get(email=FINANCE.email)


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> list[Term]:
    """Of the home's ledger, dollars and usage included."""
    to = tmp_path_factory.mktemp("billed")
    write(to, customers=300, events=0, seed=1, end_on=END_ON, billed=True)
    return resolve(read_orders(to / "orders.csv").lines)


def test_a_renewal_is_worth_what_it_renews_or_really_something_else(terms: list[Term]) -> None:
    items = due_items(terms, known_on=END_ON, definitions=Definitions(), rates=RATES)
    renewed = [it for it in items if it.is_renewed and it.due_amount and it.renewed_amount]
    changes = [(it.renewed_amount or ZERO) / (it.due_amount or ZERO) - 1 for it in renewed]
    assert len(changes) > 300
    assert changes.count(ZERO) > len(changes) / 4
    assert not [change for change in changes if 0 < abs(change) < Fraction(1, 200)]


def test_buyouts_stay_below_what_looks_like_fake_saas(terms: list[Term]) -> None:
    yearly = Yearly(Definitions(), RATES)
    share = prepaid(terms, since_on=YEAR.first_on, on=END_ON, yearly=yearly).buyout_rate
    assert share is not None
    assert 0 < share < Fraction(1, 10)


def test_the_ledger_has_every_kind_of_agreement(terms: list[Term]) -> None:
    assert {term.currency for term in terms} == {"USD", "CNY"}
    assert any(term.usage for term in terms)
    assert any(term.discount_end_on and term.notice_days for term in terms)
    assert not any(term.unknown for term in terms)


def test_people_decided_and_every_figure_is_known(finance: User) -> None:
    """One check passes and another fails; the audit names who recorded what."""
    told, inputs = unit_economics(finance, TO_MAY, stands_on=source(END_ON))
    assert (told.found.reasons, inputs.missing) == ({}, [])
    assert {check.passed for check in told.found.tests} == {True, False}
    waiting, approved = sorted(held(), key=lambda one: one.is_approved)
    assert (waiting.is_approved, approved.is_approved) == (False, True)
    assert approved.row.approved_by == finance.name
    assert approved.proposed_by == User.objects.get(email=LEADER.email).name
    assert CreditOverride.objects.get().credited_to == CreditedTo.SALES
    decided = AuditEntry.objects.exclude(by=None).values_list("action", flat=True)
    assert set(decided) == {
        *("rate_changed", "costs_recorded", "parameters_changed", "period_closed"),
        *("exclusion_proposed", "exclusion_approved", "credit_overridden"),
        "absence.planned",
        *("source_added", "feature_named", "feature_changed", "metric_defined", "goal_set"),
    }


def test_the_last_months_are_closed_and_one_was_corrected_since(finance: User) -> None:
    closes = list(Close.objects.order_by("first_on"))
    assert [close.period for close in closes] == ["2026-03", "2026-04", "2026-05"]
    assert all(is_intact(close) and close.made_by == finance for close in closes)
    assert all(close.known_on < business_day(close.made_at, ZONE) <= END_ON for close in closes)
    for step in (contracts, revenue):
        step.fill(day=END_ON)
    lines = {line.name: line for line in restated(closes[-1])}
    assert (lines["expansion"].corrections or ZERO) > 0
    assert not any(line.redefined for line in lines.values())


@pytest.mark.parametrize(
    ("end_on", "months"),
    [
        (date(2026, 6, 30), ["2026-03", "2026-04", "2026-05"]),
        (date(2026, 6, 4), ["2026-02", "2026-03", "2026-04"]),
        (date(2026, 6, 5), ["2026-03", "2026-04", "2026-05"]),
        (date(2026, 9, 6), ["2026-05", "2026-06", "2026-07"]),
    ],
    ids=["month end", "not closed yet", "closed today", "the fifth is a Saturday"],
)
def test_books_close_on_a_working_day_from_the_fifth_on(end_on: date, months: list[str]) -> None:
    found = closings(end_on)
    assert [closing.month.label for closing in found] == months
    assert all(closing.known_on.weekday() < 5 <= closing.known_on.day for closing in found)


@pytest.fixture(scope="module")
def stories() -> list[Customer]:
    return draw_stories(300, seed=1, end_on=END_ON)


def test_who_renews_by_itself_leaves_only_by_notice_in_time(stories: list[Customer]) -> None:
    seen = 0
    for story in stories:
        ends = {order.order_id: order.end_on for order in story.orders if order.auto_renew}
        for notice in (order for order in story.orders if order.kind == "cancellation"):
            for named in set(notice.renews) & set(ends):
                if notice.start_on == ends[named]:
                    lead = notice.start_on - notice.signed_on
                    assert lead.days > (story.agreement.notice_days or 0)
                    seen += 1
    assert seen > 3


def test_plain_files_need_no_rates(tmp_path: Path) -> None:
    write(tmp_path, customers=60, events=0, seed=1, end_on=END_ON)
    with (tmp_path / "orders.csv").open(encoding="utf-8") as file:
        orders = list(csv.DictReader(file))
    assert {row["currency"] for row in orders} == {"CNY"}
    assert "usage" not in {row["kind"] for row in orders}
