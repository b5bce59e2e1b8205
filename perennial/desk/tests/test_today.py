"""Today in its natural states: work waiting, all done, first use; and the palette."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.translation import override

from perennial.customers.models import Customer
from perennial.desk import rules
from perennial.desk.tests.scene import ON, Office, work_item
from perennial.team import days
from perennial.team.models import InstallationFact, User
from perennial.work.models import Reason, State, WorkItem

AT = datetime.combine(ON + timedelta(days=1), time(6), UTC)
LogIn = Callable[[User], Client]


def test_a_card_says_why_what_to_do_and_what_it_is_worth(office: Office, as_user: LogIn) -> None:
    answer = as_user(office.owner).get("/")
    entry = answer.context["entries"][0]
    assert entry.name == "深圳铭森"
    assert "renewal in 300 days" in entry.top.why
    assert entry.top.advice
    assert entry.worth == "\u00a5120.0K"
    assert [(term.sign, term.value) for term in entry.terms] == [
        ("", "\u00a5120.0K"),
        ("×", "60%"),
        ("×", "30%"),
        ("×", "50%"),
        ("÷", "2.0 h"),
    ]
    text = answer.content.decode()
    assert "Good morning, owner" in text
    assert "深圳铭森" in text


def test_the_head_counts_the_book(office: Office, as_user: LogIn) -> None:
    told = as_user(office.owner).get("/").context["stakes"]
    assert (told.customers, told.arr, told.waiting, told.at_risk) == (3, 600_000, 1, 120_000)
    assert (told.renewals, told.renewal_amount) == (1, 480_000)


def test_a_book_without_amounts_says_so_and_not_that_nothing_is_at_stake(
    office: Office, as_user: LogIn
) -> None:
    WorkItem.objects.update(money_at_risk=None)
    text = as_user(office.owner).get("/").content.decode()
    assert "<b>1</b> customer needs attention." in text
    assert "No amount is known yet" in text


def test_a_leader_sees_the_team_or_the_own_queue(office: Office, as_user: LogIn) -> None:
    client = as_user(office.leader)
    assert len(client.get("/").context["entries"]) == 1
    answer = client.get("/?scope=mine")
    assert answer.context["entries"] == []
    assert answer.context["stakes"].customers == 0


def test_a_lane_shows_its_own(office: Office, as_user: LogIn) -> None:
    client = as_user(office.owner)
    assert len(client.get("/?lane=renewal").context["entries"]) == 1
    assert "Nothing in this lane" in client.get("/?lane=risk").content.decode()
    assert len(client.get("/?lane=nonsense").context["entries"]) == 1


def test_all_done_is_said(office: Office, as_user: LogIn) -> None:
    WorkItem.objects.update(state=State.SNOOZED, snoozed_until=ON + timedelta(days=9))
    assert "All done" in as_user(office.owner).get("/").content.decode()


def test_the_first_use_says_what_to_do(office: Office, as_user: LogIn) -> None:
    Customer.objects.all().delete()
    assert "Import the first file" in as_user(office.admin).get("/").content.decode()
    assert "No customer is assigned to you" in as_user(office.owner).get("/").content.decode()


def test_what_moved_since_yesterday_is_shown(office: Office, as_user: LogIn) -> None:
    moves = as_user(office.owner).get("/").context["moves"]
    assert [(move.name, move.change) for move in moves] == [("深圳铭森", -11.0)]


def test_queries_do_not_grow_with_the_cards(
    office: Office, as_user: LogIn, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for one in (office.beijing, office.quiet):
        work_item(one)
    WorkItem.objects.create(
        customer=office.beijing,
        reason=Reason.SILENT,
        lane="risk",
        params={"days": 70, "last_on": "2026-09-12"},
        terms=office.item.terms,
        rank_value=1.0,
        raised_on=ON,
        last_fired_on=ON,
    )
    client = as_user(office.owner)
    with django_assert_max_num_queries(36):  # type: ignore[attr-defined]
        client.get("/")


def test_it_speaks_chinese(office: Office, as_user: LogIn) -> None:
    text = as_user(office.owner).get("/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "个客户需要关注" in text
    with override("zh-hans"):
        assert "¥12.0 万" in text


@pytest.mark.parametrize(
    ("typed", "customers", "people"),
    [
        pytest.param("bj", ["北京卓泽"], [], id="initials"),
        pytest.param("黄", [], ["黄志强"], id="a person"),
        pytest.param("zzzz", [], [], id="nothing"),
        pytest.param("", ["深圳铭森", "Quiet Ltd", "北京卓泽"], [], id="most at risk first"),
    ],
)
def test_the_palette_finds(
    office: Office, as_user: LogIn, typed: str, customers: list[str], people: list[str]
) -> None:
    office.shenzhen.figures.money_at_risk = 120_000
    office.shenzhen.figures.save()
    context = as_user(office.owner).get("/palette/", {"q": typed}).context
    assert [found.name for found in context["customers"]] == customers
    assert [person.name for person in context["people"]] == people


def test_the_palette_offers_pages_and_commands(office: Office, as_user: LogIn) -> None:
    context = as_user(office.owner).get("/palette/?q=log").context
    assert [command.title for command in context["commands"]] == ["Log a touch"]
    assert as_user(office.viewer).get("/palette/?q=log").context["commands"] == []


def test_a_fall_does_not_become_the_new_normal() -> None:
    counts = [10.0] * 120 + [1.0] * 60
    frozen = rules.usage_days(counts, frozen_from=120)[-1]
    assert frozen.average == 1
    assert (frozen.low, frozen.high) == (9, 11)
    assert rules.usage_days(counts)[-1].high == pytest.approx(8.625, abs=4)
    assert rules.usage_days([5.0] * 10)[-1].low is None


def test_a_day_that_failed_says_so_until_it_is_computed(office: Office, as_user: LogIn) -> None:
    days.mark_running(ON, step="health", at=AT)
    days.mark_failed(ON, step="health", error="The disk is full.", at=AT)
    said = as_user(office.owner).get("/").context["note"]
    assert said.tone == "bad"
    assert "perennial doctor" in said.text
    days.mark_done(ON, step="health", counts={}, at=AT)
    said = as_user(office.owner).get("/").context["note"]
    assert said is None or said.tone == ""


def test_missed_days_are_told_and_a_demo_is_left_alone(office: Office, as_user: LogIn) -> None:
    with time_machine.travel(AT + timedelta(days=9)):
        assert "perennial run" in as_user(office.owner).get("/").context["note"].text
        InstallationFact.objects.create(name="demo", value={})
        assert as_user(office.owner).get("/").context["note"] is None
