"""Whose step it is, playbooks inside playbooks, versions, and customers that are gone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from perennial.customers.models import Customer, Person
from perennial.team.models import Role, Team, User
from perennial.units.errors import InputRefused
from perennial.work import actions as work
from perennial.work.models import Run, State, StepRun, WorkItem
from perennial.work.playbooks import jobs
from perennial.work.playbooks.actions import finish, retire, start, stop
from perennial.work.playbooks.queries import runs_of
from perennial.work.playbooks.tests.cast import (
    NOW,
    customer,
    item_of,
    publish,
    states,
    step,
    user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _this_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner() -> User:
    return user("owner")


@pytest.fixture
def maple(owner: User) -> Customer:
    return customer("枫叶", owner)


def begin(name: str, at_customer: Customer, by: User, /, **more) -> Run:
    return start(name, customer=at_customer, by=by, at=NOW, **more)


def the_day(day: date) -> dict[str, int]:
    return jobs.fill(day=day)


def test_an_owner_who_left_hands_the_step_to_the_csm(maple, owner):
    gone = user("gone", Role.ADMIN)
    publish("save", step("call", owner="person:gone@example.com"))
    assert item_of(begin("save", maple, owner), "call").owner == gone
    User.objects.filter(pk=gone.pk).update(is_active=False)
    run = begin("save", customer("second", owner), owner)
    assert item_of(run, "call").owner is None
    assert StepRun.objects.get(run=run).result["fell_back"] == "person:gone@example.com"


def test_a_team_takes_turns_and_the_leader_is_that_of_the_team(owner):
    east = Team.objects.create(name="East")
    User.objects.filter(pk=owner.pk).update(team=east)
    leader = user("leader", Role.LEADER, east)
    other = user("admin", Role.ADMIN, east)
    publish(
        "save",
        step("call", owner="role:leader"),
        step("turn", owner="robin:East", start={"after": "enrolment"}),
    )
    first = begin("save", customer("one", owner), owner)
    second = begin("save", customer("two", owner), owner)
    third = begin("save", customer("three", owner), owner)
    assert item_of(first, "call").owner == leader
    turns = [item_of(it, "turn").owner for it in (first, second, third)]
    assert turns == [User.objects.get(pk=owner.pk), leader, other]


def test_texts_speak_of_the_people_there(maple, owner):
    Person.objects.create(
        external_id="p",
        customer=maple,
        name="李华",
        grade="S",
        email="li@example.com",
        recorded_at=NOW,
    )
    mail = {"zh": "{contact}您好", "en": "Dear {contact}, {csm} here"}
    publish("save", {**step("mail", kind="email"), "text": mail})
    item = item_of(begin("save", maple, owner), "mail")
    assert item.params["text"] == {"zh": "李华您好", "en": "Dear 李华, owner here"}
    assert item.params["mailto"] == "li@example.com"


def test_a_sub_playbook_runs_and_comes_back(maple, owner):
    publish("inner", step("deep"))
    publish("outer", step("sub", kind="sub_playbook", playbook="inner"), step("after"))
    run = begin("outer", maple, owner)
    child = Run.objects.get(playbook__name="inner")
    assert (child.source, states(run)) == (Run.Source.PLAYBOOK, {"sub": "open"})
    work.complete(item_of(child, "deep"), by=owner, at=NOW)
    assert states(run) == {"sub": "done", "after": "open"}


def test_stopping_the_outer_one_stops_the_inner_one(maple, owner):
    publish("inner", step("deep"))
    publish("outer", step("sub", kind="sub_playbook", playbook="inner"))
    run = begin("outer", maple, owner)
    stop(run, reason="they signed", by=owner, at=NOW)
    assert set(Run.objects.values_list("state", flat=True)) == {Run.State.STOPPED}
    assert not WorkItem.objects.exclude(state=State.DONE).exists()


def test_a_sub_playbook_that_runs_already_fails_with_a_reason(maple, owner):
    publish("inner", step("deep"))
    publish("outer", step("sub", kind="sub_playbook", playbook="inner"))
    begin("inner", maple, owner)
    run = begin("outer", maple, owner)
    assert StepRun.objects.get(run=run).result["why"] == "runs_already"


def test_a_run_keeps_its_version(maple, owner):
    publish("save", step("call"), step("report"))
    run = begin("save", maple, owner)
    publish("save", step("call"), step("visit"))
    work.complete(item_of(run, "call"), by=owner, at=NOW)
    assert states(run) == {"call": "done", "report": "open"}


def test_starting_twice_or_something_retired_is_refused(maple, owner):
    publish("save", step("call"), cap={"ever": 1})
    run = begin("save", maple, owner)
    with pytest.raises(InputRefused, match="running at this customer already"):
        begin("save", maple, owner)
    stop(run, reason="x", by=owner, at=NOW)
    with pytest.raises(InputRefused, match="as often as it may"):
        begin("save", maple, owner)
    retire("save", by=owner, at=NOW)
    with pytest.raises(InputRefused, match="no playbook"):
        begin("save", customer("new", owner), owner)


def test_the_run_of_a_merged_customer_goes_on_at_the_one_it_stands_under(maple, owner):
    publish("save", step("call"), step("report"))
    run = begin("save", maple, owner)
    survivor = customer("survivor", owner)
    Customer.objects.filter(pk=maple.pk).update(merged_into=survivor)
    finish(run, step="call", by=owner, at=NOW)
    the_day(TODAY)
    assert item_of(run, "report").customer == survivor
    assert list(runs_of(owner, survivor)) == [run]


def test_the_same_day_again_changes_nothing(maple, owner):
    publish("save", step("call", mandatory=False, due={"days": 0}), step("report"))
    run = begin("save", maple, owner)
    the_day(TODAY)
    before = list(StepRun.objects.order_by("pk").values()), list(WorkItem.objects.values())
    the_day(TODAY)
    assert (
        list(StepRun.objects.order_by("pk").values()),
        list(WorkItem.objects.values()),
    ) == before
    assert states(run) == {"call": "skipped", "report": "open"}


def test_an_act_after_days_without_the_machine_starts_what_is_late(maple, owner):
    due_tomorrow = {"after": "enrolment", "days": 1}
    publish("save", step("call"), step("note", start=due_tomorrow, due={"days": 1}))
    run = begin("save", maple, owner)
    later = NOW + 10 * DAY
    with time_machine.travel(later, tick=False):
        finish(run, step="call", by=owner, at=later)
    assert states(run) == {"call": "done", "note": "open"}
    assert item_of(run, "note").due_on == TODAY + 2 * DAY
