"""Coming in: passwords, the brake on guessing, links that work once. Through HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from perennial.team.actions import add_user, create_link
from perennial.team.models import AuditEntry, LogInAttempt, OneTimeLink, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as moving:
        yield moving


@pytest.fixture
def owner() -> User:
    return add_user(
        "owner@demo.invalid", name="林晓", role="csm", password=PASSWORD, by=None, at=NOW
    )


@pytest.fixture
def log_in(client):
    def post(password, email="owner@demo.invalid", **more):
        return client.post(reverse("team:log_in"), {"email": email, "password": password, **more})

    return post


def test_the_right_password_opens_the_page_that_was_asked_for(log_in, owner):
    response = log_in(PASSWORD, next="/profile/")
    assert response.status_code == 302
    assert response.url == "/profile/"


def test_the_address_may_be_written_in_capitals(log_in, owner):
    assert log_in(PASSWORD, email="Owner@Demo.invalid").status_code == 302


def test_a_foreign_address_to_go_to_is_ignored(log_in, owner):
    assert "evil" not in log_in(PASSWORD, next="https://evil.invalid/").url


def test_a_wrong_password_says_so_without_telling_who_exists(log_in, owner):
    known = log_in("wrong", email="owner@demo.invalid")
    unknown = log_in("wrong", email="nobody@demo.invalid")
    assert known.status_code == unknown.status_code == 422
    sentence = "E-mail address or password is wrong."
    assert sentence in known.content.decode()
    assert sentence in unknown.content.decode()


def test_guessing_is_stopped_also_with_the_right_password(log_in, owner, clock):
    for _ in range(5):
        log_in("wrong")
    assert "Too many tries" in log_in(PASSWORD).content.decode()
    clock.shift(timedelta(minutes=16))
    assert log_in(PASSWORD).status_code == 302


def test_tries_are_counted_in_the_database_so_that_processes_share_them(log_in, owner):
    log_in("wrong")
    assert LogInAttempt.objects.filter(key__contains="owner@demo.invalid").count() == 1
    log_in(PASSWORD)
    assert not LogInAttempt.objects.filter(key__contains="owner@demo.invalid").exists()


def test_one_guessed_address_does_not_lock_out_another(log_in, owner):
    for _ in range(6):
        log_in("wrong", email="victim@demo.invalid")
    assert log_in(PASSWORD).status_code == 302


def test_a_deactivated_colleague_stays_outside(log_in, owner):
    User.objects.update(is_active=False)
    assert log_in(PASSWORD).status_code == 422


def test_a_link_logs_in_once(client, owner):
    address = reverse("team:link", args=[create_link(owner, by=None, at=NOW)])
    assert client.get(f"{address}?next=/profile/").url == "/profile/"
    assert client.get("/profile/").status_code == 200
    client.logout()
    assert client.get(address).status_code == 410


def test_a_link_expires_after_thirty_minutes(client, owner, clock):
    address = reverse("team:link", args=[create_link(owner, by=None, at=NOW)])
    clock.shift(timedelta(minutes=31))
    assert client.get(address).status_code == 410


def test_the_link_of_a_closed_account_opens_nothing(client, owner):
    address = reverse("team:link", args=[create_link(owner, by=None, at=NOW)])
    User.objects.update(is_active=False)
    assert client.get(address).status_code == 410


def test_only_the_hash_of_a_link_is_stored(owner):
    token = create_link(owner, by=None, at=NOW)
    stored = OneTimeLink.objects.get()
    assert token not in (stored.token_hash, str(AuditEntry.objects.values_list()))
    assert len(stored.token_hash) == 64


FIRST = {"name": "周航", "email": "boss@demo.invalid", "password": PASSWORD}


def test_the_first_link_makes_the_administrator(client):
    address = reverse("team:link", args=[create_link(None, by=None, at=NOW)])
    assert client.get(address).status_code == 200
    assert client.post(address, FIRST).status_code == 302
    assert User.objects.get().role == "admin"
    assert client.get(address).status_code == 410


def test_a_weak_password_keeps_the_first_link_alive(client):
    address = reverse("team:link", args=[create_link(None, by=None, at=NOW)])
    response = client.post(address, FIRST | {"password": "short"})
    assert response.status_code == 422
    assert not User.objects.exists()
    assert client.post(address, FIRST).status_code == 302


def test_a_first_administrator_link_is_refused_when_somebody_is_here(client, owner):
    address = reverse("team:link", args=[create_link(None, by=None, at=NOW)])
    assert client.post(address, FIRST).status_code == 422
    assert User.objects.count() == 1


def test_every_page_asks_for_a_log_in(client):
    assert client.get("/profile/").url == "/log-in/?next=/profile/"
    assert client.get("/users/").status_code == 302


def test_a_partial_never_receives_the_log_in_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/users/?page=2"}
    response = client.get("/users/", headers=headers)
    assert response["HX-Redirect"] == "/log-in/?next=/users/%3Fpage%3D2"
    assert not response.content


def test_logging_out_needs_a_post_and_ends_the_session(client, owner):
    client.force_login(owner)
    assert client.get("/log-out/").status_code == 405
    client.post("/log-out/")
    assert client.get("/profile/").status_code == 302
