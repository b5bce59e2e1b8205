"""Channels of the company: what goes there, what fails, and what administrators see of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Customer
from perennial.notify import actions, sealing
from perennial.notify.actions import News, Said
from perennial.notify.actions.channels import Terms
from perennial.notify.jobs import deliver_to_channels
from perennial.notify.models import Channel, ChannelKind, Delivery, Topic
from perennial.notify.rules import GIVE_UP_ATTEMPTS
from perennial.notify.tests.receiver import Receiver
from perennial.team.models import AuditEntry, Role, Team, User
from perennial.units.errors import InputRefused

NOW = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
pytestmark = pytest.mark.enable_socket


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="East")


@pytest.fixture
def reader(team: Team) -> User:
    return User.objects.create(email="owner@x.example", name="周周", role=Role.CSM, team=team)


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create(email="admin@x.example", name="A", role=Role.ADMIN)


def clock(moment: datetime) -> Any:
    return lambda: moment


def channel(
    where: str, *, kind: str = "webhook", team: Team | None = None, topics: Any = ("alert",)
) -> Channel:
    terms = Terms(f"{kind} {Channel.objects.count()}", team, topics, "en")
    added = actions.add_channel(terms, kind=ChannelKind(kind), address=where, by=None, at=NOW)
    return added.channel


def news(user: User, key: str = "a", customer: Customer | None = None) -> News:
    said = {"en": Said("Usage fell", "¥5 at risk", "You are the CSM of C.")}
    return News(
        user, Topic.ALERT, key, said, "/customers/7/",
        customer_id=customer.pk if customer else None,
        discreet={"en": Said("Usage fell", "by half")},
    )  # fmt: skip


def customer(owner: User | None) -> Customer:
    return Customer.objects.create(external_id="c", name="C", owner=owner, recorded_at=NOW)


def test_a_webhook_is_signed_as_standard_webhooks_say(receiver: Receiver, reader: User):
    """https://www.standardwebhooks.com: HMAC-SHA256 over id.timestamp.body, base64, v1."""
    terms = Terms("ours", None, ["alert"], "en")
    added = actions.add_channel(
        terms, kind=ChannelKind.WEBHOOK, address=receiver.url("/in"), by=None, at=NOW
    )
    actions.tell([news(reader)], at=NOW)
    assert deliver_to_channels(clock(NOW)) == 1
    (got,) = receiver.got
    stamp, message_id = got.headers["webhook-timestamp"], got.headers["webhook-id"]
    assert stamp == str(int(NOW.timestamp()))
    key = base64.b64decode(added.secret.removeprefix("whsec_"))
    signed = f"{message_id}.{stamp}.".encode() + got.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{wanted}"
    body = json.loads(got.body)
    assert body["id"] == message_id and body["event"] == "notice.alert"
    assert body["data"]["title"] == "Usage fell" and body["data"]["body"] == "by half"  # no amount
    assert body["data"]["url"] == "https://cs.example/customers/7/"
    assert "takes “Alert” for everybody" in body["data"]["why"]


def test_one_event_is_one_message_however_many_read_it(receiver: Receiver, reader: User):
    channel(receiver.url("/in"))
    other = User.objects.create(email="b@x.example", name="吴昊", role=Role.CSM, team=reader.team)
    actions.tell([news(reader), news(other)], at=NOW)
    actions.tell([news(reader)], at=NOW)
    deliver_to_channels(clock(NOW))
    (got,) = receiver.got
    assert json.loads(got.body)["data"]["readers"] == "吴昊, 周周"


def test_a_team_hears_only_of_its_own(receiver: Receiver, reader: User, team: Team):
    own = channel(receiver.url("/own"), team=team)
    channel(receiver.url("/other"), team=Team.objects.create(name="West"))
    channel(receiver.url("/topic"), topics=["handover"])
    actions.tell([news(reader)], at=NOW)
    deliver_to_channels(clock(NOW))
    assert [it.path for it in receiver.got] == ["/own"]
    assert own.deliveries.get().state == Delivery.State.SENT


def test_a_customer_that_left_the_team_is_withheld(receiver: Receiver, reader: User, team: Team):
    channel(receiver.url("/in"), team=team)
    actions.tell([news(reader, customer=customer(reader))], at=NOW)
    Customer.objects.update(owner=None)
    assert deliver_to_channels(clock(NOW)) == 0 and not receiver.got
    assert Delivery.objects.get().state == Delivery.State.WITHHELD


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_what_is_not_taken_is_tried_again_with_the_same_id(
    status: int, receiver: Receiver, reader: User
):
    receiver.status = status
    one = channel(receiver.url("/in"))
    actions.tell([news(reader)], at=NOW)
    assert deliver_to_channels(clock(NOW)) == 0
    waiting = Delivery.objects.get()
    assert waiting.status == status and waiting.due_at == NOW + timedelta(minutes=1)
    one.refresh_from_db()
    assert one.is_failing and str(status) in one.last_error
    receiver.status = 200
    assert deliver_to_channels(clock(NOW + timedelta(minutes=1))) == 1
    assert receiver.got[0].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]
    one.refresh_from_db()
    assert not one.is_failing


def test_a_failing_channel_holds_up_no_other_and_is_left_alone(
    receiver: Receiver, reader: User, settings: Any
):
    settings.PERENNIAL_ALLOW_PRIVATE_HOSTS = "1"
    channel("http://127.0.0.1:9/dead")
    channel(receiver.url("/in"))
    actions.tell([news(reader, f"k{n}") for n in range(5)], at=NOW)
    assert deliver_to_channels(clock(NOW)) == 5
    assert Delivery.objects.filter(attempts__gt=0, state="waiting").count() == 1  # tried once


def test_after_two_days_it_is_given_up_until_an_administrator_sends_it_again(
    receiver: Receiver, reader: User, admin: User, client: Client
):
    receiver.status = 500
    channel(receiver.url("/in"))
    actions.tell([news(reader)], at=NOW)
    moment = NOW
    for _ in range(GIVE_UP_ATTEMPTS):
        deliver_to_channels(clock(moment))
        moment = max(Delivery.objects.get().due_at, moment)
    assert Delivery.objects.get().state == Delivery.State.GIVEN_UP
    receiver.status = 200
    client.force_login(admin)
    client.post(reverse("notify:send_again", args=[Delivery.objects.get().pk]))
    assert deliver_to_channels(clock(datetime.now(UTC) + timedelta(minutes=1))) == 1
    client.post(reverse("notify:send_again", args=[Delivery.objects.get().pk]))  # a replay
    assert deliver_to_channels(clock(datetime.now(UTC) + timedelta(minutes=1))) == 1
    assert len({it.headers["webhook-id"] for it in receiver.got}) == 1
    assert AuditEntry.objects.filter(action="delivery_sent_again").count() == 2


def test_a_paused_channel_gets_nothing_and_loses_nothing_that_waited(
    receiver: Receiver, reader: User
):
    one = channel(receiver.url("/in"))
    actions.tell([news(reader)], at=NOW)
    actions.pause_channel(one, is_paused=True, by=None, at=NOW)
    actions.tell([news(reader, "while paused")], at=NOW)
    assert deliver_to_channels(clock(NOW)) == 0
    actions.pause_channel(one, is_paused=False, by=None, at=NOW)
    assert deliver_to_channels(clock(NOW)) == 1


def test_a_webhook_of_a_playbook_is_called_once(receiver: Receiver, reader: User):
    one = channel(receiver.url("/in"), topics=[])
    for _ in range(2):
        actions.call_webhook(
            one, event="playbook.step", data={"run": 7}, key="step:7", topic=Topic.PLAYBOOK,
            customer_id=None, at=NOW,
        )  # fmt: skip
    assert deliver_to_channels(clock(NOW)) == 1
    body = json.loads(receiver.got[0].body)
    assert (body["event"], body["data"]) == ("playbook.step", {"run": 7})


def test_secrets_are_sealed_and_another_key_cannot_open_them(
    receiver: Receiver, reader: User, settings: Any
):
    one = channel(receiver.url("/secret-token"))
    assert "secret-token" not in one.address + one.secret + one.shown
    assert sealing.unseal(one.address) == receiver.url("/secret-token")
    settings.SECRET_KEY = "another"
    with pytest.raises(InputRefused):
        sealing.unseal(one.address)
    actions.tell([news(reader)], at=NOW)
    assert deliver_to_channels(clock(NOW)) == 0  # no traceback: a failure like others
    assert "SECRET_KEY" in Delivery.objects.get().error


def test_pages_show_no_secret_and_only_administrators_come_in(
    receiver: Receiver, reader: User, admin: User, client: Client
):
    client.force_login(admin)
    given = {
        "name": "Hook", "kind": "webhook", "address": receiver.url("/secret-token"),
        "topics": ["alert"], "language": "en",
    }  # fmt: skip
    shown = client.post(reverse("notify:add_channel"), given)
    secret = sealing.unseal(Channel.objects.get().secret)
    assert secret in shown.content.decode() and shown.headers["Cache-Control"] == "no-store"
    pk = Channel.objects.get().pk
    pages = [
        reverse("notify:channels"), reverse("notify:channel", args=[pk]),
        reverse("notify:add_channel"),
    ]  # fmt: skip
    for page in pages:
        text = client.get(page).content.decode()
        assert secret not in text and "secret-token" not in text
    assert "secret-token" not in str(AuditEntry.objects.values_list("detail", "summary"))
    client.force_login(reader)
    posts = ["test_channel", "pause_channel", "remove_channel"]
    assert all(client.get(page).status_code == 403 for page in pages)
    assert all(client.post(reverse(f"notify:{it}", args=[pk])).status_code == 403 for it in posts)


def test_the_test_button_says_what_came_of_it(receiver: Receiver, admin: User, client: Client):
    one = channel(receiver.url("/in"))
    client.force_login(admin)
    address = reverse("notify:test_channel", args=[one.pk])
    client.cookies.load({"django_language": "en"})
    assert b"The test was taken" in client.post(address, follow=True).content
    receiver.status, receiver.answer = 403, b"no such hook"
    assert b"no such hook" in client.post(address, follow=True).content
    assert Delivery.objects.filter(state="given_up").count() == 1  # a test is not tried again


def test_a_private_address_is_refused_beside_the_field(admin: User, client: Client):
    client.force_login(admin)
    client.cookies.load({"django_language": "en"})
    given = {"name": "Hook", "kind": "webhook", "address": "http://10.0.0.1/", "language": "en"}
    answer = client.post(reverse("notify:add_channel"), given)
    assert answer.status_code == 422 and not Channel.objects.exists()
    assert answer.context["form"].errors["address"] == ["The address begins with https://."]


def test_two_administrators_do_not_lose_each_others_change(
    receiver: Receiver, admin: User, client: Client
):
    one = channel(receiver.url("/in"))
    client.force_login(admin)
    page = reverse("notify:channel", args=[one.pk])
    given = {"name": "First", "topics": ["alert"], "language": "en", "version": one.version}
    assert client.post(page, given).status_code == 302
    late = client.post(page, given | {"name": "Second"})
    assert late.status_code == 422 and "Second" in late.content.decode()
    kept = Channel.objects.get()
    assert kept.name == "First" and sealing.unseal(kept.address) == receiver.url("/in")


def test_a_channel_is_removed_only_by_its_name(receiver: Receiver, admin: User, client: Client):
    one = channel(receiver.url("/in"))
    client.force_login(admin)
    client.post(reverse("notify:remove_channel", args=[one.pk]), {"name": "other"})
    assert Channel.objects.exists()
    client.post(reverse("notify:remove_channel", args=[one.pk]), {"name": one.name})
    assert not Channel.objects.exists()


def test_a_team_that_goes_takes_its_channels_along(receiver: Receiver, team: Team):
    channel(receiver.url("/in"), team=team)
    team.delete()
    assert not Channel.objects.exists()  # never widened to everybody


def test_news_without_amounts_needs_no_second_wording(receiver: Receiver, reader: User):
    channel(receiver.url("/in"))
    actions.tell([replace(news(reader), discreet=None)], at=NOW)
    assert Delivery.objects.get().message["body"] == "¥5 at risk"
