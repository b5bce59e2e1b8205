"""The ten-second log: from anywhere, with what it closes, changed and taken back."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from perennial.customers.models import Touch
from perennial.desk.models import CustomerFigures
from perennial.desk.tests.scene import NOW, ON, Office
from perennial.team.models import AuditEntry, User
from perennial.work.models import State

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def form_of(office: Office) -> str:
    return reverse("desk:touch", args=[office.shenzhen.pk])


def logged(office: Office, client: Client, **more: object) -> dict[str, str]:
    """Log a call; the toast that says so."""
    typed = {"kind": "call", "note": "wants a price", **more}
    answer = client.post(form_of(office), typed, headers=HTMX)
    assert answer.status_code == 204, answer.content.decode()
    toast: dict[str, str] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return toast


def test_the_best_match_is_taken_by_enter(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    answer = client.get("/touch/?first=1&q=szms", headers=HTMX)
    assert answer.headers["Location"] == form_of(office)
    known = client.get(f"/touch/?for=task&customer={office.quiet.pk}", headers=HTMX)
    assert known.headers["Location"] == f"/work/new/?customer={office.quiet.pk}"
    nobody = client.get("/touch/?first=1&q=nobody", headers=HTMX).content.decode()
    assert "No customer matches" in nobody


def test_a_foreign_customer_is_never_chosen(office: Office, as_user: LogIn):
    client = as_user(office.outsider)
    answer = client.get(f"/touch/?customer={office.shenzhen.pk}", headers=HTMX)
    assert answer.status_code == 200
    assert "深圳铭森" not in answer.content.decode()


def test_a_touch_may_close_a_call_to_action_and_both_come_back(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    toast = logged(office, client, about=f"work_item:{office.item.pk}", closes="1")
    office.item.refresh_from_db()
    assert (office.item.state, office.item.note) == (State.DONE, "wants a price")
    assert Touch.objects.get().about_id == office.item.pk
    client.post(toast["undo"], headers=HTMX)
    office.item.refresh_from_db()
    assert office.item.state == State.OPEN
    assert not Touch.objects.exists()


def test_a_foreign_call_to_action_cannot_be_named(office: Office, as_user: LogIn):
    typed = {"kind": "call", "note": "x", "about": "work_item:999999"}
    answer = as_user(office.owner).post(form_of(office), typed, headers=HTMX)
    assert answer.status_code == 422


def test_people_trained_are_counted(office: Office, as_user: LogIn):
    logged(office, as_user(office.owner), kind="training", people_trained="12")
    assert Touch.objects.get().people_trained == 12


def test_a_log_is_changed_with_its_conflict_shown(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    logged(office, client)
    touch = Touch.objects.get()
    address = reverse("desk:edit_touch", args=[office.shenzhen.pk, touch.pk])
    assert "wants a price" in client.get(address, headers=HTMX).content.decode()
    typed = {"kind": "visit", "note": "wants two", "version": 1}
    assert client.post(address, typed, headers=HTMX).status_code == 204
    late = client.post(address, typed | {"note": "wants three"}, headers=HTMX)
    assert late.status_code == 422
    assert "wants three" in late.content.decode()
    assert "wants two" in late.content.decode()
    line = AuditEntry.objects.get(action="touch.edited")
    assert line.detail["note"] == ["wants a price", "wants two"]


def test_only_who_logged_it_and_leaders_change_it(office: Office, as_user: LogIn):
    touch = Touch.objects.create(
        customer=office.beijing,
        happened_at=NOW,
        note="theirs",
        owner=office.leader,
        recorded_at=NOW,
    )
    address = reverse("desk:remove_touch", args=[office.beijing.pk, touch.pk])
    answer = as_user(office.owner).post(address, headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["tone"] == "bad"
    assert as_user(office.outsider).post(address, headers=HTMX).status_code == 404
    assert Touch.objects.exists()


def test_the_last_touch_follows_what_is_taken_back(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    toast = logged(office, client)
    figures = CustomerFigures.objects.get(pk=office.shenzhen.pk)
    assert figures.last_touch_on is not None
    assert figures.last_touch_on > ON
    client.post(toast["undo"], headers=HTMX)
    figures.refresh_from_db()
    assert figures.last_touch_on is None


def test_the_timeline_offers_to_change_ones_own(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    logged(office, client)
    touch = Touch.objects.get()
    address = reverse("desk:edit_touch", args=[office.shenzhen.pk, touch.pk])
    page = reverse("desk:customer", args=[office.shenzhen.pk])
    assert address in client.get(page).content.decode()
    assert address not in as_user(office.viewer).get(page).content.decode()


def test_a_long_note_is_refused_in_the_form(office: Office, as_user: LogIn):
    typed = {"kind": "call", "note": "a" * 1_000_000}
    answer = as_user(office.owner).post(form_of(office), typed, headers=HTMX)
    assert answer.status_code == 422
    assert "4000" in answer.content.decode()
