"""Open, snoozed, in progress, closed: who may, what is kept, and what two at once get."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from perennial.team.models import AuditEntry, User
from perennial.work import actions
from perennial.work.actions import AlreadyChanged, CannotDoThat, Edit, Taken, Wanted
from perennial.work.models import Outcome, Priority, Reason, State, Type, WorkItem
from perennial.work.tests.scene import NOW, TODAY, Office, found_item

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def task(office: Office, title: str = "Prepare the review") -> WorkItem:
    return actions.make_item(office.customer, title=title, by=office.owner, at=NOW)


def test_a_task_is_made_worked_on_and_closed(office: Office):
    item = task(office)
    item = actions.start(item, by=office.owner, at=NOW)
    assert (item.state, item.started_at) == (State.IN_PROGRESS, NOW)
    item = actions.snooze(item, days=7, reason="on holiday", by=office.owner, at=NOW)
    assert (item.snoozed_until, item.snoozed_reason) == (date(2026, 7, 8), "on holiday")
    item = actions.complete(item, outcome=Outcome.FAILED, note="no", by=office.owner, at=NOW)
    assert (item.state, item.outcome, item.snoozed_reason) == (State.DONE, Outcome.FAILED, "")
    item = actions.reopen(item, by=office.owner, at=NOW)
    assert (item.state, item.snoozed_reason) == (State.SNOOZED, "on holiday")
    kinds = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    told = ["work.made", "work.started", "work.snoozed", "work.completed", "work.undone"]
    assert list(kinds) == told


def test_many_are_made_with_one_audit_line(office: Office):
    wanted = [Wanted(it, "Ask") for it in (office.customer, office.other)]
    made = actions.make_items(wanted, by=office.owner, at=NOW)
    assert [it.pk is not None for it in made] == [True, True]
    assert AuditEntry.objects.get().detail["items"].keys() == {str(it.pk) for it in made}


def test_a_step_stands_once(office: Office):
    actions.make_item(
        office.customer, title="Call", reason=Reason.STEP, about="step-1-a", by=None, at=NOW
    )
    with pytest.raises(CannotDoThat):
        actions.make_item(
            office.customer, title="Call", reason=Reason.STEP, about="step-1-a", by=None, at=NOW
        )
    assert WorkItem.objects.count() == 1


@pytest.mark.parametrize(
    ("priority", "days", "expected"),
    [
        pytest.param(Priority.HIGH, 0, 0.9 * 1.0 * 0.3 / 0.5, id="high and due"),
        pytest.param(Priority.NORMAL, 5, 0.5 * 0.8 * 0.3 / 0.5, id="normal, this week"),
        pytest.param(Priority.LOW, 60, 0.2 * 0.3 * 0.3 / 0.5, id="low, later"),
    ],
)
def test_a_task_ranks_by_priority_and_due_day(
    office: Office, priority: int, days: int, expected: float
):
    due_on = TODAY + timedelta(days=days)
    item = actions.make_item(
        office.customer, title="x", due_on=due_on, priority=priority, by=office.owner, at=NOW
    )
    assert item.rank_value == pytest.approx(expected)


def test_a_due_day_in_the_past_is_refused(office: Office):
    with pytest.raises(CannotDoThat):
        actions.make_item(
            office.customer, title="x", due_on=date(2026, 6, 30), by=office.owner, at=NOW
        )


def test_a_megabyte_of_text_is_refused_beside_the_field(office: Office, as_user: LogIn):
    typed = {"title": "x", "type": "risk", "priority": "2", "text": "a" * 1_000_000}
    answer = as_user(office.owner).post(
        f"/work/new/?customer={office.customer.pk}", typed, headers=HTMX
    )
    assert answer.status_code == 422
    assert "20000" in answer.content.decode()
    assert not WorkItem.objects.exists()


def test_two_who_edit_see_the_conflict(office: Office, as_user: LogIn):
    item = task(office)
    edit = Edit("Prepare the review", "with figures", Type.RISK, 1, None)
    actions.edit_item(item, edit, version=item.version, by=office.owner, at=NOW)
    typed = {"title": "Mine", "type": "risk", "priority": "2", "version": "1"}
    answer = as_user(office.colleague).post(f"/work/{item.pk}/edit/", typed, headers=HTMX)
    assert answer.status_code == 422
    assert "Somebody was faster" in answer.content.decode()
    assert "Mine" in answer.content.decode(), "what was typed is not lost"
    assert "with figures" in answer.content.decode(), "and what stands is shown"
    item.refresh_from_db()
    assert item.text == "with figures"


def test_what_the_day_found_is_not_rewritten(office: Office):
    item = found_item(office.customer)
    with pytest.raises(CannotDoThat):
        actions.edit_item(item, Edit("x", "", "risk", 2, None), version=1, by=office.owner, at=NOW)


def test_only_one_of_two_claims_wins(office: Office):
    item = task(office)
    actions.give_to_team(item, team=office.engineers, by=office.owner, at=NOW)
    first, second = WorkItem.objects.get(), WorkItem.objects.get()
    actions.claim(first, by=office.engineer, at=NOW)
    with pytest.raises(Taken) as refused:
        actions.claim(second, by=office.tester, at=NOW)
    assert refused.value.params == {"name": "engineer"}
    assert WorkItem.objects.get().owner == office.engineer


def test_the_loser_of_a_claim_reads_who_won(office: Office, as_user: LogIn):
    item = task(office)
    actions.give_to_team(item, team=office.engineers, by=office.owner, at=NOW)
    as_user(office.engineer).post(f"/work/{item.pk}/claim/", headers=HTMX)
    answer = as_user(office.tester).post(f"/work/{item.pk}/claim/", headers=HTMX)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert (toast["text"], toast["tone"]) == ("engineer has claimed it already.", "bad")


def test_claimed_and_given_back(office: Office):
    item = task(office)
    item = actions.give_to_team(item, team=office.engineers, by=office.owner, at=NOW)
    item = actions.claim(item, by=office.engineer, at=NOW)
    item = actions.give_back(item, by=office.engineer, at=NOW)
    assert (item.owner, item.team) == (None, office.engineers)
    with pytest.raises(CannotDoThat):
        actions.give_back(item, by=office.engineer, at=NOW)


def test_two_who_act_at_once_do_not_undo_each_other(office: Office):
    item = task(office)
    stale = WorkItem.objects.get()
    actions.complete(item, by=office.owner, at=NOW)
    with pytest.raises(AlreadyChanged):
        actions.snooze(stale, days=3, by=office.colleague, at=NOW)


def test_closing_may_log_the_touch_in_one_go(office: Office, as_user: LogIn):
    item = task(office)
    client = as_user(office.owner)
    typed = {"outcome": "success", "note": "They renew", "kind": "call", "minutes": "12"}
    answer = client.post(f"/work/{item.pk}/close/", typed, headers=HTMX)
    assert answer.status_code == 204
    touch = office.customer.touches.get()
    assert (touch.kind, touch.minutes, touch.note) == ("call", 12, "They renew")
    assert (touch.about_type, touch.about_id) == ("work_item", item.pk)
    page = client.get(f"/work/{item.pk}/").content.decode()
    assert page.count("They renew") >= 2


def test_scripts_in_a_text_come_out_as_words(office: Office, as_user: LogIn):
    item = actions.make_item(
        office.customer,
        title="<script>alert(1)</script>",
        text="<img src=x onerror=alert(1)> [x](javascript:alert(1)) **so**",
        by=office.owner,
        at=NOW,
    )
    client = as_user(office.owner)
    for address in (f"/work/{item.pk}/", "/work/?tab=all"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
    assert "<strong>so</strong>" in client.get(f"/work/{item.pk}/").content.decode()
