"""Every page by both clocks, and every number with the list behind it."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from perennial.contracts.models import Invoice
from perennial.customers.models import Customer
from perennial.revenue import actions, jobs
from perennial.revenue.actions.costs import record_costs
from perennial.revenue.models import Close, MonthlyCost
from perennial.revenue.rules import Movement
from perennial.revenue.tests.scene import (
    AS_OF,
    KNOWN,
    NOW,
    OCTOBER,
    company_of_october,
    corrections,
    customer,
    log_in,
    noon,
    order,
)
from perennial.team.models import Role, Team, User

pytestmark = pytest.mark.django_db
THEN = "known_at=2026-11-05"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> dict[str, Customer]:
    return company_of_october()


def rows(client: Client, address: str) -> list[dict[str, str]]:
    text = client.get(address).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("report", ["net", "activity"])
@pytest.mark.parametrize(
    "period",
    ["grain=month&period=2026-10", "grain=year&period=2026", "period=2026-10&known_at=2026-11-05"],
)
def test_the_list_behind_a_movement_adds_up_to_it_in_both_reports(company, report, period):
    """Somebody who comes, grows, shrinks, leaves and returns within a month."""
    busy = customer("busy")
    order(busy, "b1", date(2026, 10, 2), 100, end_on=date(2026, 10, 20))
    order(busy, "b2", date(2026, 10, 5), 50, end_on=date(2026, 10, 9), kind="addon")
    order(busy, "b3", date(2026, 10, 25), 70)
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    query = f"{period}&report={report}"
    (figures,) = rows(client, f"/revenue/movements.csv?{query}")
    for kind in Movement:
        listed = rows(client, f"/revenue/movers.csv?{query}&kind={kind}")
        page = client.get(f"/revenue/movers/?{query}&kind={kind}").context
        total = sum((Decimal(row["change"]) for row in listed), Decimal(0))
        assert total == Decimal(figures[kind]) == page["total"]
        assert len(listed) == int(figures[f"{kind}_customers"]) == page["page"].paginator.count
    came = rows(client, f"/revenue/movers.csv?{query}&kind=reactivation")
    assert [row["on"] for row in came] == (["2026-10-25"] if report == "activity" else [])


@pytest.mark.parametrize(
    "path", ["", "movers/", "customers/", "cohorts/", "renewals/", "economics/", "expansion/",
             "expansion/?list=space", "planner/"],
)  # fmt: skip
def test_a_page_of_a_past_day_says_so_and_leads_to_the_same_day_elsewhere(company, path):
    page = log_in(Role.FINANCE).get(f"/revenue/{path}{'&' if '?' in path else '?'}{THEN}")
    text = page.content.decode()
    assert "As known on" in text
    assert all(THEN in tab.href for tab in page.context["sections"])


@pytest.mark.parametrize("path", ["definitions/", "closes/"])
def test_a_page_that_knows_only_now_says_so(company, path):
    client = log_in(Role.FINANCE)
    assert "what is in force now" in client.get(f"/revenue/{path}?{THEN}").content.decode()
    assert "what is in force now" not in client.get(f"/revenue/{path}").content.decode()


def test_a_plan_starts_from_what_was_known_then_and_its_address_says_so(company):
    corrections(company)
    client = log_in(Role.FINANCE)
    then = client.get(f"/revenue/planner/?as_of=2026-10-31&{THEN}").context["asked"]
    now = client.get("/revenue/planner/?as_of=2026-10-31").context["asked"]
    assert (then.values["arr"], now.values["arr"]) == (12 * 1300, 12 * 1520)
    assert then.query.endswith(f"&as_of=2026-10-31&{THEN}")


def test_orders_of_several_years_are_listed_as_they_were_known(company):
    late = noon(date(2026, 11, 10))
    order(company["stays"], "long", date(2026, 10, 1), 10, end_on=date(2029, 10, 1),
          recorded_at=late)  # fmt: skip
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    assert [it.order_id for it in client.get("/revenue/planner/").context["long_orders"]]
    assert not client.get(f"/revenue/planner/?{THEN}").context["long_orders"]


def test_white_space_counts_orders_as_they_were_known(company):
    late = noon(date(2026, 11, 10))
    for number in range(6):
        of = customer(f"peer{number}")
        Customer.objects.filter(pk=of.pk).update(industry="retail", size="small")
        order(of, f"crm{number}", date(2026, 1, 1), 10, product="crm")
        if number < 5:
            order(of, f"oa{number}", date(2026, 2, 1), 5, product="oa", recorded_at=late)
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    assert [row["product"] for row in rows(client, "/revenue/expansion.csv?list=space")] == ["oa"]
    assert rows(client, f"/revenue/expansion.csv?list=space&{THEN}") == []


def test_costs_of_a_past_day_cannot_be_recorded_over_those_of_now(company):
    """The fields show what was known then: sending them would take back what came later."""
    month = date(2026, 10, 1)
    for amount, at in ((100, date(2026, 11, 1)), (200, date(2026, 11, 10))):
        record_costs({month: Decimal(amount)}, kind="sales_marketing", by=None, at=noon(at))
    client = log_in(Role.FINANCE)
    then = client.get(f"/revenue/economics/?view=costs&{THEN}").content.decode()
    assert 'value="100.00"' in then and '<fieldset class="bare" disabled>' in then
    assert (
        '<fieldset class="bare">' in client.get("/revenue/economics/?view=costs").content.decode()
    )
    assert MonthlyCost.objects.count() == 2
    numbers = client.get(f"/revenue/economics/?{THEN}").content.decode()
    assert '<fieldset class="fields" disabled>' in numbers


def test_a_payment_in_time_after_the_day_of_knowledge_changes_nothing_then(company):
    """Issued before, paid afterwards but before it was due: nothing of that was known."""
    owed = Invoice.objects.create(
        external_id="i", customer=company["stays"], issued_on=date(2026, 8, 1), amount=100,
        due_on=date(2026, 9, 1), currency="CNY", recorded_at=noon(date(2026, 8, 1)),
    )  # fmt: skip
    client = log_in(Role.FINANCE)
    address = "/revenue/movements.csv?grain=month&period=2026-10&known_at=2026-08-10"
    jobs.fill(day=AS_OF)
    before = rows(client, address)
    owed.paid_on, owed.recorded_at = date(2026, 8, 20), noon(date(2026, 8, 20))
    owed.save()
    jobs.fill(day=AS_OF)
    assert rows(client, address) == before


def test_a_leader_reads_no_orders_of_other_teams(company):
    """Order numbers often hold the customer's."""
    order(company["stays"], "SO-stays", date(2026, 1, 1), 10, end_on=date(2029, 1, 1))
    jobs.fill(day=AS_OF)
    kept = actions.close_period(OCTOBER, known_on=KNOWN, by=None, at=NOW)
    client = log_in(Role.LEADER)
    User.objects.update(team=Team.objects.create(name="East"))
    west = User.objects.create(email="w@x.invalid", team=Team.objects.create(name="West"))
    Customer.objects.update(owner=west)
    plan = client.get("/revenue/planner/")
    assert [it.order_id for it in plan.context["long_orders"]] == ["SO-stays"]
    assert "SO-stays" not in plan.content.decode()
    assert client.get(f"/revenue/closes/{kept.pk}/close.json").status_code == 403
    assert "close.json" not in client.get(f"/revenue/closes/{kept.pk}/").content.decode()


def test_two_people_who_close_the_same_period_make_one_close(company):
    first, second = log_in(Role.FINANCE), log_in(Role.ADMIN)
    given = {"period": "2026-10", "known_on": "2026-11-05"}
    assert first.post("/revenue/closes/", given).status_code == 302
    refused = second.post("/revenue/closes/", given)
    assert refused.status_code == 422
    assert "closed already with exactly these figures" in refused.content.decode()
    assert Close.objects.count() == 1
