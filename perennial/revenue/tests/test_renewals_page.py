"""The Renewal rates page and its exclusions, through HTTP."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from perennial.contracts import jobs as contracts_jobs
from perennial.customers.models import Customer
from perennial.revenue import jobs
from perennial.revenue.models import Definition, Exclusion
from perennial.revenue.tests import scene
from perennial.revenue.tests.scene import AS_OF, NOW
from perennial.team.models import AuditEntry, Role, Team, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
END = date(2026, 9, 1)
TIERS = {"more": "S", "less": "A", "lost": "A", "closed": "", "open": "S"}
SHEET = "/revenue/renewals/exclusion/?order="


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def user(role: Role, name: str = "", **also) -> User:
    name = name or role.value
    return User.objects.create(
        email=f"{name}@x.invalid", name=name, role=role, language="en", **also
    )


def log_in(of: User) -> Client:
    client = Client()
    client.force_login(of, backend=BACKEND)
    return client


def order(of: Customer, order_id: str, start: date, end: date, arr: int, **also) -> None:
    also = {"recurring_amount": Decimal(arr), "basis": "arr", "end_on": end} | also
    scene.order(of, order_id, start, arr, **also)


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="North")


@pytest.fixture
def csm(team) -> User:
    return user(Role.CSM, "own", team=team)


@pytest.fixture
def company(csm) -> dict[str, Customer]:
    """Due in 2026-Q3: one renewed for more, one for less, one lost, one closed down; and one
    due in the running quarter."""
    made = {
        name: Customer.objects.create(
            external_id=name, name=name, recorded_at=NOW, tier=tier,
            owner=csm if name in ("more", "lost") else None,
        )
        for name, tier in TIERS.items()
    }  # fmt: skip
    begin = date(2025, 9, 1)
    for name, amount in (("more", 1000), ("less", 4000), ("lost", 2000), ("closed", 3000)):
        order(made[name], f"{name}-1", begin, END, amount)
    after = date(2027, 9, 1)
    renewal = {"kind": "renewal", "signed_on": END - timedelta(days=5)}
    order(made["more"], "more-2", END, after, 1500, renews=["more-1"], **renewal)
    order(made["less"], "less-2", END, after, 3000, renews=["less-1"], **renewal)
    order(made["open"], "open-1", date(2025, 12, 1), date(2026, 12, 1), 700)
    contracts_jobs.fill(day=AS_OF)
    jobs.fill(day=AS_OF)
    return made


def page(client: Client, query: str = "grain=quarter&period=2026-Q3"):
    return client.get(f"/revenue/renewals/?{query}")


def names(answer) -> set[str]:
    return {row["customer"].name for row in answer.context["rows"]}


def test_the_four_rates_stand_side_by_side_with_their_definitions(company):
    answer = page(log_in(user(Role.FINANCE)))
    text = answer.content.decode()
    values = [card.value for card in answer.context["cards"]]
    assert values == ["50.0%", "40.0%", "45.0%", "all decided"]
    assert "2 of 4 customers" in text and "¥4.0K of ¥10.0K" in text
    assert "each item counts at most what was due" in text
    assert "30 days of grace" in text
    assert "whole company" in text


def test_the_last_finished_quarter_is_shown_and_a_running_one_is_whole(company):
    client = log_in(user(Role.FINANCE))
    assert page(client, "").context["shown"].period.label == "2026-Q3"
    running = page(client, "period=2026-Q4")
    shown = running.context["shown"]
    assert (shown.period.last_on, shown.is_running) == (date(2026, 12, 31), True)
    assert [card.value for card in running.context["cards"]] == ["–", "–", "–", "0.0–100.0%"]
    assert "Nothing is decided yet." in running.content.decode()
    assert names(running) == {"open"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=renewed", {"more", "less"}),
        ("status=upsold", {"more"}),
        ("status=on_time", {"more", "less"}),
        ("status=lost", {"lost", "closed"}),
        ("status=pending", set()),
        ("status=nonsense", {"more", "less", "lost", "closed"}),
        ("tier=A", {"less", "lost"}),
        ("tier=none", {"closed"}),
        ("tier=A&status=lost", {"lost"}),
    ],
)
def test_every_figure_opens_the_items_behind_it(company, query, found):
    answer = page(log_in(user(Role.FINANCE)), f"period=2026-Q3&{query}")
    assert names(answer) == found
    assert answer.context["sum"].due_customers == len(found)


def test_the_tiers_add_up_to_the_total(company):
    rows = page(log_in(user(Role.ADMIN))).context["tiers"]
    assert [row["title"] for row in rows] == ["S", "A", "no tier", ""]
    *tiers, whole = [row["raw"] for row in rows]
    for name in ("due_customers", "due_amount", "renewed_customers", "kept_amount"):
        assert sum(getattr(tier, name) for tier in tiers) == getattr(whole, name)


def test_a_csm_sees_the_own_book_and_is_told_so(company, csm):
    answer = page(log_in(csm))
    text = answer.content.decode()
    assert names(answer) == {"more", "lost"}
    assert "my book" in text
    assert "closed" not in {row["customer"].name for row in answer.context["rows"]}
    assert answer.context["raw"].due_amount == 3000


def test_customers_of_other_teams_count_for_a_leader_without_their_names(company, team):
    answer = page(log_in(user(Role.LEADER, team=team)))
    assert answer.context["raw"].due_amount == 10000
    assert names(answer) == {"more", "lost", "a customer of another team"}
    assert "less-1" not in answer.content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
def test_those_who_see_no_money_are_forbidden(company, role):
    client = log_in(user(role))
    for path in (
        "renewals/",
        "renewals.csv",
        "renewal-rates.csv",
        "renewals/exclusion/?order=lost-1",
    ):
        assert client.get(f"/revenue/{path}").status_code == 403


def test_as_known_on_a_day_the_outcome_is_that_of_the_day(company):
    client = log_in(user(Role.FINANCE))
    then = page(client, "period=2026-Q3&known_at=2026-08-20")
    assert {row["item"].outcome for row in then.context["rows"]} == {"pending"}
    assert "As known on 2026-08-20" in then.content.decode()
    later = page(client, "period=2026-Q3&known_at=2026-09-10").context["raw"]
    assert (later.renewed_customers, later.open_customers) == (2, 2)


def test_without_any_contract_that_ends_the_page_says_what_to_do():
    answer = log_in(user(Role.FINANCE)).get("/revenue/renewals/")
    assert "No contract has an end yet" in answer.content.decode()


def test_a_period_without_due_items_says_so(company):
    answer = page(log_in(user(Role.FINANCE)), "grain=month&period=2026-05")
    assert "Nothing falls due in this period." in answer.content.decode()
    assert [card.value for card in answer.context["cards"]][:3] == ["–", "–", "–"]


def test_what_is_shown_comes_as_csv(company):
    client = log_in(user(Role.FINANCE))
    answer = client.get("/revenue/renewals.csv?period=2026-Q3&status=renewed")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["customer_id"]: row["renewed_amount"] for row in rows} == {
        "less": "3000.00",
        "more": "1500.00",
    }
    assert rows[0]["renewed_by"] == "less-2"
    answer = client.get("/revenue/renewal-rates.csv?period=2026-Q3")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (rows[0]["tier"], rows[0]["rates"]) == ("all", "raw")
    assert rows[0]["amount_renewal_rate"] == "0.400000"
    assert len(rows) == 2 * 4


def propose(client: Client, order_id: str = "closed-1", **also):
    given = {"do": "propose", "reason": "closed", "evidence": "register, 2026-08-30"} | also
    return client.post(SHEET + order_id, given, headers={"HX-Request": "true"})


def decide(client: Client, do: str, order_id: str = "closed-1"):
    return client.post(SHEET + order_id, {"do": do}, headers={"HX-Request": "true"})


def test_an_exclusion_counts_once_somebody_else_approved_it(company):
    proposer, finance = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    assert propose(proposer).status_code == 204
    waiting = page(proposer)
    assert waiting.context["raw"] == waiting.context["tiers"][-1]["adjusted"]
    assert "waits for approval" in waiting.content.decode()
    assert decide(proposer, "approve").status_code == 422
    assert decide(finance, "approve").status_code == 204
    found = page(proposer)
    text = found.content.decode()
    adjusted = found.context["tiers"][-1]["adjusted"]
    assert (found.context["raw"].due_amount, adjusted.due_amount) == (10000, 7000)
    for told in ("register, 2026-08-30", "customer closed down", "two", "raw: lost"):
        assert told in text
    assert [card.adjusted for card in found.context["cards"]] == ["66.7%", "57.1%", "64.3%", ""]
    assert names(page(proposer, "period=2026-Q3&status=excluded")) == {"closed"}
    lines = AuditEntry.objects.filter(object_id="closed-1").order_by("pk")
    assert [line.action for line in lines] == ["exclusion_proposed", "exclusion_approved"]


def test_a_withdrawn_exclusion_counts_again_and_the_past_is_kept(company):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    propose(one)
    decide(two, "approve")
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        assert decide(one, "withdraw").status_code == 204
        assert page(one).context["tiers"][-1]["adjusted"].due_amount == 10000
        then = page(one, "period=2026-Q3&known_at=2026-11-22")
        assert then.context["tiers"][-1]["adjusted"].due_amount == 7000
    assert Exclusion.objects.count() == 3


def test_a_csm_proposes_for_own_customers_and_decides_nothing(company, csm):
    client = log_in(csm)
    assert propose(client, "lost-1").status_code == 204
    assert decide(client, "approve", "lost-1").status_code == 403
    assert decide(client, "withdraw", "lost-1").status_code == 204
    assert propose(client, "closed-1").status_code == 404
    assert client.get(SHEET + "closed-1").status_code == 404
    assert client.get(SHEET + "nonsense").status_code == 404


def test_a_csm_cannot_withdraw_what_others_decided(company, csm):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    propose(one, "lost-1")
    assert decide(log_in(csm), "withdraw", "lost-1").status_code == 403
    decide(two, "approve", "lost-1")
    assert decide(log_in(csm), "withdraw", "lost-1").status_code == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": ""}, "Choose a reason."),
        ({"reason": "bored"}, "Choose a reason."),
        ({"evidence": "  "}, "Say what proves it"),
        ({"evidence": "x" * 1001}, "Say what proves it"),
    ],
)
def test_a_proposal_needs_a_reason_and_evidence(company, given, said):
    answer = propose(log_in(user(Role.FINANCE)), **given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Exclusion.objects.exists()


def test_nothing_is_proposed_twice_or_approved_without_a_proposal(company):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    assert decide(two, "approve").status_code == 422
    propose(one)
    assert "already" in propose(two).content.decode()
    decide(two, "approve")
    assert decide(two, "approve").status_code == 422


def test_the_base_of_a_merged_customer_may_move_to_the_survivor(company):
    one, two = log_in(user(Role.FINANCE, "one")), log_in(user(Role.FINANCE, "two"))
    propose(one, reason="merged")
    decide(two, "approve")
    Customer.objects.filter(name="closed").update(merged_into=company["less"])
    Definition.objects.create(name="merged_base", value="move", recorded_at=NOW - timedelta(1))
    adjusted = page(one).context["tiers"][-1]["adjusted"]
    assert (adjusted.due_customers, adjusted.due_amount) == (3, 10000)


def test_the_page_asks_the_database_a_fixed_number_of_times(company, django_assert_max_num_queries):
    client = log_in(user(Role.FINANCE))
    page(client)
    with django_assert_max_num_queries(30):
        page(client)
