"""The list of calls to action: whose, filtered, many at once; and what departments see."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from perennial.team.models import AuditEntry, User
from perennial.work import actions
from perennial.work.models import Reason, State, WorkItem
from perennial.work.tests.scene import NOW, TODAY, Office, customer, found_item, user

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def made(office: Office, title: str, **wanted: object) -> WorkItem:
    return actions.make_item(office.customer, title=title, by=office.owner, at=NOW, **wanted)  # type: ignore[arg-type]


def shown(client: Client, query: str) -> str:
    answer = client.get(f"/work/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def trigger(answer: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(answer.headers["HX-Trigger"])  # type: ignore[attr-defined]
    return found


def test_the_address_says_what_is_shown(office: Office, as_user: LogIn):
    made(office, "Call the sponsor", type="risk", due_on=TODAY + timedelta(days=20))
    made(office, "Send the offer", type="expansion", due_on=TODAY)
    found_item(office.other)
    client = as_user(office.owner)
    assert "Call the sponsor" in shown(client, "")
    risky = shown(client, "?type=risk&q=sponsor")
    assert "Call the sponsor" in risky
    assert "Send the offer" not in risky
    today = shown(client, "?due=today")
    assert "Send the offer" in today
    assert "Call the sponsor" not in today
    one = shown(client, f"?customer={office.other.pk}")
    assert "Usage fell" in one
    assert "Send the offer" not in one
    assert "Nothing matches" in shown(client, "?q=nobody")


@pytest.mark.parametrize(
    "query",
    [
        "?owner=" + "9" * 40,
        "?due=never&type=x&state=done&sort=-money&page=-3&tab=none",
        "?customer=none&team=none&owner=none&playbook=%00",
        "?q=%00%25%27",
    ],
)
def test_a_broken_address_is_no_fault(office: Office, as_user: LogIn, query: str):
    assert as_user(office.owner).get(f"/work/{query}").status_code == 200


def test_bulk_says_first_how_many_and_undoes_the_whole(office: Office, as_user: LogIn):
    items = [made(office, f"Task {n}") for n in range(4)]
    actions.complete(items[3], by=office.owner, at=NOW)
    client = as_user(office.owner)
    ids = [("id", str(it.pk)) for it in items]
    query = "&".join(f"{name}={value}" for name, value in ids)
    sheet = client.get(f"/work/bulk/?act=complete&{query}", headers=HTMX).content.decode()
    assert "3 of 4" in sheet
    assert "1 closed already" in sheet
    typed = {"act": "complete", "outcome": "failed", "id": [value for _name, value in ids]}
    said = trigger(client.post("/work/bulk/", typed, headers=HTMX))
    assert WorkItem.objects.filter(state=State.DONE, outcome="failed").count() == 3
    entry = AuditEntry.objects.get(action="work.bulk")
    actions.reopen(WorkItem.objects.get(pk=items[3].pk), by=office.owner, at=NOW)
    undo = client.post(said["toast"]["undo"], headers=HTMX)  # type: ignore[index]
    assert trigger(undo)["toast"]["text"] == "3 are back"  # type: ignore[index]
    assert not WorkItem.objects.filter(state=State.DONE).exists()
    assert len(entry.detail["items"]) == 3


def test_what_somebody_changed_since_stays(office: Office, as_user: LogIn):
    items = [made(office, f"Task {n}") for n in range(3)]
    client = as_user(office.owner)
    typed = {"act": "snooze", "days": "7", "reason_why": "holiday", "id": [it.pk for it in items]}
    said = trigger(client.post("/work/bulk/", typed, headers=HTMX))
    changed = WorkItem.objects.get(pk=items[0].pk)
    actions.complete(changed, by=office.colleague, at=NOW)
    undo = trigger(client.post(said["toast"]["undo"], headers=HTMX))  # type: ignore[index]
    assert undo["toast"]["text"] == "2 are back; 1 were changed since and stay"  # type: ignore[index]
    assert WorkItem.objects.get(pk=changed.pk).state == State.DONE
    again = trigger(client.post(said["toast"]["undo"], headers=HTMX))  # type: ignore[index]
    assert again["toast"]["tone"] == "bad"  # type: ignore[index]


def test_all_that_match_is_more_than_the_page(office: Office, as_user: LogIn):
    wanted = [actions.Wanted(office.customer, f"Task {n}") for n in range(45)]
    actions.make_items(wanted, by=office.owner, at=NOW)
    client = as_user(office.owner)
    typed = {
        "act": "due",
        "due_to": "2026-07-09",
        "all": "1",
        "tab": "mine",
        "q": "Task",
        "id": "1",
    }
    assert client.post("/work/bulk/", typed, headers=HTMX).status_code == 204
    assert WorkItem.objects.filter(due_on="2026-07-09").count() == 45


def test_bulk_leaves_out_what_a_colleague_cannot_see(office: Office):
    made(office, "Here")
    blind = actions.planned(
        WorkItem.objects.all(),
        actions.Many(actions.Act.REASSIGN, owner=office.outsider),
        by=office.owner,
    )
    assert blind.left == {"blind": 1}


def test_foreign_items_are_in_no_bulk(office: Office, as_user: LogIn):
    item = made(office, "Secret")
    typed = {"act": "complete", "id": [item.pk]}
    answer = as_user(office.outsider).post("/work/bulk/", typed, headers=HTMX)
    assert trigger(answer)["toast"]["tone"] == "bad"  # type: ignore[index]
    item.refresh_from_db()
    assert item.state == State.OPEN


def test_the_export_passes_the_gate_and_hides_money(office: Office, as_user: LogIn):
    item = made(office, "=cmd()")
    WorkItem.objects.filter(pk=item.pk).update(money_at_risk=Decimal(9000), currency="CNY")
    rows = list(
        csv.DictReader(
            io.StringIO(as_user(office.owner).get("/work/export.csv").content.decode("utf-8-sig"))
        )
    )
    assert [(row["title"], row["money_at_risk"]) for row in rows] == [("'=cmd()", "9000.00")]
    assert len(as_user(office.outsider).get("/work/export.csv").content.decode().splitlines()) == 1
    assert as_user(office.viewer).get("/work/export.csv").status_code == 403


def test_a_department_sees_its_item_but_not_the_customer(office: Office, as_user: LogIn):
    item = made(office, "Mend the interface")
    hidden = made(office, "Not for engineers")
    WorkItem.objects.update(money_at_risk=Decimal(777_000), currency="CNY")
    item.refresh_from_db()
    actions.give_to_team(item, team=office.engineers, by=office.owner, at=NOW)
    client = as_user(office.engineer)
    listed = shown(client, "?tab=team")
    assert "Mend the interface" in listed
    assert "北京卓泽" in listed
    assert f"/customers/{office.customer.pk}/" not in listed
    assert "Not for engineers" not in shown(client, "?tab=all")
    exported = client.get("/work/export.csv?tab=team").content.decode()
    assert "Mend the interface" in exported
    page = client.get(f"/work/{item.pk}/").content.decode()
    assert "Mend the interface" in page
    assert f"/customers/{office.customer.pk}/" not in page
    assert not [it for it in (listed, exported, page) if "777" in it], "amounts stay with the CSM"
    assert client.get(f"/customers/{office.customer.pk}/").status_code == 404
    assert client.get(f"/work/{hidden.pk}/").status_code == 404
    assert client.post(f"/work/{item.pk}/claim/", headers=HTMX).status_code == 204
    assert client.post(f"/work/{item.pk}/complete/", headers=HTMX).status_code == 204


def test_support_does_its_items_and_sees_no_money(office: Office, as_user: LogIn):
    support = user("support", "support", office.engineers)
    item = made(office, "Mend it")
    WorkItem.objects.update(money_at_risk=Decimal(777_000), currency="CNY")
    item.refresh_from_db()
    actions.give_to_team(item, team=office.engineers, by=office.owner, at=NOW)
    client = as_user(support)
    assert "777" not in shown(client, "?tab=team")
    assert "777" not in client.get(f"/work/{item.pk}/").content.decode()
    assert client.post(f"/work/{item.pk}/claim/", headers=HTMX).status_code == 204
    other = made(office, "Another")
    assert client.post(f"/work/{other.pk}/complete/", headers=HTMX).status_code == 403


def test_a_viewer_of_the_department_only_looks(office: Office, as_user: LogIn):
    item = made(office, "Mend it")
    actions.give_to_team(item, team=office.engineers, by=office.owner, at=NOW)
    client = as_user(office.viewer)
    assert client.get(f"/work/{item.pk}/").status_code == 200
    assert client.post(f"/work/{item.pk}/claim/", headers=HTMX).status_code == 403


def test_an_owner_who_left_is_said(office: Office, as_user: LogIn):
    item = made(office, "Orphan")
    WorkItem.objects.filter(pk=item.pk).update(owner=office.tester)
    User.objects.filter(pk=office.tester.pk).update(is_active=False)
    assert "the owner has left" in shown(as_user(office.colleague), "?tab=all")
    gone = customer("gone", office.tester)
    actions.make_item(gone, title="Nobody's", by=None, at=NOW)
    admin = user("admin", "admin")
    assert "unassigned (owner left)" in shown(as_user(admin), "?tab=all&owner=none")


def test_a_found_item_shows_its_evidence(office: Office, as_user: LogIn):
    item = found_item(office.customer, Reason.USAGE_DROP)
    WorkItem.objects.filter(pk=item.pk).update(fired_days=9)
    page = as_user(office.owner).get(f"/work/{item.pk}/").content.decode()
    for words in ("Evidence", "Days found", "<dd>9</dd>", "Latest value"):
        assert words in page
