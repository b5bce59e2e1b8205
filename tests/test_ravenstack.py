"""RavenStack, a complete SaaS export, by mapping alone; the commands are the tutorial's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from perennial.connectors.actions import import_file
from perennial.connectors.options import Options
from perennial.connectors.results import ImportResult, RowsRefused
from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Outcome
from perennial.revenue import jobs
from perennial.revenue.queries import mrr_on
from perennial.tickets.models import Ticket
from perennial.units.mapping import parse_map

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
CUSTOMER = "customer_id=account_id"


def bring_in(kind: str, path: Path, *pairs: str, ids: str = "", skip: bool = False) -> ImportResult:
    options = Options(
        map=parse_map(pairs),
        id_columns=tuple(filter(None, ids.split("+"))),
        skip_bad_rows=skip,
    )
    return import_file(kind, path, options=options, by=None, at=NOW)


@pytest.fixture
def accounts(shared_data: Path) -> ImportResult:
    return bring_in(
        "customers",
        shared_data / "ravenstack_accounts.csv.gz",
        "external_id=account_id",
        "name=account_name",
        "region=country",
        "created_on=signup_date",
    )


def subscriptions(shared_data: Path, *, skip: bool) -> ImportResult:
    return bring_in(
        "orders",
        shared_data / "ravenstack_subscriptions.csv.gz",
        "order_id=subscription_id",
        CUSTOMER,
        "kind=is_trial{TRUE:trial,FALSE:new}",
        "start_on=start_date",
        "end_on=end_date",
        "product=plan_tier",
        "mrr=mrr_amount",
        "currency==USD",
        skip=skip,
    )


def test_five_hundred_accounts_come_in(accounts):
    assert (accounts.counts.added, Customer.objects.count()) == (500, 500)


def test_thirteen_subscriptions_that_end_on_their_start_are_refused(accounts, shared_data):
    with pytest.raises(RowsRefused) as refused:
        subscriptions(shared_data, skip=False)
    assert refused.value.result.counts.rejected == 13
    assert {it.code for it in refused.value.result.errors} == {"ends_before_start"}
    assert {it.column for it in refused.value.result.errors} == {"end_date"}
    assert OrderLine.objects.count() == 0

    result = subscriptions(shared_data, skip=True)

    assert (result.counts.added, result.counts.rejected) == (4_987, 13)
    lines = Path(result.rejects).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 14
    assert lines[0].endswith("auto_renew_flag,row,column,reason")
    again = subscriptions(shared_data, skip=True)
    assert (again.counts.added, again.counts.same) == (0, 4_987)


def test_two_thousand_tickets_with_bare_hours(accounts, shared_data):
    result = bring_in(
        "tickets",
        shared_data / "ravenstack_support_tickets.csv.gz",
        "external_id=ticket_id",
        CUSTOMER,
        "opened_at=submitted_at",
        "satisfaction=satisfaction_score",
    )
    assert result.counts.added == 2_000
    ticket = Ticket.objects.get(external_id="T-0024de")
    assert ticket.closed_at == datetime(2023, 7, 27, 19, 0, tzinfo=UTC)  # 3:00 in Shanghai


def test_churn_events_come_in_as_outcomes(accounts, shared_data):
    result = bring_in(
        "outcomes",
        shared_data / "ravenstack_churn_events.csv.gz",
        CUSTOMER,
        "occurred_on=churn_date",
        "outcome==churn",
    )
    assert result.counts.added + result.counts.same == 600
    assert Outcome.objects.filter(outcome="churn").count() == result.counts.added


def test_feature_usage_finds_its_customer_through_the_order(accounts, shared_data):
    subscriptions(shared_data, skip=True)
    result = bring_in(
        "events",
        shared_data / "ravenstack_feature_usage.csv.gz",
        "event=feature_name",
        "timestamp=usage_date",
        "order_id=subscription_id",
        "value=usage_count",
        ids="usage_id+subscription_id+usage_date",
    )
    assert (result.counts.added, result.counts.duplicates) == (25_000, 0)
    assert result.counts.rejected == 0


def test_recurring_revenue_comes_out(accounts, shared_data, settings):
    settings.PERENNIAL_CURRENCY = "USD"
    subscriptions(shared_data, skip=True)
    jobs.fill(day=NOW.date())
    days = (date(2023, 6, 30), date(2023, 12, 31), date(2024, 6, 30), date(2024, 12, 31))
    figures = [list(mrr_on(None, day).values()) for day in days]
    assert [(sum(it), sum(1 for amount in it if amount)) for it in figures] == [
        (242_921, 64),
        (1_262_113, 185),
        (3_833_405, 333),
        (10_159_608, 500),
    ]
