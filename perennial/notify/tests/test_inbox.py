from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from perennial.customers.models import Customer
from perennial.notify import actions, queries
from perennial.notify.actions import News, Said
from perennial.notify.models import How, Notice, Topic, TopicWish, Wish
from perennial.notify.rules import STANDARD, Quiet
from perennial.team.models import AuditEntry, Role, User

NOW = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)


@pytest.fixture
def reader(db: None) -> User:
    return User.objects.create(email="owner@x.example", name="周周", role=Role.CSM, language="en")


def news(user: User, key: str = "k", topic: Topic = Topic.ALERT) -> News:
    said = {"en": Said("Usage fell", "by half"), "zh-hans": Said("使用量下降", "减半")}
    return News(user, topic, key, said, reverse("desk:today"))


def test_telling_it_again_tells_nothing(reader: User):
    assert actions.tell([news(reader)], at=NOW) == 1
    assert actions.tell([news(reader), news(reader, "other")], at=NOW) == 1


@pytest.mark.parametrize(("language", "title"), [("en", "Usage fell"), ("zh-hans", "使用量下降")])
def test_a_notice_speaks_the_readers_language(
    reader: User, client: Client, language: str, title: str
):
    User.objects.update(language=language)
    reader.refresh_from_db()
    actions.tell([news(reader)], at=NOW)
    client.force_login(reader)
    client.cookies.load({"django_language": language})
    assert title in client.get(reverse("notify:inbox")).content.decode()


def test_opening_a_notice_reads_it_and_goes_there(reader: User, client: Client):
    actions.tell([news(reader)], at=NOW)
    client.force_login(reader)
    answer = client.get(reverse("notify:open", args=[Notice.objects.get().pk]))
    assert answer.headers["Location"] == reverse("desk:today")
    assert Notice.objects.get().read_at is not None


def test_what_others_are_told_does_not_exist(reader: User, client: Client):
    other = User.objects.create(email="b@x.example", name="B", role=Role.ADMIN)
    actions.tell([news(reader)], at=NOW)
    client.force_login(other)
    assert client.get(reverse("notify:open", args=[Notice.objects.get().pk])).status_code == 404
    assert b"Usage fell" not in client.get(reverse("notify:inbox")).content
    client.post(reverse("notify:read_all"))
    assert Notice.objects.get().read_at is None


def test_all_are_read_with_one_key(reader: User, client: Client):
    actions.tell([news(reader), news(reader, "other")], at=NOW)
    client.force_login(reader)
    client.post(reverse("notify:read_all"))
    assert not Notice.objects.filter(read_at=None).exists()
    assert Notice.objects.count() == 2


def test_wishes_are_kept_with_an_audit_line(reader: User, client: Client):
    client.force_login(reader)
    assert client.get(reverse("notify:wishes")).status_code == 200
    standard = dict(STANDARD)
    client.post(reverse("notify:wishes"), {"part": "topics", **standard, "alert": "off"})
    wish = TopicWish.objects.get()
    assert (wish.topic, wish.how) == (Topic.ALERT, How.OFF)
    assert AuditEntry.objects.latest("pk").action == "notifications_changed"
    client.post(reverse("notify:wishes"), {"part": "topics", **standard})
    assert not TopicWish.objects.exists()  # as everybody's


def test_quiet_hours_are_kept_and_shown(reader: User, client: Client):
    client.force_login(reader)
    given = {"part": "quiet", "quiet_from": "22:00", "quiet_until": "08:00", "quiet_weekends": "on"}
    client.post(reverse("notify:wishes"), given)
    assert queries.quiet_of(Wish.objects.get()) == Quiet(time(22), time(8), weekends=True)
    assert b"22:00" in client.get(reverse("notify:wishes")).content
    half = client.post(reverse("notify:wishes"), {"part": "quiet", "quiet_from": "22:00"})
    assert half.status_code == 422 and Wish.objects.get().quiet_until == time(8)


def test_a_topic_is_filtered_and_read_alone_and_taken_back(reader: User, client: Client):
    actions.tell([news(reader), news(reader, "m", Topic.MENTION)], at=NOW)
    client.force_login(reader)
    page = client.get(reverse("notify:inbox"), {"topic": "mention"})
    assert [it.notice.topic for it in page.context["lines"]] == ["mention"]
    answer = client.post(reverse("notify:read_all"), {"topic": "mention"}, follow=True)
    assert Notice.objects.get(topic="alert").read_at is None
    assert Notice.objects.get(topic="mention").read_at is not None
    undo = next(iter(answer.context["messages"])).extra_tags
    client.post(undo)
    assert Notice.objects.get(topic="mention").read_at is None


def test_a_notice_is_turned_read_and_back(reader: User, client: Client):
    actions.tell([news(reader)], at=NOW)
    client.force_login(reader)
    turn = reverse("notify:turn", args=[Notice.objects.get().pk])
    away = client.post(turn, {"next": "https://evil.example/"})
    assert away.headers["Location"] == reverse("notify:inbox")
    assert Notice.objects.get().read_at is not None
    client.post(turn, {"next": reverse("notify:inbox") + "?topic=alert"})
    assert Notice.objects.get().read_at is None


def test_every_notice_says_why(reader: User, client: Client):
    actions.tell([news(reader)], at=NOW)
    client.force_login(reader)
    shown = client.get(reverse("notify:inbox"), headers={"Accept-Language": "en"}).content.decode()
    assert "Why am I seeing this?" in shown and "You answer for this customer." in shown


def test_a_notice_of_a_customer_out_of_reach_is_gone(reader: User, client: Client):
    client.force_login(reader)
    customer = Customer.objects.create(external_id="c", name="C", owner=reader, recorded_at=NOW)
    actions.tell([replace(news(reader), customer_id=customer.pk)], at=NOW)
    assert queries.unread(reader) == 1
    Customer.objects.update(owner=None)
    assert queries.unread(reader) == 0
    assert client.get(reverse("notify:open", args=[Notice.objects.get().pk])).status_code == 404


def test_mails_are_for_administrators(reader: User, client: Client):
    client.force_login(reader)
    assert client.get(reverse("notify:mails")).status_code == 403
