"""The Renewal rates page through HTTP."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
import time_machine

from perennial.contracts import jobs as contracts_jobs
from perennial.customers.models import Customer
from perennial.revenue.tests.due_scene import END, due_company, log_in, names, order, page, user
from perennial.revenue.tests.scene import AS_OF, NOW
from perennial.team.models import Role, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="North")


@pytest.fixture
def csm(team) -> User:
    return user(Role.CSM, "own", team=team)


@pytest.fixture
def company(csm) -> dict[str, Customer]:
    return due_company(csm)


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


def test_a_missing_rate_leaves_the_logos_and_says_why(company):
    order(company["lost"], "usd", date(2025, 9, 1), END, 10, currency="USD")
    contracts_jobs.fill(day=AS_OF)
    answer = page(log_in(user(Role.FINANCE)))
    cards = answer.context["cards"]
    assert [card.value for card in cards][:3] == ["50.0%", "–", "–"]
    assert str(cards[1].why) == "An exchange rate is missing."
    assert answer.context["rows"][0]["customer"].name == "lost"
    assert answer.context["products"] == []


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


def test_the_page_asks_the_database_a_fixed_number_of_times(company, django_assert_max_num_queries):
    client = log_in(user(Role.FINANCE))
    page(client)
    with django_assert_max_num_queries(30):
        page(client)
