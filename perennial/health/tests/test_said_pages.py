"""A person's own score, and what data cannot see, through HTTP, on the cast of the demo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from perennial.config.pipeline import run
from perennial.customers.models import Customer
from perennial.demo.plant import Planted, plant
from perennial.health.models import Opinion, Override, Said
from perennial.team.models import Role, User

DAY = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def planted() -> Planted:
    return plant(end_on=DAY)


def test_an_override_is_held_and_withdrawn(planted: Planted):
    run(day=DAY)
    theirs = Customer.objects.filter(owner=planted.owner, health__score__isnull=False).latest("pk")
    client = Client(headers={"accept-language": "en"})
    client.force_login(planted.owner)
    address = reverse("health:override", args=[theirs.pk])
    with time_machine.travel(NOW, tick=False):
        typed = {"score": 40, "reason": "The sponsor is leaving", "until_on": "2026-07-20"}
        late = {**typed, "until_on": NOW.date() + timedelta(days=91)}
        assert client.post(address, late).status_code == 422
        assert client.post(address, {**typed, "reason": ""}).status_code == 422
        assert client.post(address, {**typed, "score": 101}).status_code == 422
        assert not Override.objects.exists()
        assert client.post(address, typed).status_code == 302
        client.post(address, typed | {"score": 55})
        held = Override.objects.get(withdrawn_at=None)
        assert (held.score, held.by) == (55, planted.owner)
        card = client.get(reverse("health:said", args=[theirs.pk])).content.decode()
        assert "Held at 55" in card and "computed " in card and "The sponsor is leaving" in card
        client.post(reverse("health:withdraw", args=[theirs.pk]))
        assert not Override.objects.filter(withdrawn_at=None).exists()


def test_what_data_cannot_see_is_written_down_and_grows_old(planted: Planted):
    theirs = Customer.objects.filter(owner=planted.owner, people__grade="S").latest("pk")
    person = theirs.people.filter(grade="S", to_on=None).first()
    assert person is not None
    client = Client(headers={"accept-language": "en"})
    client.force_login(planted.owner)
    address = reverse("health:opinion", args=[theirs.pk])
    with time_machine.travel(NOW, tick=False):
        typed = {"measure": Said.SENTIMENT, "value": "7.5", "evidence": "Says so in reviews"}
        assert client.post(address, typed).status_code == 302
        assert client.post(address, typed | {"value": "11"}).status_code == 422
        nobody = typed | {"measure": Said.VALUE_PERCEPTION}
        assert client.post(address, nobody).status_code == 422
        assert client.post(address, nobody | {"person": person.pk}).status_code == 302
        assert Opinion.objects.count() == 2
        card = reverse("health:said", args=[theirs.pk])
        assert "counts until" in client.get(card).content.decode()
    with time_machine.travel(NOW + timedelta(days=400), tick=False):
        client.force_login(planted.owner)
        assert "too old since" in client.get(card).content.decode()


def test_a_foreign_customer_does_not_exist(planted: Planted):
    theirs = Customer.objects.filter(owner=planted.owner).latest("pk").pk
    client = Client()
    client.force_login(planted.outsider)
    for name in ("said", "override", "opinion", "withdraw"):
        for ask in (client.get, client.post):
            assert ask(reverse(f"health:{name}", args=[theirs])).status_code in (404, 405)
    assert not Override.objects.exists() and not Opinion.objects.exists()
    looker = Client()
    viewer = User.objects.create(email="v@x.invalid", name="Vi", role=Role.VIEWER)
    looker.force_login(viewer)
    assert looker.post(reverse("health:override", args=[theirs])).status_code == 403
