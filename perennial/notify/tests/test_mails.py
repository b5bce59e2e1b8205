"""Mails through a real SMTP server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import Client
from django.urls import reverse

from perennial.config import env
from perennial.customers.models import Customer
from perennial.notify import actions
from perennial.notify.actions import Letter, News, Said
from perennial.notify.jobs import deliver
from perennial.notify.models import How, Mail, Notice, Topic
from perennial.notify.rules import GIVE_UP_ATTEMPTS, Quiet
from perennial.team.models import Role, User
from perennial.units.errors import EnvironmentFault

NOW = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
pytestmark = pytest.mark.enable_socket


@dataclass
class Letterbox:
    """What the server got; `refuses`: the answer it gives instead of taking a mail."""

    refuses: str = ""
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return self.refuses
        found = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.got.append(found)
        return "250 OK"


@pytest.fixture
def letterbox(settings: Any) -> Iterator[Letterbox]:
    box = Letterbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    url = f"smtp://127.0.0.1:{port}"
    settings.PERENNIAL_EMAIL_URL = url
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in env.mail_server(url).items():
        setattr(settings, name, value)
    yield box
    server.stop()


@pytest.fixture
def reader(db: None) -> User:
    return User.objects.create(email="owner@x.example", name="周周", role=Role.CSM)


def letter(user: User, key: str = "digest:1", topic: Topic = Topic.DIGEST) -> Letter:
    return Letter(user, topic, key, "3 位客户\r\nBcc: x@y", "正文", "<p>正文</p>")


def clock(moment: datetime) -> Any:
    return lambda: moment


def test_a_mail_leaves_once_with_both_its_forms(letterbox: Letterbox, reader: User, settings: Any):
    settings.PERENNIAL_URL = "https://cs.example"
    assert actions.post([letter(reader), letter(reader)], at=NOW) == 1
    assert deliver(clock(NOW)) == 1
    assert deliver(clock(NOW + timedelta(days=1))) == 0
    (mail,) = letterbox.got
    assert mail["to"] == "owner@x.example"
    assert mail["subject"] == "3 位客户 Bcc: x@y"  # a line break makes no header
    assert mail["list-unsubscribe"] == "<https://cs.example/inbox/wishes/>"
    forms = {part.get_content_type(): part.get_content().strip() for part in mail.iter_parts()}
    assert forms == {"text/plain": "正文", "text/html": "<p>正文</p>"}
    assert Mail.objects.get().state == Mail.State.SENT


def test_what_the_server_refuses_is_tried_again_and_seen(letterbox: Letterbox, reader: User):
    letterbox.refuses = "451 try later"
    actions.post([letter(reader)], at=NOW)
    assert deliver(clock(NOW)) == 0
    waiting = Mail.objects.get()
    assert "451" in waiting.error and waiting.due_at == NOW + timedelta(minutes=1)
    assert deliver(clock(NOW)) == 0 and Mail.objects.get().attempts == 1  # not before it is due
    letterbox.refuses = ""
    assert deliver(clock(NOW + timedelta(minutes=1))) == 1


def test_after_two_days_it_is_given_up_until_somebody_tries_again(
    letterbox: Letterbox, reader: User, client: Client
):
    letterbox.refuses = "550 no"
    actions.post([letter(reader)], at=NOW)
    moment = NOW
    for _ in range(GIVE_UP_ATTEMPTS):
        deliver(clock(moment))
        moment = max(Mail.objects.get().due_at, moment)
    assert Mail.objects.get().state == Mail.State.GIVEN_UP
    letterbox.refuses = ""
    assert deliver(clock(moment + timedelta(days=1))) == 0
    admin = User.objects.create(email="admin@x.example", name="A", role=Role.ADMIN)
    client.force_login(admin)
    assert "550" in client.get(reverse("notify:mails")).content.decode()
    client.post(reverse("notify:try_again", args=[Mail.objects.get().pk]))
    assert deliver(clock(datetime.now(UTC) + timedelta(minutes=1))) == 1


def test_without_a_server_nothing_piles_up(reader: User, settings: Any):
    settings.PERENNIAL_EMAIL_URL = ""
    assert actions.post([letter(reader)], at=NOW) == 0
    assert not Mail.objects.exists() and deliver(clock(NOW)) == 0


def test_a_server_that_is_down_fails_no_turn(reader: User, settings: Any):
    settings.PERENNIAL_EMAIL_URL = "smtp://127.0.0.1:9"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    actions.post([letter(reader)], at=NOW)
    assert deliver(clock(NOW)) == 0
    assert Mail.objects.get().error


def said(title: str) -> dict[str, Said]:
    return {"en": Said(title, "body"), "zh-hans": Said(title, "正文")}


def news(user: User, topic: Topic, key: str, customer_id: int | None = None) -> News:
    return News(user, topic, key, said(f"about {key}"), "/customers/", customer_id)


@pytest.mark.parametrize(
    ("how", "mails", "waits"),
    [(How.AT_ONCE, 1, False), (How.DIGEST, 0, True), (How.OFF, 0, False)],
)
def test_each_topic_comes_as_its_reader_wishes(
    letterbox: Letterbox, reader: User, how: How, mails: int, waits: bool
):
    actions.change_wishes(reader, hows={Topic.MENTION: how}, by=reader, at=NOW)
    actions.tell([news(reader, Topic.MENTION, "m")], at=NOW)
    assert deliver(clock(NOW)) == mails == len(letterbox.got)
    assert Notice.objects.get().waits_for_digest == waits


def test_a_mail_says_why_and_where_to_change_that(
    letterbox: Letterbox, reader: User, settings: Any
):
    settings.PERENNIAL_URL = "https://cs.example"
    User.objects.update(language="en")
    reader.refresh_from_db()
    why = {"en": Said("Hello", why="吴昊 mentioned you.")}
    actions.tell([News(reader, Topic.MENTION, "m", why, "/customers/7/")], at=NOW)
    deliver(clock(NOW))
    text = next(letterbox.got[0].iter_parts()).get_content()
    assert "吴昊 mentioned you." in text
    assert "your wish for “Mention” is “Mail at once”" in text
    assert "https://cs.example/customers/7/" in text
    assert "https://cs.example/inbox/wishes/" in text


def test_quiet_hours_hold_a_mail_until_they_end(letterbox: Letterbox, reader: User):
    """06:00 on a Wednesday in Shanghai; quiet from 22 to 8."""
    quiet = Quiet(time(22), time(8))
    actions.change_quiet_hours(reader, quiet=quiet, by=reader, at=NOW)
    actions.tell([news(reader, Topic.MENTION, "m")], at=NOW)
    assert Mail.objects.get().due_at == NOW + timedelta(hours=2)
    assert deliver(clock(NOW)) == 0
    assert deliver(clock(NOW + timedelta(hours=2))) == 1


def test_quiet_hours_chosen_later_hold_what_waits_already(letterbox: Letterbox, reader: User):
    actions.tell([news(reader, Topic.MENTION, "m")], at=NOW)
    actions.change_quiet_hours(reader, quiet=Quiet(time(5), time(9)), by=reader, at=NOW)
    assert deliver(clock(NOW)) == 0
    waiting = Mail.objects.get()
    assert waiting.due_at == NOW + timedelta(hours=3) and waiting.attempts == 0
    assert deliver(clock(NOW + timedelta(hours=3))) == 1


def test_a_mail_of_a_customer_out_of_reach_is_withheld(letterbox: Letterbox, reader: User):
    customer = Customer.objects.create(external_id="c", name="C", owner=reader, recorded_at=NOW)
    actions.tell([news(reader, Topic.MENTION, "m", customer.pk)], at=NOW)
    Customer.objects.update(owner=None)  # the colleague has other customers now
    assert deliver(clock(NOW)) == 0 and not letterbox.got
    assert Mail.objects.get().state == Mail.State.WITHHELD


def test_roles_without_amounts_get_the_discreet_words(letterbox: Letterbox, reader: User):
    User.objects.update(role=Role.SUPPORT)
    reader.refresh_from_db()
    open_, discreet = {"en": Said("¥5 at risk")}, {"en": Said("At risk")}
    actions.tell([News(reader, Topic.ALERT, "a", open_, discreet=discreet)], at=NOW)
    deliver(clock(NOW))
    assert letterbox.got[0]["subject"] == "At risk"
    assert "5" not in str(Notice.objects.get().said)


def test_who_left_gets_no_mail(letterbox: Letterbox, reader: User):
    actions.post([letter(reader)], at=NOW)
    User.objects.update(is_active=False)
    assert deliver(clock(NOW)) == 0 and not letterbox.got
    assert Mail.objects.get().state == Mail.State.WITHHELD


def test_a_claimed_mail_is_left_to_its_sender_until_the_lease_ends(
    letterbox: Letterbox, reader: User
):
    actions.post([letter(reader)], at=NOW)
    Mail.objects.update(due_at=NOW + timedelta(minutes=10))  # another process sends it just now
    assert deliver(clock(NOW)) == 0
    assert deliver(clock(NOW + timedelta(minutes=10))) == 1  # it died


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("smtp://relay", {"EMAIL_HOST": "relay", "EMAIL_PORT": 25, "EMAIL_USE_TLS": False}),
        ("smtp+tls://u:p%40@h", {"EMAIL_PORT": 587, "EMAIL_HOST_PASSWORD": "p@"}),
        ("smtps://h:4650", {"EMAIL_PORT": 4650, "EMAIL_USE_SSL": True}),
    ],
)
def test_the_address_of_a_server(url: str, wanted: dict[str, object]):
    assert wanted.items() <= env.mail_server(url).items()


def test_a_wrong_address_is_named_without_its_password():
    with pytest.raises(EnvironmentFault) as refused:
        env.mail_server("http://user:secret@host")
    assert "secret" not in str(refused.value) and "PERENNIAL_EMAIL_URL" in str(refused.value)
