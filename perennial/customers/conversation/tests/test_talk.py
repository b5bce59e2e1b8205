"""What is said beside a thing: who may, who is told, what two at once see."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from perennial.customers.conversation import actions
from perennial.customers.conversation.queries import counts
from perennial.customers.conversation.tests.conftest import NOW, Office
from perennial.customers.models import About, Comment
from perennial.notify.models import Notice
from perennial.team.models import User

LogIn = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def said(office: Office, text: str) -> Comment:
    return actions.say(
        office.customer,
        about=About.CUSTOMER,
        about_id=office.customer.pk,
        text=text,
        by=office.owner,
        at=NOW,
    ).comment


def test_a_comment_is_said_and_shown(office: Office, as_user: LogIn):
    answer = as_user(office.owner).post(office.talk, {"text": "**So** it is\nnext"}, headers=HTMX)
    assert answer.status_code == 200
    assert "<strong>So</strong> it is<br>" in answer.content.decode()
    assert "Lin" in as_user(office.leader).get(office.talk).content.decode()


def test_who_is_named_is_told_once(office: Office, as_user: LogIn):
    client = as_user(office.owner)
    client.post(office.talk, {"text": "@Linda look, @Linda"}, headers=HTMX)
    notice = Notice.objects.get()
    assert (notice.user, notice.topic, notice.customer_id) == (
        office.leader,
        "mention",
        office.customer.pk,
    )
    comment = Comment.objects.get()
    assert notice.url.endswith(f"#comment-{comment.pk}")
    assert '<span class="mention">@Linda</span>' in client.get(office.talk).content.decode()
    typed = {"text": "@Linda look again", "version": comment.version}
    client.post(f"/customers/{office.customer.pk}/comments/{comment.pk}/", typed, headers=HTMX)
    assert Notice.objects.count() == 1


def test_who_cannot_see_it_is_not_told_and_that_is_said(office: Office, as_user: LogIn):
    answer = as_user(office.owner).post(office.talk, {"text": "@Oscar look"}, headers=HTMX)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
    assert toast == "Oscar cannot see this customer and was not told."
    assert not Notice.objects.exists()


def test_the_completion_names_only_those_who_see_it(office: Office, as_user: LogIn):
    found = as_user(office.owner).get(f"/customers/{office.customer.pk}/colleagues/?q=")
    assert "Linda" in found.content.decode()
    assert "Oscar" not in found.content.decode()
    found = as_user(office.outsider).get(f"/customers/{office.customer.pk}/colleagues/?q=L")
    assert found.status_code == 404


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("  \n ", "Write something first.", id="nothing"),
        pytest.param("a" * 1_000_000, "longer than 20,000", id="a megabyte"),
    ],
)
def test_a_refusal_stands_beside_the_field(
    office: Office, as_user: LogIn, text: str, sentence: str
):
    answer = as_user(office.owner).post(office.talk, {"text": text}, headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Comment.objects.exists()


def test_two_who_edit_see_the_conflict(office: Office, as_user: LogIn):
    comment = said(office, "first")
    address = f"/customers/{office.customer.pk}/comments/{comment.pk}/"
    client = as_user(office.owner)
    assert client.post(address, {"text": "second", "version": 1}, headers=HTMX).status_code == 200
    answer = client.post(address, {"text": "third", "version": 1}, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "third" in page, "what was typed is not lost"
    assert "second" in page, "and what stands is shown"


def test_only_the_author_changes_and_only_for_a_day(office: Office, as_user: LogIn):
    comment = said(office, "mine")
    address = f"/customers/{office.customer.pk}/comments/{comment.pk}/"
    typed = {"text": "yours", "version": 1}
    assert as_user(office.leader).post(address, typed, headers=HTMX).status_code == 422
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        assert as_user(office.owner).post(address, typed, headers=HTMX).status_code == 422
    comment.refresh_from_db()
    assert comment.text == "mine"


def test_a_removed_comment_leaves_a_trace_and_comes_back(office: Office, as_user: LogIn):
    comment = said(office, "too hasty")
    client = as_user(office.owner)
    answer = client.post(
        f"/customers/{office.customer.pk}/comments/{comment.pk}/remove/", headers=HTMX
    )
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    page = client.get(office.talk).content.decode()
    assert "too hasty" not in page
    assert "This comment was removed." in page
    client.post(toast["undo"], headers=HTMX)
    assert "too hasty" in client.get(office.talk).content.decode()


def test_others_remove_nothing(office: Office, as_user: LogIn):
    comment = said(office, "stays")
    address = f"/customers/{office.customer.pk}/comments/{comment.pk}/remove/"
    answer = as_user(office.leader).post(address, headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["tone"] == "bad"
    comment.refresh_from_db()
    assert comment.removed_at is None


def test_foreign_talk_does_not_exist(office: Office, as_user: LogIn):
    comment = said(office, "secret")
    client = as_user(office.outsider)
    base = f"/customers/{office.customer.pk}/comments/{comment.pk}/"
    for address in (office.talk, base, f"{base}remove/", f"{base}restore/"):
        assert client.post(address, {"text": "x"}).status_code == 404
    assert client.get(office.talk).status_code == 404
    assert counts(office.outsider, About.CUSTOMER, [office.customer.pk]) == {}
    assert counts(office.owner, About.CUSTOMER, [office.customer.pk]) == {office.customer.pk: 1}


def test_a_viewer_reads_only(office: Office, as_user: LogIn):
    said(office, "for all")
    client = as_user(office.viewer)
    page = client.get(office.talk).content.decode()
    assert "for all" in page
    assert "<textarea" not in page
    assert client.post(office.talk, {"text": "me too"}).status_code == 403


def test_an_unknown_kind_of_thing_is_not_found(office: Office, as_user: LogIn):
    address = f"/customers/{office.customer.pk}/talk/weather/1/"
    assert as_user(office.owner).get(address).status_code == 404


def test_a_script_is_only_words(office: Office, as_user: LogIn):
    attack = (
        '<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) "@Linda"'
    )
    said(office, attack)
    page = as_user(office.owner).get(office.talk).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
