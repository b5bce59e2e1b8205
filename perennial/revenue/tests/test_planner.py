"""The planner through HTTP: own numbers, the address, bounds, the partial, the file."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.revenue.planner.inputs import NAMES
from perennial.team.models import Role, User

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-22T10:00:00+08:00")
AS_OF = date(2026, 11, 21)
URL = "/revenue/planner/"
PARTIAL = {"HX-Request": "true", "HX-Target": "section#plan"}
# Article s0: 1000 of new sales, growing by 30 %, renewal 50 % against 80 %.
SEED = {
    "unit": "1", "outcome": "arr", "renewal_base": "50", "renewal": "80", "upsell_base": "0",
    "upsell": "0", "new_customers_base": "100", "new_customers": "100", "growth_base": "30",
    "growth": "30", "price_base": "10", "price": "10", "cac_base": "10", "cac": "10",
    "margin_base": "80", "margin": "80", "arr_per_csm_base": "500", "arr_per_csm": "500",
    "csm_cost_base": "1", "csm_cost": "1", "arr": "0", "years": "10", "term_years": "3",
    "prepaid": "40", "buyout": "0", "licence": "30", "licence_cost": "10", "maintenance": "0",
    "keeping": "0", "fake_renewal": "60", "fake_prepaid": "30", "fake_buyout": "10",
    "fake_term": "3",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def log_in(role: Role, language: str = "en") -> Client:
    user = User.objects.create(email=f"{role}@x.invalid", name=role, role=role, language=language)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def order(name: str, order_id: str, start: date, end: date, mrr: int, **also) -> Customer:
    of, _made = Customer.objects.get_or_create(external_id=name, name=name, recorded_at=NOW)
    months = (end.year - start.year) * 12 + end.month - start.month
    given = {
        "kind": "new", "recurring_amount": Decimal(mrr * months), "basis": "term",
        "currency": "CNY", "signed_on": start, "recorded_at": NOW,
    } | also  # fmt: skip
    OrderLine.objects.create(customer=of, order_id=order_id, start_on=start, end_on=end, **given)
    return of


@pytest.fixture
def company() -> None:
    """A year ago two paid 1,000 each; one left, the other grew by 500; three came since."""
    order("stays", "a", date(2025, 1, 1), date(2028, 1, 1), 1000)
    order("stays", "b", date(2026, 3, 1), date(2028, 1, 1), 500, kind="addon")
    order("leaves", "c", date(2025, 6, 1), date(2026, 6, 1), 1000)
    for name in ("x", "y", "z"):
        order(name, name, date(2026, 2, 1), date(2027, 2, 1), 200)
    jobs.fill(day=AS_OF)


def values(page) -> dict[str, str]:
    rows = [row for _title, rows in page.context["levers"] for row in rows]
    return {row.input.name: row.base.value for row in rows}


def test_a_new_plan_starts_from_the_own_numbers(company):
    page = log_in(Role.FINANCE).get(URL)
    assert page.status_code == 200
    found = values(page)
    assert found["renewal"] == "50" and found["upsell"] == "25"
    assert found["new_customers"] == "3" and found["price"] == "2.4"
    asked = page.context["asked"]
    assert asked.values["arr"] == 12 * (1500 + 600)
    assert asked.values["renewal"] == Decimal("0.6")  # the scenario: ten points more
    assert f"{float(asked.values['prepaid']):.3f}" == "0.476"  # 1,000 of 2,100 for 3 years
    text = page.content.decode()
    assert "whole company" in text and "actual: 50.0%" in text


def test_a_csm_plans_with_the_own_book(company):
    client = log_in(Role.CSM)
    own = User.objects.get(role=Role.CSM)
    Customer.objects.filter(external_id__in=["x", "y"]).update(owner=own)
    page = client.get(URL)
    assert page.context["asked"].values["arr"] == 12 * 400
    assert "my book" in page.content.decode()


def test_without_any_orders_plain_assumptions_say_so():
    page = log_in(Role.ADMIN).get(URL)
    assert "assumed numbers" in page.content.decode()
    assert values(page)["price"] == "100"  # thousand


def test_who_sees_no_money_has_no_planner():
    client = log_in(Role.VIEWER)
    assert client.get(URL).status_code == 403
    assert client.get("/revenue/planner.csv").status_code == 403


def test_the_address_is_the_whole_plan(company):
    """B3: after ten years 27,356.95 against 17,231.09, 1.59 times, towards 1.6."""
    page = log_in(Role.FINANCE).get(URL, SEED)
    assert page.context["headline"] == (
        "After 10 years ARR is ¥27.4K, 1.59 times the base (+¥10.1K)."
    )
    assert page.context["rows"][-1]["ratio"] == "1.59"
    assert "1.60 times" in page.context["ratio_note"]
    link = urlsplit(page.context["address"])
    again = {name: text for name, (text,) in parse_qs(link.query).items()}
    assert set(again) == {*NAMES, "unit", "outcome"}
    other = Client()
    other.force_login(
        User.objects.create(email="b@x.invalid", name="b", role=Role.LEADER, language="zh-hans"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    same = other.get(f"{URL}?{link.query}")
    assert dict(same.context["asked"].values) == dict(page.context["asked"].values)
    assert same.context["unit"] == 10_000 and 'value="0.001"' in same.content.decode()


def test_multi_year_orders_count_as_one_period_and_warn():
    """B3: LTV ≥ 3 CAC needs 3 cycles, of three-year orders 9 years; parity at cycle 3."""
    page = log_in(Role.FINANCE).get(URL, SEED)
    terms = page.context["terms"]
    assert (terms[0][1], terms[1][1]) == ("3", "9 years")
    signs = " ".join(page.context["signs"])
    assert "40% of ARR is prepaid" in signs and "runs 3 years" in signs
    assert "after 3.0 cycles" in page.context["offers"]["says"]
    assert len(page.context["conditions"]) == 5


def test_the_limits_of_the_warning_can_be_moved():
    moved = {"fake_prepaid": "40", "fake_term": "4"}
    assert log_in(Role.FINANCE).get(URL, SEED | moved).context["signs"] == []


def test_orders_over_several_years_are_listed_as_exceptions(company):
    page = log_in(Role.FINANCE).get(URL)
    assert [(it.order_id, it.arr) for it in page.context["long_orders"]] == [("a", 12_000)]
    assert "2025-01-01 → 2028-01-01" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("renewal", "101"), ("renewal", "-1"), ("renewal", "eighty"), ("renewal", ""),
        ("years", "11"), ("years", "2.5"), ("years", "0"), ("price_base", "1e999"),
        ("price", "NaN"), ("arr_per_csm", "0"), ("growth", "-100"), ("cac", "9" * 400),
    ],
)  # fmt: skip
def test_a_wrong_input_has_its_error_beside_it(name: str, typed: str):
    page = log_in(Role.FINANCE).get(URL, SEED | {name: typed})
    assert page.status_code == 200
    assert set(page.context["asked"].errors) == {name}
    assert f'id="{name}_error" role="alert"' in page.content.decode()
    assert "kpis" not in page.context and "they are marked" in page.content.decode()


def test_while_sliding_only_the_results_come_and_the_marks(company, django_assert_num_queries):
    client = log_in(Role.FINANCE)
    client.get(URL)
    with django_assert_num_queries(4):  # who asks, and what every page knows: no book
        answer = client.get(URL, SEED | {"renewal": "90"}, headers=PARTIAL)
    text = answer.content.decode()
    assert text.lstrip().startswith('<div class="pl-head"') and "<html" not in text
    assert text.count('hx-swap-oob="true"') == len(NAMES) + 1


@pytest.mark.parametrize("partial", [{}, PARTIAL], ids=["page", "partial"])
def test_an_incomplete_question_is_filled_in(company, partial):
    answer = log_in(Role.FINANCE).get(URL, {"renewal": "70"}, headers=partial)
    assert answer.context["asked"].values["renewal"] == Decimal("0.7")
    assert answer.context["asked"].values["arr"] == 25_200


def test_without_javascript_a_moved_slider_counts(company):
    client = log_in(Role.FINANCE)
    sent = SEED | {"renewal_slide": "85", "renewal_was": "80", "cac_slide": "9", "cac_was": "9"}
    answer = client.get(URL, sent)
    assert answer.status_code == 302
    assert "renewal=85&" in answer["Location"] and "slide" not in answer["Location"]
    assert "cac=0.01&" in answer["Location"]


def test_presets_are_plans_too(company):
    client = log_in(Role.FINANCE)
    presets = {it.title: it for it in client.get(URL).context["presets"]}
    half = client.get(f"{URL}?{presets['50% against 80% renewal'].query}").context["asked"]
    assert (half.values["renewal_base"], half.values["renewal"]) == (Decimal("0.5"), Decimal("0.8"))
    refilled = client.get(f"{URL}?{presets['Refill churn by upsell'].query}")
    assert {row["gap"] for row in refilled.context["rows"]} == {"¥0"}


@pytest.mark.parametrize("outcome", ["arr", "revenue", "contribution", "ltv_to_cac"])
def test_what_matters_most_is_judged_by_any_outcome(outcome: str):
    page = log_in(Role.FINANCE).get(URL, SEED | {"outcome": outcome})
    spans = [it["swing"].span for it in page.context["swings"]]
    assert spans == sorted(spans, reverse=True) and "<svg" in page.context["tornado"]


def test_the_file_holds_every_year_to_the_cent():
    answer = log_in(Role.FINANCE).get("/revenue/planner.csv", SEED)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["arr_base"] for row in rows][:4] == ["1000.00", "1800.00", "2590.00", "3492.00"]
    assert rows[9]["arr_scenario"] == "27356.95" and len(rows) == 10


@pytest.mark.parametrize("extreme", [
    {"renewal": "100", "renewal_base": "100", "upsell": "100"},
    {"price": "0", "price_base": "0", "cac": "0", "cac_base": "0"},
    {"new_customers": "0", "new_customers_base": "0"},
    {"price": "9999999999999", "arr": "9999999999999", "growth": "300"},
    {"renewal": "0", "renewal_base": "0", "margin": "0"},
])  # fmt: skip
@pytest.mark.parametrize("outcome", ["arr", "ltv_to_cac"])
def test_extreme_plans_still_have_a_page(extreme: dict[str, str], outcome: str):
    page = log_in(Role.FINANCE, "zh-hans").get(URL, SEED | extreme | {"outcome": outcome})
    assert page.status_code == 200 and page.context["asked"].errors == {}
