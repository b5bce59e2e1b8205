from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from perennial.notify import actions
from perennial.notify.actions import News, Said
from perennial.notify.models import Notice, Topic, Wish
from perennial.team.models import AuditEntry, Role, User

NOW = datetime(2026, 6, 30, 22, 0, tzinfo=UTC)


@pytest.fixture
def reader(db: None) -> User:
    return User.objects.create(email="owner@x.example", name="周周", role=Role.CSM, language="en")


def news(user: User, key: str = "k") -> News:
    said = {"en": Said("Usage fell", "by half"), "zh-hans": Said("使用量下降", "减半")}
    return News(user, Topic.ALERT, key, said, reverse("desk:today"))


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
    client.post(reverse("notify:wishes"), {"digest": "on"})
    wish = Wish.objects.get()
    assert (wish.digest, wish.instant) == (True, False)
    assert AuditEntry.objects.latest("pk").action == "notifications_changed"


def test_mails_are_for_administrators(reader: User, client: Client):
    client.force_login(reader)
    assert client.get(reverse("notify:mails")).status_code == 403
