"""The outsider, a CSM without customers, tries every address: nothing of others leaks.

Each address is asked for with the ids of somebody else's objects, with GET and POST, whole and
as a partial. Whatever comes back, it names no customer, and no sum of theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from perennial.alerts.models import Alert
from perennial.config.pipeline import run
from perennial.customers.models import Customer, Person, SavedView
from perennial.demo.plant import Planted, plant, write_usage
from perennial.desk.models import CustomerFigures
from tests.addresses import filled
from tests.belongings import WORD, keep

DAY = date(2026, 6, 30)
Perennial = Callable[..., Any]


@pytest.fixture
def planted(db: None) -> Planted:
    cast = plant(end_on=DAY)
    run(day=DAY)
    SavedView.objects.create(owner=cast.owner, name="mine", query="q=", shared=False)
    return cast


def things(planted: Planted) -> dict[str, Any]:
    """Objects of others for the gaps of addresses."""
    theirs = Customer.objects.filter(owner=planted.owner).latest("pk")
    return {
        **keep(theirs, planted.owner, on=DAY),
        "customer": theirs,
        "alert": Alert.objects.filter(customer__isnull=False).first(),
        "view": SavedView.objects.get(name="mine"),
        "user": planted.owner,
    }


def as_stored(thing: Any) -> dict[str, Any]:
    """The columns of an object as it was made."""
    return {field.attname: getattr(thing, field.attname) for field in thing._meta.concrete_fields}


def secrets(planted: Planted) -> set[str]:
    """What must not be seen: names and ids of all customers, and of their people."""
    words: set[str] = {WORD}
    for customer in planted.customers.values():
        words |= {customer.name, customer.name_en, customer.external_id}
        words |= set(customer.people.values_list("name", flat=True))
    return {word for word in words if len(word) > 2}


@pytest.mark.parametrize("partial", [False, True], ids=["page", "partial"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_outsider_sees_nothing_of_others(planted: Planted, method: str, partial: bool):
    client = Client(headers={"HX-Request": "true"} if partial else {})
    client.force_login(planted.outsider)
    hidden, objects = secrets(planted), things(planted)
    kept = {name: it for name, it in objects.items() if it is not None}
    before = Customer.objects.order_by("pk").values_list("pk", "version", "owner_id")
    untouched = list(before)
    tried = 0
    for name, address in filled(objects):
        for query in ("", "?q=a", "?scope=all&view=all"):
            answer = getattr(client, method)(address + query)
            body = b"".join(answer) if answer.streaming else answer.content
            assert answer.status_code < 500, name
            leaked = [word for word in hidden if word in body.decode("utf-8", "replace")]
            assert not leaked, f"{method} {name}{query} shows {leaked}"
            tried += 1
    assert tried > 60
    assert list(before.all()) == untouched
    for name, it in kept.items():
        assert type(it)._default_manager.filter(pk=it.pk).values().get() == as_stored(it), name


@pytest.mark.slow
def test_usage_of_others_stays_theirs(planted: Planted, tmp_path: Path, perennial: Perennial):
    """Metrics by customer, person and product, their files, and what autocapture saw."""
    usage = write_usage(tmp_path, end_on=DAY, events=3_000)
    assert perennial("import", "events", usage).code == 0
    people = Person.objects.values_list("external_id", flat=True)
    hidden = secrets(planted) | {it for it in people if len(it) > 2}
    seen_by_admin: set[str] = set()
    for user in (planted.outsider, planted.users["admin@demo.invalid"]):
        client = Client()
        client.force_login(user)
        for metric in ("event_count", "active_people", "last_seen_on", "north_star_met"):
            for query in ("", "?by=person", "?by=product", "?by=person&grain=month"):
                for page in (f"of/{metric}/", f"of/{metric}.csv", f"of/{metric}/card/"):
                    answer = client.get(f"/metrics/{page}{query}")
                    leaked = {word for word in hidden if word in answer.content.decode()}
                    assert not leaked or user != planted.outsider, (page, query, leaked)
                    seen_by_admin |= leaked
    assert {it.external_id for it in planted.customers.values()} & seen_by_admin
    assert set(people) & seen_by_admin


def test_a_foreign_object_does_not_exist(planted: Planted):
    client = Client()
    client.force_login(planted.outsider)
    theirs = Customer.objects.filter(owner=planted.owner).latest("pk").pk
    for name in ("desk:customer", "desk:peek"):
        assert client.get(reverse(name, args=[theirs])).status_code == 404


def test_the_owner_does_see_the_own_customers(planted: Planted):
    """The counter-check: what the outsider must not see is really shown to its owner."""
    client = Client()
    client.force_login(planted.owner)
    own = CustomerFigures.objects.filter(customer__owner=planted.owner)
    assert own.exists()
    page = client.get(reverse("desk:customers"), headers={"accept-language": "zh"}).content.decode()
    assert all(row.customer.name in page for row in own.select_related("customer"))


def test_nobody_passes_without_a_log_in(planted: Planted):
    for name, address in filled(things(planted)):
        answer = Client().get(address)
        assert answer.status_code in {302, 405}, name
        if answer.status_code == 302:
            assert answer["Location"].startswith(reverse("team:log_in")), name
