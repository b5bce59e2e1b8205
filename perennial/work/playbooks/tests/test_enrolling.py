"""Many customers enter: within caps, through the gate, resumable, and undoable."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from perennial.alerts.models import Alert
from perennial.customers.models import Customer
from perennial.team.models import AuditEntry, Role, User
from perennial.units.errors import InputRefused
from perennial.work import actions as work
from perennial.work.models import Enrolment, Run, State, WorkItem
from perennial.work.playbooks import jobs, queries
from perennial.work.playbooks.actions import (
    enrol,
    enrolling,
    run_waiting,
    set_automatic,
    start,
    undo_enrolment,
)
from perennial.work.playbooks.rules.caps import LeftOut
from perennial.work.playbooks.rules.definition import of
from perennial.work.playbooks.tests.cast import NOW, customer, item_of, publish, step, user

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


def book(owner: User, count: int, /, **more) -> list[int]:
    return [customer(f"c{n}", owner, **more).pk for n in range(count)]


def test_those_who_may_not_be_seen_do_not_enter(owner):
    publish("save", step("call"))
    theirs = customer("foreign", user("other"))
    made = enrol("save", customers=[*book(owner, 2), theirs.pk], by=owner, at=NOW)
    assert (made.state, made.enrolled) == (Enrolment.State.DONE, 2)
    assert not Run.objects.filter(customer=theirs).exists()


def test_caps_leave_people_out_and_say_why(owner):
    publish("save", step("call"), cap={"running": 3, "ever": 1})
    first, *rest = book(owner, 6)
    start("save", customer=Customer.objects.get(pk=first), by=owner, at=NOW)
    made = enrol("save", customers=[first, *rest], by=owner, at=NOW)
    assert made.enrolled == 2
    assert made.left_out == {LeftOut.RUNNING: 1, LeftOut.FULL: 3}


def test_a_long_list_waits_for_the_worker_and_goes_on_where_it_was_cut(owner, monkeypatch):
    publish("save", step("call"))
    monkeypatch.setattr(enrolling, "AT_ONCE", 0)
    monkeypatch.setattr(enrolling, "PORTION", 4)
    made = enrol("save", customers=book(owner, 10), by=owner, at=NOW)
    assert Run.objects.count() == 0
    enrolling._portion(made.pk, at=NOW)  # and then the worker was killed
    assert (Run.objects.count(), WorkItem.objects.count()) == (4, 4)
    told: list[int] = []
    run_waiting(at=NOW, progress=lambda done, total=None: told.append(done))
    made.refresh_from_db()
    assert (made.enrolled, made.state, told) == (10, Enrolment.State.DONE, [8])
    assert Run.objects.count() == 10
    assert run_waiting(at=NOW) == 0


def test_whoever_changed_hands_meanwhile_does_not_enter(owner, monkeypatch):
    publish("save", step("call"))
    monkeypatch.setattr(enrolling, "AT_ONCE", 0)
    made = enrol("save", customers=book(owner, 3), by=owner, at=NOW)
    Customer.objects.filter(external_id="c1").update(owner=user("other"))
    run_waiting(at=NOW)
    made.refresh_from_db()
    assert (made.enrolled, made.left_out) == (2, {LeftOut.GONE: 1})


def test_undoing_stops_what_nobody_has_touched(owner):
    publish("save", step("call"), step("report"))
    made = enrol("save", customers=book(owner, 3), by=owner, at=NOW)
    busy = Run.objects.order_by("pk").first()
    work.complete(item_of(busy, "call"), by=owner, at=NOW)
    undone = undo_enrolment(made, by=owner, at=NOW)
    assert (undone.stopped, undone.kept) == (2, 1)
    assert list(Run.objects.exclude(state=Run.State.STOPPED)) == [busy]
    assert WorkItem.objects.exclude(state=State.DONE).count() == 1
    with pytest.raises(InputRefused, match="undone already"):
        undo_enrolment(made, by=owner, at=NOW)


def test_what_was_undone_may_enter_again(owner):
    publish("save", step("call"), cap={"ever": 1, "days": 30})
    pks = book(owner, 2)
    undo_enrolment(enrol("save", customers=pks, by=owner, at=NOW), by=owner, at=NOW)
    again = enrol("save", customers=pks, by=owner, at=NOW)
    assert (again.enrolled, again.left_out) == (2, {})


def test_one_audit_line_says_who_enrolled_how_many(owner):
    publish("save", step("call"))
    enrol("save", customers=book(owner, 3), by=owner, at=NOW)
    line = AuditEntry.objects.get(action="playbook_enrolment")
    assert line.detail["customers"] == 3


def test_the_day_enrols_whom_an_automatic_playbook_means(owner):
    publish(
        "save",
        step("call"),
        audience="1;tier.in.S",
        trigger="audience",
        cap={"ever": 1, "per_day": 2},
    )
    book(owner, 3, tier="S")
    customer("small", owner, tier="C")
    jobs.fill(day=TODAY)
    assert not Run.objects.exists()  # off until somebody says so
    set_automatic("save", on=True, by=owner, at=NOW)
    assert jobs.fill(day=TODAY)["enrolled"] == 2
    assert jobs.fill(day=TODAY)["enrolled"] == 0
    assert jobs.fill(day=TODAY + DAY)["enrolled"] == 1
    assert set(Run.objects.values_list("source", flat=True)) == {Run.Source.SEGMENT}


def test_a_signal_enrols_once_within_the_days_of_the_cap(owner):
    publish("save", step("call"), trigger="alert:usage_drop", cap={"days": 30})
    maple = customer("枫叶", owner)
    Alert.objects.create(
        customer=maple,
        rule="usage_drop",
        metric="events",
        severity=0.5,
        since_on=TODAY,
        raised_on=TODAY,
        last_fired_on=TODAY,
    )
    set_automatic("save", on=True, by=owner, at=NOW)
    assert jobs.fill(day=TODAY)["enrolled"] == 1
    Run.objects.update(state=Run.State.DONE, ended_on=TODAY, ended_at=NOW)
    assert jobs.fill(day=TODAY + 5 * DAY)["enrolled"] == 0
    assert jobs.fill(day=TODAY + 40 * DAY)["enrolled"] == 1


def test_an_older_day_changes_nothing(owner):
    publish("save", step("call"), trigger="audience", cap={"ever": 1})
    jobs.fill(day=TODAY)
    set_automatic("save", on=True, by=owner, at=NOW)
    book(owner, 1)
    assert jobs.fill(day=TODAY - DAY) == {"enrolled": 0, "ended": 0}


def test_who_matches_is_said_with_the_reason_of_those_left_out(owner):
    made = publish("save", step("call"), audience="1;tier.in.S", cap={"ever": 1, "running": 2})
    first, second, third = book(owner, 3, tier="S")
    customer("foreign", user("other"), tier="S")
    start("save", customer=Customer.objects.get(pk=first), by=owner, at=NOW)
    found = queries.matches(of(made.definition), owner, TODAY - DAY, as_of=TODAY)
    assert {it.customer.pk: it.left_out for it in found} == {
        first: LeftOut.RUNNING,
        second: None,
        third: LeftOut.FULL,
    }


def test_a_trigger_without_a_playbook_that_has_one_cannot_be_automatic(owner):
    publish("save", step("call"))
    with pytest.raises(InputRefused, match="no trigger"):
        set_automatic("save", on=True, by=user("admin", Role.ADMIN), at=NOW)
