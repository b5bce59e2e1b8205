"""Pages of runs: start, branch, finish, take many in, and take it back; all through the gate."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from perennial.customers.models import Customer
from perennial.team.models import Role, User
from perennial.work.models import Enrolment, Run, State, WorkItem
from perennial.work.playbooks.actions import enrol, start
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
HX = {"HX-Request": "true"}


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


@pytest.fixture
def page(owner: User, client: Client) -> Client:
    client.force_login(owner)
    return client


def test_started_branched_and_finished_by_page(page, maple, owner):
    publish(
        "save",
        step("call", outcomes=[outcome("yes", "plan"), outcome("no")]),
        step("letter", then="end"),
        step("plan", kind="email"),
    )
    answer = page.post(f"/playbooks/start/?customer={maple.pk}", {"playbook": "save"}, headers=HX)
    assert answer.status_code == 204 and "/stop/" in answer["HX-Trigger"]
    run = Run.objects.get()
    shown = page.get(f"/playbooks/runs/{run.pk}/").content.decode()
    assert 'value="yes"' in shown and 'value="no"' in shown
    page.post(f"/playbooks/runs/{run.pk}/steps/call/finish/", {"outcome": "yes", "note": "fine"})
    assert states(run) == {"call": "done", "letter": "skipped", "plan": "open"}
    page.post(f"/playbooks/runs/{run.pk}/steps/plan/finish/")
    shown = page.get(f"/playbooks/runs/{run.pk}/").content.decode()
    run.refresh_from_db()
    assert run.state == Run.State.DONE and "fine" in shown


def test_the_sheet_that_closes_a_call_asks_where_the_playbook_goes_on(page, maple, owner):
    publish("save", step("call", outcomes=[outcome("yes", "end"), outcome("no")]), step("letter"))
    run = start("save", customer=maple, by=owner, at=NOW)
    close = f"/work/{item_of(run, 'call').pk}/close/"
    assert 'value="no"' in page.get(close, headers=HX).content.decode()
    page.post(close, {"outcome": "success", "way": "no", "note": ""}, headers=HX)
    assert states(run) == {"call": "done", "letter": "open"}


def test_the_undo_of_the_toast_stops_it(page, maple, owner):
    publish("save", step("call"))
    run = start("save", customer=maple, by=owner, at=NOW)
    assert page.post(f"/playbooks/runs/{run.pk}/stop/", headers=HX).status_code == 204
    assert item_of(run, "call").state == State.DONE


def test_a_refusal_stands_beside_the_field(page, maple, owner):
    publish("save", step("call"))
    start("save", customer=maple, by=owner, at=NOW)
    answer = page.post(f"/playbooks/start/?customer={maple.pk}", {"playbook": "save"}, headers=HX)
    assert answer.status_code == 422
    assert "running at this customer already" in answer.content.decode()


def test_a_customer_is_found_by_its_name(page, maple, owner):
    publish("save", step("call"))
    typed = {"playbook": "save", "customer": "枫"}
    assert page.post("/playbooks/start/", typed, headers=HX).status_code == 204
    assert Run.objects.get().customer == maple
    customer("枫林", owner)
    answer = page.post("/playbooks/start/", typed, headers=HX)
    assert answer.status_code == 422 and "枫林" in answer.content.decode()


def test_a_step_is_left_out_with_a_reason_only(page, maple, owner):
    publish("save", step("call"), step("report"))
    run = start("save", customer=maple, by=owner, at=NOW)
    page.post(f"/playbooks/runs/{run.pk}/steps/call/skip/", {"reason": " "})
    assert states(run) == {"call": "open"}
    page.post(f"/playbooks/runs/{run.pk}/steps/call/skip/", {"reason": "they called us"})
    assert states(run) == {"call": "skipped", "report": "open"}


def test_the_count_comes_before_the_enrolment_and_the_undo_after(page, maple, owner):
    publish("save", step("call"))
    start("save", customer=maple, by=owner, at=NOW)
    ids = [maple.pk, customer("one", owner).pk, customer("two", owner).pk]
    counted = page.post("/playbooks/enrol/", {"playbook": "save", "id": ids}, headers=HX)
    assert Run.objects.count() == 1 and "running there already" in counted.content.decode()
    answer = page.post(
        "/playbooks/enrol/", {"playbook": "save", "id": ids, "do": "enrol"}, headers=HX
    )
    made = Enrolment.objects.get()
    assert answer["HX-Redirect"] == f"/playbooks/enrolments/{made.pk}/" and made.enrolled == 2
    assert page.get(answer["HX-Redirect"]).status_code == 200
    page.post(f"/playbooks/enrolments/{made.pk}/undo/")
    assert Run.objects.filter(state=Run.State.RUNNING).count() == 1


def test_foreign_runs_and_enrolments_do_not_exist(page, owner):
    publish("save", step("call"))
    other = user("other")
    theirs = customer("foreign", other)
    run = start("save", customer=theirs, by=other, at=NOW)
    made = enrol("save", customers=[customer("second", other).pk], by=other, at=NOW)
    assert page.get(f"/playbooks/runs/{run.pk}/").status_code == 404
    assert page.post(f"/playbooks/runs/{run.pk}/stop/", {"reason": "x"}).status_code == 404
    assert page.get(f"/playbooks/enrolments/{made.pk}/").status_code == 404
    assert page.get(f"/playbooks/start/?customer={theirs.pk}").status_code == 404
    assert "foreign" not in page.get("/playbooks/of/save/runs/").content.decode()
    page.post(
        "/playbooks/enrol/", {"playbook": "save", "id": [theirs.pk], "do": "enrol"}, headers=HX
    )
    assert not Run.objects.filter(customer=theirs).exclude(pk=run.pk).exists()


def test_who_only_looks_cannot_act(client, maple, owner):
    publish("save", step("call"))
    run = start("save", customer=maple, by=owner, at=NOW)
    client.force_login(user("viewer", Role.VIEWER))
    shown = client.get(f"/playbooks/runs/{run.pk}/")
    assert shown.status_code == 200 and "/finish/" not in shown.content.decode()
    assert client.post(f"/playbooks/runs/{run.pk}/steps/call/finish/").status_code == 403
    assert client.get("/playbooks/start/").status_code == 403


def test_the_effect_says_why_there_is_none_yet(page, maple, owner):
    publish("save", step("call"))
    start("save", customer=maple, by=owner, at=NOW)
    shown = page.get("/playbooks/of/save/effect/").content.decode()
    assert "nothing to compare" in shown


def test_a_call_to_action_answers_in_the_readers_language(page, maple, owner):
    publish("save", step("call"))
    start("save", customer=maple, by=owner, at=NOW)
    item = WorkItem.objects.get()
    User.objects.filter(pk=owner.pk).update(language="zh-hans")
    shown = page.get(f"/work/{item.pk}/").content.decode()
    assert "call（中）" in shown
