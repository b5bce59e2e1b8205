"""The Expansion page through HTTP: credit, overrides, work behind it, white space, gates."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Touch
from perennial.revenue import jobs
from perennial.revenue.models import CreditOverride, Definition
from perennial.revenue.tests.test_views import AS_OF, NOW, log_in, order
from perennial.team.models import AuditEntry, Role, Team, User

pytestmark = pytest.mark.django_db
PERIOD = "grain=year&period=2026"
BEGIN = date(2025, 10, 1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> dict[str, Customer]:
    """`small` and `large` begin together and buy more after five months: the window of the first
    is over, that of the second is not. `renews` pays more from its renewal on."""
    csm = User.objects.create(email="lin@x.invalid", name="Lin", role=Role.CSM)
    made = {
        name: Customer.objects.create(external_id=name, name=name, owner=csm, recorded_at=NOW)
        for name in ("small", "large", "renews")
    }
    order(made["small"], "s", BEGIN, 1000)
    order(made["large"], "l", BEGIN, 10_000)
    bought = date(2026, 3, 1)
    order(made["small"], "s+", bought, 100, kind="addon", product="B")
    order(made["large"], "l+", bought, 2000, kind="addon")
    order(made["renews"], "r", date(2025, 2, 1), 500, end_on=date(2026, 2, 1))
    order(made["renews"], "r+", date(2026, 2, 1), 600, end_on=date(2027, 2, 1),
          kind="renewal", renews=["r"], signed_on=date(2026, 1, 20))  # fmt: skip
    jobs.fill(day=AS_OF)
    return made


def touch(of: Customer, on: date, by: User | None) -> None:
    at = datetime.combine(on, datetime.min.time(), timezone.get_current_timezone())
    Touch.objects.create(customer=of, happened_at=at, owner=by, recorded_at=NOW)


def rows(page) -> dict[str, dict[str, str]]:
    found = csv.DictReader(io.StringIO(page.content.decode("utf-8-sig")))
    return {row["order_id"]: row for row in found}


def listed(client: Client, which: str = "") -> dict[str, str]:
    """Order → party, as the page shows them."""
    page = client.get(f"/revenue/expansion/?{PERIOD}&list={which}")
    assert page.status_code == 200
    return {row["it"].credited.upsell.order_id: row["it"].credited.party
            for row in page.context["rows"]}  # fmt: skip


def test_upsell_is_credited_by_the_window_of_the_first_deal(company):
    client = log_in(Role.FINANCE)
    assert listed(client) == {"s+": "csm", "l+": "sales", "r+": "csm"}
    assert listed(client, "sales") == {"l+": "sales"}
    page = client.get(f"/revenue/expansion/?{PERIOD}")
    text = page.content.decode()
    assert "whole company" in text and "a renewal after the grace is no upsell" in text
    assert [it["sum"].amount for it in page.context["kpis"]] == [
        26_400, 2400, 24_000, 2400,
    ]  # fmt: skip
    assert sum(it["whole"].amount for it in page.context["by_kind"]) == 26_400


def test_the_last_day_of_the_window_belongs_to_sales(company):
    """`small` pays 12,000 a year at first: three months, over on 1 January."""
    order(company["small"], "early", date(2026, 1, 5), 10, kind="addon",
          signed_on=date(2025, 12, 31))  # fmt: skip
    order(company["small"], "late", date(2026, 1, 5), 10, kind="addon",
          signed_on=date(2026, 1, 1))  # fmt: skip
    order(company["small"], "one", BEGIN, 700, kind="new")
    found = rows(log_in(Role.ADMIN).get("/revenue/expansion.csv?grain=year&period=2026"))
    assert found["late"]["window_months"] == "6", "20,400 at first is a middle deal"
    assert found["late"]["credited_to"] == "sales"
    OrderLine.objects.filter(order_id="one").delete()
    client = log_in(Role.FINANCE)
    early, late = (rows(client.get(f"/revenue/expansion.csv?grain=year&period={year}"))
                   for year in (2025, 2026))  # fmt: skip
    assert (early["early"]["window_months"], early["early"]["credited_to"]) == ("3", "sales")
    assert (late["late"]["csm_from_on"], late["late"]["credited_to"]) == ("2026-01-01", "csm")


@pytest.mark.parametrize(
    ("days_before", "by_owner", "unworked"),
    [
        pytest.param(0, True, False, id="on the day of the signing"),
        pytest.param(59, True, False, id="59 days before"),
        pytest.param(60, True, True, id="60 days before"),
        pytest.param(10, False, True, id="somebody else's touch"),
    ],
)
def test_credit_of_a_csm_needs_logged_work(company, days_before, by_owner, unworked):
    csm = User.objects.get(email="lin@x.invalid")
    other = User.objects.create(email="other@x.invalid", role=Role.CSM)
    touch(company["renews"], date(2026, 1, 20) - timedelta(days=days_before),
          csm if by_owner else other)  # fmt: skip
    client = log_in(Role.FINANCE)
    assert ("r+" in listed(client, "unworked")) is unworked
    row = rows(client.get(f"/revenue/expansion.csv?{PERIOD}"))["r+"]
    anybody = int(days_before < 60)
    assert row["touches_by_csm"] == str(int(by_owner and anybody))
    assert row["touches_by_anybody"] == str(anybody)


def decide(client: Client, order_id: str, **typed: str):
    return client.post(f"/revenue/expansion/credit/?order={order_id}", typed,
                       headers={"HX-Request": "true"})  # fmt: skip


def test_an_override_needs_a_reason_and_can_be_taken_back(company):
    client = log_in(Role.FINANCE)
    refused = decide(client, "l%2B", credited_to="csm", reason="  ")
    assert refused.status_code == 422 and b"needs a reason" in refused.content
    assert not CreditOverride.objects.exists()
    done = decide(client, "l%2B", credited_to="csm", reason="Lin found it")
    assert done.status_code == 204
    assert listed(client)["l+"] == "csm"
    assert "Lin found it" in client.get(f"/revenue/expansion/?{PERIOD}").content.decode()
    assert AuditEntry.objects.get(action="credit_overridden").detail["reason"] == "Lin found it"
    undo = json.loads(done["HX-Trigger"])["toast"]["undo"]
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert client.post(undo, headers={"HX-Request": "true"}).status_code == 204
    assert listed(client)["l+"] == "sales"
    assert CreditOverride.objects.count() == 2, "nothing is deleted"
    assert AuditEntry.objects.filter(action="credit_undone").exists()


def test_taking_back_restores_the_decision_before(company):
    client = log_in(Role.ADMIN)
    decide(client, "l%2B", credited_to="csm", reason="first")
    decide(client, "l%2B", credited_to="sales", reason="second")
    newest = CreditOverride.objects.latest("pk")
    client.post(f"/revenue/expansion/credit/{newest.pk}/undo/")
    assert listed(client)["l+"] == "csm"
    again = client.post(f"/revenue/expansion/credit/{newest.pk}/undo/",
                        headers={"HX-Request": "true"})  # fmt: skip
    assert json.loads(again["HX-Trigger"])["toast"]["text"] == "A newer decision stands."


def test_as_known_earlier_an_override_and_an_order_did_not_exist(company):
    later = NOW + timedelta(days=3)
    with time_machine.travel(later, tick=False):
        client = log_in(Role.FINANCE)
        decide(client, "l%2B", credited_to="csm", reason="late")
        order(company["small"], "new", date(2026, 4, 1), 5, kind="addon", recorded_at=later)
        now = rows(client.get(f"/revenue/expansion.csv?{PERIOD}"))
        then = rows(client.get(f"/revenue/expansion.csv?{PERIOD}&known_at=2026-11-22"))
    assert (now["l+"]["credited_to"], then["l+"]["credited_to"]) == ("csm", "sales")
    assert set(now) - set(then) == {"new"}


@pytest.mark.parametrize("role", [Role.CSM, Role.SUPPORT, Role.VIEWER])
def test_a_csm_reads_and_others_see_nothing(company, role):
    client = log_in(role)
    User.objects.get(email=f"{role}@x.invalid").customers.set([company["renews"]])
    page = client.get(f"/revenue/expansion/?{PERIOD}")
    if role is Role.CSM:
        text = page.content.decode()
        assert "my book" in text and listed(client) == {"r+": "csm"}
        assert "?order=" not in text, "credit is not theirs to decide"
    else:
        assert page.status_code == 403
        assert client.get(f"/revenue/expansion.csv?{PERIOD}").status_code == 403
    foreign = 404 if role is Role.CSM else 403
    assert decide(client, "s%2B", credited_to="csm", reason="me").status_code == foreign
    own = decide(client, "r%2B", credited_to="csm", reason="me")
    assert own.status_code == 403
    assert not CreditOverride.objects.exists()


def test_a_leader_decides_about_the_own_team_only(company):
    team = Team.objects.create(name="north")
    client = log_in(Role.LEADER)
    User.objects.filter(role=Role.LEADER).update(team=team)
    Customer.objects.filter(name="small").update(owner=None, team=team)
    assert decide(client, "s%2B", credited_to="csm", reason="team").status_code == 204
    assert decide(client, "l%2B", credited_to="csm", reason="team").status_code == 404
    text = client.get(f"/revenue/expansion/?{PERIOD}").content.decode()
    assert (
        "a customer of another team" in text and "order=l%2B" not in text and ">large<" not in text
    )
    row = rows(client.get(f"/revenue/expansion.csv?{PERIOD}"))
    assert set(row) == {"s+", ""}, "orders of others have no id"


def test_finance_changes_the_windows_and_they_must_grow(company):
    client = log_in(Role.FINANCE)
    change = {"prefix": "credit.", "next": "/revenue/expansion/", "credit.large_months": "3",
              "credit.middle_months": "3"}  # fmt: skip
    assert client.post("/revenue/parameters/", change).status_code == 302
    assert listed(client)["l+"] == "csm"
    shrinking = change | {"credit.large_months": "1"}
    page = client.post("/revenue/parameters/", shrinking, follow=True)
    assert "The windows grow with the deal" in page.content.decode()
    assert Definition.objects.filter(name="credit.large_months").count() == 1
    for role in (Role.LEADER, Role.CSM):
        assert log_in(role).post("/revenue/parameters/", change).status_code == 403


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "1e99", "9" * 30, "NaN"])
def test_a_window_is_a_number_of_months(company, text):
    client = log_in(Role.FINANCE)
    change = {"prefix": "credit.", "credit.small_months": text}
    page = client.post("/revenue/parameters/", change, follow=True)
    assert "use a whole number from 0 to 120" in page.content.decode()


def test_an_order_without_a_known_amount_makes_the_sum_unknown(company):
    order(company["small"], "usd", date(2026, 3, 1), 10, kind="addon", currency="USD")
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get(f"/revenue/expansion/?{PERIOD}")
    whole = page.context["kpis"][0]["sum"]
    assert (whole.orders, whole.amount) == (4, None)
    assert "not known" in page.content.decode()


def test_white_space_names_what_most_similar_customers_have():
    csm = User.objects.create(email="lin@x.invalid", name="Lin", role=Role.CSM)
    for number in range(7):
        of = Customer.objects.create(external_id=f"c{number}", name=f"c{number}", owner=csm,
                                     industry="retail", recorded_at=NOW)  # fmt: skip
        order(of, f"o{number}", BEGIN, 100, product="CRM")
        if number < 4:
            order(of, f"p{number}", BEGIN, 10 * (number + 1), product="OA")
    jobs.fill(day=AS_OF)
    page = log_in(Role.FINANCE).get("/revenue/expansion/?list=space")
    gaps = [(gap.product, customer.name, gap.owners, gap.peers, gap.amount)
            for gap, customer in page.context["gaps"]]  # fmt: skip
    assert gaps == [("OA", name, 4, 6, 300) for name in ("c4", "c5", "c6")]
    foreign = log_in(Role.CSM).get("/revenue/expansion/?list=space")
    assert foreign.context["gaps"] == []


def test_a_quiet_period_says_so(company):
    page = log_in(Role.FINANCE).get("/revenue/expansion/?period=2026-08")
    assert "No upsell was signed in this period." in page.content.decode()


def test_the_page_speaks_chinese(company):
    text = log_in(Role.FINANCE, "zh-hans").get(f"/revenue/expansion/?{PERIOD}").content.decode()
    for words in ("增购", "归 CSM", "归销售", "首次签约", "归属规则"):
        assert words in text
    assert "Credited" not in text


def test_amounts_are_decimal_in_the_file(company):
    row = rows(log_in(Role.FINANCE).get(f"/revenue/expansion.csv?{PERIOD}"))["l+"]
    assert Decimal(row["arr"]) == 24_000 and row["first_deal_arr"] == "120000.00"
