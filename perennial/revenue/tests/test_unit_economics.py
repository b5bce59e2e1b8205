"""The Unit economics page through HTTP: figures, checks, lifetimes, cost to serve, costs, gates."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from fractions import Fraction

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from perennial.customers.models import Customer, Touch
from perennial.revenue import jobs
from perennial.revenue.tests.test_views import AS_OF, NOW, log_in, order
from perennial.team.models import Role
from perennial.tickets.models import Ticket

pytestmark = pytest.mark.django_db
PAGE = "/revenue/economics/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> dict[str, Customer]:
    """Twelve months to 31 October 2026: of ten customers one leaves, two come; 100 a month each,
    the new ones 250."""
    made = {}
    for number in range(12):
        came = number >= 10
        of = Customer.objects.create(
            external_id=f"c{number}", name=f"c{number}", tier="S" if came else "B",
            industry="retail" if number % 2 else "food", recorded_at=NOW,
        )  # fmt: skip
        made[of.name] = of
        begin = date(2026, 3, 1) if came else date(2025, 1, 1)
        end = date(2026, 6, 1) if number == 0 else None
        order(of, f"o{number}", begin, 250 if came else 100, end_on=end, product="CRM")
    jobs.fill(day=AS_OF)
    return made


def costs(client: Client, rows: str, kind: str = "sales_marketing"):
    typed = {"kind": kind, "rows": rows, "next": PAGE}
    return client.post("/revenue/costs/", typed, follow=True)


def year(amount: int) -> str:
    months = [f"2025-{it}" for it in (11, 12)] + [f"2026-{it:02}" for it in range(1, 11)]
    return "\n".join(f"{month}, {amount}" for month in months)


def told(client: Client, query: str = "") -> dict[str, object]:
    page = client.get(f"{PAGE}?{query}")
    assert page.status_code == 200
    figures = {one["name"]: one["value"] for one in page.context["figures"]}
    return figures | {it["it"].variant: it["it"].amount for it in page.context["ltv"]}


def test_the_figures_of_twelve_whole_months(company):
    client = log_in(Role.FINANCE)
    costs(client, year(500))
    costs(client, year(280), kind="delivery")
    found = told(client)
    assert found["arpa"] == Fraction(1400, 11)
    assert (found["asp"], found["cac"]) == (250, 3000)
    assert found["yearly_churn"] == Fraction(1, 10)
    margin = 1 - Fraction(280 * 12, 1400 * 12)
    assert found["payback_months"] == 3000 / (Fraction(1400, 11) * margin)
    assert found["l4"] == Fraction(1400, 11) * 12 * 10
    page = client.get(PAGE)
    text = page.content.decode()
    assert "2025-11-01 → 2026-10-31" in text and "1 − cost of delivery" in text
    passed = {it["it"].name: it["it"].passed for it in page.context["checks"]}
    assert passed["yearly_churn"] is False and passed["payback_months"] is False


def test_without_costs_the_acquisition_cost_is_unknown_and_says_why(company):
    client = log_in(Role.FINANCE)
    found = told(client)
    assert (found["cac"], found["payback_months"], found["ltv_to_cac"]) == (None, None, None)
    text = client.get(PAGE).content.decode()
    assert "not recorded for 12 months (" in text
    assert "view=costs" in text
    costs(client, year(500).replace("2026-05, 500\n", ""))
    assert told(client)["cac"] is None, "one month is missing"


def test_limits_can_be_edited_and_the_checks_follow(company):
    client = log_in(Role.FINANCE)
    change = {"prefix": "economics.", "next": PAGE, "economics.yearly_churn": "10%"}
    client.post("/revenue/parameters/", change)
    passed = {it["it"].name: it["it"].passed for it in client.get(PAGE).context["checks"]}
    assert passed["yearly_churn"] is True
    client.post("/revenue/parameters/", change | {"economics.yearly_churn": ""})
    passed = {it["it"].name: it["it"].passed for it in client.get(PAGE).context["checks"]}
    assert passed["yearly_churn"] is False, "an empty field is the default again"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("tier", {"S": (2, 500), "B": (9, 900)}),
        ("industry", {"food": (5, 650), "retail": (6, 750)}),
        ("product", {"CRM": (11, 1400)}),
    ],
)
def test_segments_add_up_to_the_whole(company, by, expected):
    page = log_in(Role.LEADER).get(f"{PAGE}?by={by}")
    found = {one.name: (one.window.customers, one.window.mrr) for one in page.context["segments"]}
    assert found == expected
    whole = page.context["told"].window
    assert sum(it.window.mrr for it in page.context["segments"]) == whole.mrr == 1400


def served(of: Customer, minutes: int | None, kind: str = "call") -> None:
    at = datetime(2026, 5, 5, tzinfo=timezone.get_current_timezone())
    Touch.objects.create(customer=of, happened_at=at, kind=kind, minutes=minutes, recorded_at=NOW)


def test_cost_to_serve_and_the_profit_of_customer_success(company):
    served(company["c1"], 90)
    served(company["c1"], None, kind="visit")
    served(company["c10"], 30, kind="training")
    opened_at = datetime.fromisoformat("2026-05-05T10:00:00+08:00")
    Ticket.objects.create(
        external_id="t", customer=company["c10"], recorded_at=NOW, opened_at=opened_at
    )
    order(company["c2"], "o2+", date(2026, 5, 1), 50, kind="addon", product="OA")
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    page = client.get(f"{PAGE}?view=service")
    assert page.context["found"].whole.cost is None and page.context["profit"].profit is None
    assert "The cost of an hour is not set." in page.content.decode()
    change = {"prefix": "service.", "next": PAGE, "service.hour_cost": "40",
              "service.ticket_hours": "1.5"}  # fmt: skip
    client.post("/revenue/parameters/", change)
    page = client.get(f"{PAGE}?view=service")
    whole, profit = page.context["found"].whole, page.context["profit"]
    assert (whole.service.total, whole.cost) == (Fraction(11, 2), 220)
    assert whole.service.standard_share == Fraction(7, 2) / Fraction(11, 2)
    assert (profit.upsell, profit.cost, profit.referrals) == (600, 220, None)
    assert profit.coverage == Fraction(600, 220)
    tiers = {name: one.service.total for name, one in page.context["found"].tiers}
    assert tiers == {"S": 2, "B": Fraction(7, 2)}
    assert list(tiers) == ["S", "B"]


def test_how_long_customers_stay_and_why_nothing_is_projected(company):
    page = log_in(Role.FINANCE).get(f"{PAGE}?view=lifetime")
    staying = page.context["staying"]
    assert (staying.n, staying.left) == (12, 1)
    assert staying.points[0].t == 17, "from 1 January 2025 to 1 June 2026"
    assert staying.points[0].survival == pytest.approx(1 - 1 / 10)
    assert {name: one.n for name, one, _ages in page.context["industries"]} == {
        "food": 6,
        "retail": 6,
    }
    assert page.context["base"].reason == "too_few_customers"
    assert "Fewer than 30 customers were ever seen paying." in page.content.decode()


def test_the_base_is_projected_when_enough_was_seen():
    for number in range(40):
        of = Customer.objects.create(external_id=f"c{number}", name=f"c{number}", recorded_at=NOW)
        years = (1, 2, 3, None, None)[number % 5]
        end = None if years is None else date(2022 + years, 1, 1)
        order(of, f"o{number}", date(2022, 1, 1), 100, end_on=end)
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get(f"{PAGE}?view=lifetime")
    base = page.context["base"]
    assert [cohort.alive for cohort in base.cohorts] == [(40, 32, 24, 16, 16)]
    assert base.left.customers == 16 and base.left.expected > 16
    assert page.context["projection"][0] == (0, pytest.approx(1))
    assert page.context["worth"] > 0 and "In revenue" in page.content.decode()


def test_an_unknown_amount_makes_the_figures_unknown(company):
    order(company["c1"], "usd", date(2026, 3, 1), 10, currency="USD")
    jobs.fill(day=AS_OF)
    client = log_in(Role.FINANCE)
    costs(client, year(500))
    page = client.get(PAGE)
    assert page.context["told"].unknown == "missing_rate"
    figures = {one["name"]: one["value"] for one in page.context["figures"]}
    assert (figures["arpa"], figures["asp"], figures["ltv_to_cac"]) == (None, None, None)
    assert {it["it"].amount for it in page.context["ltv"]} == {None}
    assert (figures["yearly_churn"], figures["cac"]) == (Fraction(1, 10), 3000), "counts are known"
    by_name = {(row["segment"], row["figure"]): row for row in rows(client, "by=tier")}
    assert by_name["B", "mrr"]["reason"] == "missing_rate" and not by_name["B", "mrr"]["value"]
    assert by_name["S", "mrr"]["value"] == "500.00", "the other tier is known"
    assert "An exchange rate is missing." in page.content.decode()


@pytest.mark.parametrize("view", ["", "lifetime", "service", "costs"])
@pytest.mark.parametrize("role", [Role.CSM, Role.SUPPORT, Role.VIEWER])
def test_company_figures_need_the_right(company, role, view):
    client = log_in(role)
    assert client.get(f"{PAGE}?view={view}").status_code == 403
    assert client.get(f"/revenue/economics.csv?view={view}").status_code == 403


def test_the_files_hold_what_is_on_the_screen(company):
    client = log_in(Role.FINANCE)
    costs(client, year(500))
    found = {(row["segment"], row["figure"]): row for row in rows(client, "by=tier")}
    assert found["", "cac"]["value"] == "3000.00"
    assert found["", "ltv.l2"]["reason"] == "no_margin" and not found["", "ltv.l2"]["value"]
    assert found["S", "mrr"]["value"] == "500.00"
    served(company["c1"], 90)
    service = {row["customer_id"]: row for row in rows(client, "view=service")}
    assert (service["c1"]["hours"], service["c1"]["cost"]) == ("1.500000", "")
    assert [row["left"] for row in rows(client, "view=lifetime") if not row["group"]] == ["1"]


def rows(client: Client, query: str) -> list[dict[str, str]]:
    page = client.get(f"/revenue/economics.csv?{query}")
    return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_an_empty_home_has_no_figures_but_a_page():
    client = log_in(Role.ADMIN)
    for view in ("", "lifetime", "service", "costs"):
        assert client.get(f"{PAGE}?view={view}").status_code == 200


def test_the_page_speaks_chinese(company):
    client = log_in(Role.FINANCE, "zh-hans")
    titles = {
        "": "客户终身价值",
        "lifetime": "存量客户的剩余价值",
        "service": "客户成功利润表",
        "costs": "月度成本",
    }
    for view, words in titles.items():
        text = client.get(f"{PAGE}?view={view}").content.decode()
        assert words in text, view
        assert not re.findall(r".{30}Customers.{20}", text), view
