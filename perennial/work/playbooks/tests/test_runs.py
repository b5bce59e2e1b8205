"""A run from its start to its end: items open and close, branches are taken, people come and go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from perennial.customers.models import Customer
from perennial.team.models import AuditEntry, User
from perennial.work import actions as work
from perennial.work.models import Outcome, Run, State, StepRun, WorkItem
from perennial.work.playbooks import jobs
from perennial.work.playbooks.actions import finish, skip, start
from perennial.work.playbooks.tests.cast import (
    NOW,
    customer,
    item_of,
    outcome,
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


def test_the_first_step_is_there_at_once_and_the_next_when_it_is_done(maple, owner):
    publish("save", step("call", due={"days": 2}), step("report"))
    run = begin("save", maple, owner)
    call = item_of(run, "call")
    assert (call.state, call.due_on, call.owner) == (State.OPEN, TODAY + 2 * DAY, None)
    assert call.params["title"] == {"zh": "call（中）", "en": "call"}
    assert "report" not in states(run)
    work.complete(call, by=owner, at=NOW)
    assert states(run) == {"call": "done", "report": "open"}
    work.complete(item_of(run, "report"), by=owner, at=NOW)
    run.refresh_from_db()
    assert (run.state, run.ended_on) == (Run.State.DONE, TODAY)


def test_a_step_that_starts_later_opens_on_its_morning(maple, owner):
    publish("save", step("call"), step("again", start={"after": "previous", "days": 3}))
    run = begin("save", maple, owner)
    work.complete(item_of(run, "call"), by=owner, at=NOW)
    the_day(TODAY + DAY)
    assert "again" not in states(run)
    the_day(TODAY + 2 * DAY)
    assert states(run)["again"] == "open"


def test_an_outcome_takes_its_branch(maple, owner):
    publish(
        "save",
        step("call", outcomes=[outcome("reached", "plan"), outcome("silent", "letter")]),
        step("plan", then="end"),
        step("letter"),
    )
    run = begin("save", maple, owner)
    finish(run, step="call", outcome="silent", note="nobody there", by=owner, at=NOW)
    assert states(run) == {"call": "done", "plan": "skipped", "letter": "open"}
    assert StepRun.objects.get(run=run, step="plan").result["why"] == "passed"
    assert item_of(run, "call").note == "nobody there"


@pytest.mark.parametrize(
    ("how", "expected"),
    [(Outcome.SUCCESS, "yes"), (Outcome.FAILED, "no"), (Outcome.NOT_NEEDED, "")],
)
def test_closing_the_item_alone_says_the_outcome(maple, owner, how, expected):
    publish("save", step("call", outcomes=[outcome("yes"), outcome("no")]))
    run = begin("save", maple, owner)
    work.complete(item_of(run, "call"), outcome=how, by=owner, at=NOW)
    assert StepRun.objects.get(run=run, step="call").outcome == expected


def test_undoing_a_completion_takes_back_what_it_brought_about(maple, owner):
    publish("save", step("call"), step("report"), step("other", start={"after": "enrolment"}))
    run = begin("save", maple, owner)
    call = work.complete(item_of(run, "call"), by=owner, at=NOW + timedelta(minutes=5))
    assert states(run) == {"call": "done", "report": "open", "other": "open"}
    work.reopen(call, by=owner, at=NOW + timedelta(minutes=6))
    assert states(run) == {"call": "open", "other": "open"}
    assert WorkItem.objects.exclude(state=State.DONE).count() == 2


def test_undoing_the_last_completion_lets_the_run_go_on(maple, owner):
    publish("save", step("call"))
    run = begin("save", maple, owner)
    call = work.complete(item_of(run, "call"), by=owner, at=NOW)
    work.reopen(call, by=owner, at=NOW)
    run.refresh_from_db()
    assert (run.state, run.ended_at, states(run)) == (Run.State.RUNNING, None, {"call": "open"})


def test_a_machine_decides_by_what_it_knows(maple, owner):
    publish(
        "save",
        step(
            "which",
            kind="decision",
            outcomes=[outcome("big", "visit", "1;tier.in.S,A"), outcome("small", "mail")],
        ),
        step("visit", then="end"),
        step("mail"),
    )
    assert states(begin("save", maple, owner)) == {
        "which": "done",
        "visit": "skipped",
        "mail": "open",
    }
    large = customer("大客户", owner, tier="S")
    assert states(begin("save", large, owner)) == {"which": "done", "visit": "open"}


def test_a_step_whose_condition_does_not_hold_is_left_out(maple, owner):
    publish("save", step("gift", when="1;tier.in.S"), step("mail"))
    run = begin("save", maple, owner)
    assert states(run) == {"gift": "skipped", "mail": "open"}
    assert StepRun.objects.get(run=run, step="gift").result["why"] == "condition"


def test_a_field_is_set_by_the_machine_and_audited(maple, owner):
    publish("save", step("mark", kind="field_update", set_field="tags", set_value="挽回中"))
    run = begin("save", maple, owner)
    maple.refresh_from_db()
    assert maple.tags == ["挽回中"] and run.state == Run.State.DONE
    assert AuditEntry.objects.filter(action="customer.edited", by=None).count() == 1


def test_without_a_webhook_the_step_fails_and_a_person_leaves_it_out(maple, owner):
    publish("save", step("tell", kind="webhook"), step("mail"))
    run = begin("save", maple, owner)
    assert states(run) == {"tell": "failed"}
    assert StepRun.objects.get(run=run).result["why"] == "no_webhook"
    skip(run, step="tell", reason="told them by phone", by=owner, at=NOW)
    assert states(run) == {"tell": "skipped", "mail": "open"}


def test_waiting_ends_on_its_day_and_takes_the_last_outcome(maple, owner):
    publish(
        "save",
        step(
            "wait",
            kind="wait",
            due={"days": 2},
            done_when="event:login",
            outcomes=[outcome("back", "end"), outcome("quiet", "call")],
        ),
        step("call"),
    )
    run = begin("save", maple, owner)
    assert not WorkItem.objects.exists()
    the_day(TODAY)
    assert states(run) == {"wait": "open"}
    the_day(TODAY + DAY)
    assert states(run) == {"wait": "done", "call": "open"}


def test_an_optional_step_passes_after_its_due_day(maple, owner):
    publish("save", step("gift", mandatory=False, due={"days": 1}), step("mail"))
    run = begin("save", maple, owner)
    the_day(TODAY)
    assert states(run) == {"gift": "open"}
    the_day(TODAY + DAY)
    assert states(run) == {"gift": "skipped", "mail": "open"}
    assert item_of(run, "gift").outcome == Outcome.AUTO_RESOLVED


def test_whoever_fits_the_exit_rule_leaves(maple, owner):
    publish(
        "save", step("call"), exits=[{"when": "1;tier.in.S", "reason": {"zh": "好", "en": "good"}}]
    )
    run = begin("save", maple, owner)
    Customer.objects.update(tier="S")
    the_day(TODAY)
    run.refresh_from_db()
    assert (run.state, run.end_reason) == (Run.State.EXITED, "exit:0")
    assert item_of(run, "call").state == State.DONE


def test_a_metric_that_is_gone_leaves_the_step_to_a_person(maple, owner):
    made = publish("save", step("wait", kind="wait", done_when="breadth >= 0.5"))
    text = made.definition
    text["steps"][0]["done_when"] = "metric:retired_one;window=28 >= 3"
    type(made).objects.update(definition=text)
    run = begin("save", maple, owner)
    the_day(TODAY)
    assert StepRun.objects.get(run=run).result["why"] == "metric_gone"
    work.complete(item_of(run, "wait"), by=owner, at=NOW)
    run.refresh_from_db()
    assert run.state == Run.State.DONE


def test_the_renewal_date_that_is_gone_holds_the_step(maple, owner):
    publish("save", step("talk", start={"after": "renewal", "days": -30}))
    run = begin("save", maple, owner)
    the_day(TODAY)
    assert (states(run), run.state) == ({}, Run.State.RUNNING)
