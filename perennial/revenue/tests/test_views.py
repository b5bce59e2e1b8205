"""The Revenue page through HTTP."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.team.models import Role, User

pytestmark = pytest.mark.django_db
AS_OF = date(2026, 11, 21)
NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def log_in(role: Role, language: str = "en") -> Client:
    user = User.objects.create(email=f"{role}@x.invalid", name=role, role=role, language=language)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def order(of: Customer, order_id: str, start: date, mrr: int, **also) -> None:
    given = {
        "kind": "new", "recurring_amount": Decimal(mrr), "basis": "mrr", "currency": "CNY",
        "signed_on": start, "recorded_at": NOW,
    } | also  # fmt: skip
    OrderLine.objects.create(customer=of, order_id=order_id, start_on=start, **given)


@pytest.fixture
def company() -> dict[str, Customer]:
    """In October 2026: one came, one grew, one came back, one shrank, one left."""
    names = ("new", "grows", "returns", "shrinks", "leaves", "=cmd()")
    made = {
        name: Customer.objects.create(external_id=name, name=name, recorded_at=NOW)
        for name in names
    }
    begin, middle = date(2025, 1, 1), date(2026, 10, 10)
    order(made["new"], "n", middle, 1000)
    order(made["grows"], "g", begin, 5000)
    order(made["grows"], "g2", middle, 500, kind="addon")
    order(made["returns"], "r", begin, 80, end_on=date(2025, 6, 1))
    order(made["returns"], "r2", middle, 90)
    order(made["shrinks"], "s", begin, 700)
    order(made["shrinks"], "s2", middle, -200, kind="downsell", renews=["s"])
    order(made["leaves"], "l", begin, 300, end_on=middle)
    order(made["=cmd()"], "e", date(2026, 9, 1), 7)
    jobs.fill(day=AS_OF)
    return made


def test_the_page_shows_the_last_complete_month_and_its_definitions(company):
    page = log_in(Role.FINANCE).get("/revenue/")
    text = page.content.decode()
    assert page.status_code == 200
    report = page.context["report"]
    assert (report.period.label, report.start, report.end) == ("2026-10", 6007, 7097)
    assert "2026-10-01 → 2026-10-31" in text and "whole company" in text
    assert "One-off fees, trials and buy-outs do not" in text
    assert "As recorded on 2026-11-22" in text
    assert 'href="/revenue/movers/?grain=month&amp;period=2026-10&amp;kind=churn"' in text
    for name in ("new", "grows", "returns", "shrinks", "leaves"):
        assert name in text


@pytest.mark.parametrize(
    ("query", "label", "last_on", "running"),
    [
        ("", "2026-10", date(2026, 10, 31), False),
        ("grain=quarter", "2026-Q3", date(2026, 9, 30), False),
        ("grain=quarter&period=2026-Q4", "2026-Q4", AS_OF, True),
        ("grain=year", "2026", AS_OF, True),
        ("grain=year&period=2025", "2025", date(2025, 12, 31), False),
        ("period=2026-11", "2026-11", AS_OF, True),
        ("period=2027-01", "2026-10", date(2026, 10, 31), False),
        ("period=nonsense&grain=week&kind=gift", "2026-10", date(2026, 10, 31), False),
        ("period=2026-13", "2026-10", date(2026, 10, 31), False),
    ],
)
def test_the_period_lives_in_the_address(company, query, label, last_on, running):
    shown = log_in(Role.ADMIN).get(f"/revenue/?{query}").context["shown"]
    assert (shown.period.label, shown.period.last_on) == (label, last_on)
    assert (shown.is_running, bool(shown.later)) == (running, not running)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("new", {"new"}),
        ("expansion", {"grows"}),
        ("reactivation", {"returns"}),
        ("contraction", {"shrinks"}),
        ("churn", {"leaves"}),
        ("", {"new", "grows", "returns", "shrinks", "leaves"}),
    ],
)
def test_every_bar_opens_the_customers_behind_it(company, kind, names):
    client = log_in(Role.FINANCE)
    page = client.get(f"/revenue/movers/?period=2026-10&kind={kind}")
    assert {mover.customer.name for mover in page.context["movers"]} == names
    report = client.get("/revenue/?period=2026-10").context["report"]
    expected = report.amounts[kind] if kind else report.net
    assert page.context["total"] == expected


@pytest.mark.parametrize(("at", "figure"), [("start", "start"), ("", "end")])
def test_the_customers_behind_a_total_make_it_up(company, at, figure):
    client = log_in(Role.FINANCE)
    page = client.get(f"/revenue/customers/?period=2026-10&at={at}")
    report = client.get("/revenue/?period=2026-10").context["report"]
    assert sum(payer.state.mrr for payer in page.context["payers"]) == getattr(report, figure)
    assert page.context["total"] == getattr(report, figure)
    amounts = [payer.state.mrr for payer in page.context["payers"]]
    assert amounts == sorted(amounts, reverse=True)


def test_before_the_first_order_nobody_pays(company):
    page = log_in(Role.FINANCE).get("/revenue/customers/?grain=year&period=2020")
    assert "Nobody paid on that day." in page.content.decode()


def rows(page) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_the_files_hold_what_is_on_the_screen(company):
    client = log_in(Role.FINANCE)
    (row,) = rows(client.get("/revenue/movements.csv?period=2026-10"))
    told = {name: row[name] for name in ("start", "new", "churn", "end", "customers", "scope")}
    assert told == {
        "start": "6007.00",
        "new": "1000.00",
        "churn": "-300.00",
        "end": "7097.00",
        "customers": "5",
        "scope": "company",
    }
    assert (row["grr"], row["nrr"]) == ("0.916764", "1.000000")
    movers = rows(client.get("/revenue/movers.csv?period=2026-10&kind=churn"))
    assert [(mover["name"], mover["change"]) for mover in movers] == [("leaves", "-300.00")]


def test_a_name_that_is_a_formula_is_neutralised(company):
    (mover,) = rows(log_in(Role.FINANCE).get("/revenue/movers.csv?period=2026-09"))
    assert mover["name"] == "'=cmd()"


def test_a_csm_sees_the_own_book_labelled_so(company):
    client = log_in(Role.CSM)
    User.objects.get(role=Role.CSM).customers.set([company["grows"], company["leaves"]])
    page = client.get("/revenue/")
    assert "my book" in page.content.decode()
    assert (page.context["report"].start, page.context["report"].end) == (5300, 5500)
    assert {mover.customer.name for mover in page.context["top"]} == {"grows", "leaves"}
    (row,) = rows(client.get("/revenue/movements.csv"))
    assert (row["scope"], row["start"]) == ("own", "5300.00")


def test_a_csm_without_customers_sees_an_empty_state(company):
    page = log_in(Role.CSM).get("/revenue/")
    assert page.status_code == 200
    assert "None of the customers that you look after" in page.content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
@pytest.mark.parametrize("path", ["", "movers/", "customers/", "movements.csv", "movers.csv"])
def test_roles_without_money_are_refused(role, path):
    assert log_in(role).get(f"/revenue/{path}").status_code == 403


def test_a_quiet_month_says_so(company):
    page = log_in(Role.FINANCE).get("/revenue/?period=2026-08")
    assert "Nobody came, left or changed" in page.content.decode()
    behind = log_in(Role.ADMIN).get("/revenue/movers/?period=2026-08")
    assert "Nobody came, left or changed" in behind.content.decode()


def test_a_figure_without_a_rate_is_unknown_and_says_how_to_mend_it(company):
    order(company["new"], "usd", date(2026, 1, 1), 10, currency="USD")
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get("/revenue/")
    text = page.content.decode()
    assert "USD (1 customer)" in text and 'href="/revenue/definitions/#rates"' in text
    told = {kpi.title: (kpi.value, kpi.note) for kpi in page.context["kpis"]}
    assert told["MRR"] == ("–", "An exchange rate is missing.")
    assert told["Paying customers"][0] == "5"
    assert page.context["chart"] is None


def test_before_the_currency_is_used_the_figures_are_known(company):
    order(company["new"], "usd", date(2026, 11, 1), 10, currency="USD")
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get("/revenue/?period=2026-10")
    assert page.context["end"] == 7097


def test_a_company_with_another_currency_only_is_told_what_to_enter():
    of = Customer.objects.create(external_id="usd", name="usd", recorded_at=NOW)
    order(of, "usd", date(2026, 1, 1), 10, currency="USD")
    jobs.fill(day=AS_OF)
    text = log_in(Role.ADMIN).get("/revenue/").content.decode()
    assert "USD (1 customer)" in text and "Enter plan rates" in text


def test_the_page_speaks_chinese(company):
    text = log_in(Role.FINANCE, "zh-hans").get("/revenue/").content.decode()
    for words in ("收入", "新签", "增购", "回流", "降级", "流失", "变动来自谁", "以表格显示"):
        assert words in text
    assert "Customers" not in text
