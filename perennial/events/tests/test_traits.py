"""What identify and group calls say is kept; only a server fills fields, and only free ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from perennial.customers.models import Customer, Person
from perennial.events.intake.traits import keep_traits
from perennial.events.models import Source, SourceKind, Trait
from perennial.team.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sources() -> None:
    for name, kind in (("web", SourceKind.BROWSER), ("app", SourceKind.SERVER)):
        Source.objects.create(name=name, kind=kind, created_at=NOW)


def say(traits: dict[str, Any] | None, *, day: int = 0, **columns: Any) -> None:
    row = {
        "position": 0,
        "kind": "group",
        "source": "app",
        "claimed": columns.get("source") == "web",
        "person": None,
        "customer": "acme",
        "user_id": None,
        "anonymous_id": None,
        "traits": None if traits is None else json.dumps(traits),
        "ts": NOW + timedelta(days=day),
        "received_at": NOW + timedelta(days=day),
    }
    keep_traits(pa.Table.from_pylist([row | columns]))


def test_a_servers_group_call_makes_an_unknown_customer_and_marks_it() -> None:
    say({"name": "Acme", "employees": 30, "createdAt": "2025-03-01T20:00:00Z", "plan": "pro"})
    customer = Customer.objects.get(external_id="acme")
    assert (customer.name, customer.size) == ("Acme", "30")
    assert customer.created_on is not None
    assert customer.created_on.isoformat() == "2025-03-02"  # in business time
    assert customer.custom == {"made_by_source": "app", "plan": "pro"}
    assert AuditEntry.objects.get().action == "customer.made_from_events"


def test_a_group_call_without_traits_makes_a_customer_by_its_id() -> None:
    say(None)
    assert Customer.objects.get(external_id="acme").name == "acme"


def test_a_browser_makes_no_customer_and_fills_no_field() -> None:
    say({"name": "Evil"}, source="web")
    assert not Customer.objects.exists()
    Customer.objects.create(external_id="acme", name="Acme", recorded_at=NOW)
    say({"industry": "Retail"}, source="web", day=1)
    assert Customer.objects.get().industry == ""
    assert Trait.objects.get(name="industry").claimed


def test_what_a_person_or_an_import_wrote_stays() -> None:
    Customer.objects.create(external_id="acme", name="Acme", industry="Retail", recorded_at=NOW)
    say({"name": "ACME Inc", "industry": "Software", "website": "acme.example"})
    customer = Customer.objects.get()
    assert (customer.name, customer.industry) == ("Acme", "Retail")
    assert customer.website == "acme.example"


def test_what_servers_wrote_they_may_correct_until_a_person_edits_it() -> None:
    say({"name": "Acme", "industry": "Retail"})
    say({"industry": "Software"}, day=1)
    assert Customer.objects.get().industry == "Software"
    Customer.objects.update(industry="Finance")
    say({"industry": "Games"}, day=2)
    assert Customer.objects.get().industry == "Finance"


def test_money_is_never_taken_from_events() -> None:
    say({"name": "Acme", "mrr": 999, "seats": 50})
    assert "mrr" not in Customer.objects.get().custom
    assert Trait.objects.get(name="mrr").value == 999


def test_the_newest_word_stands_whatever_arrives_last() -> None:
    say({"name": "New"}, day=2)
    say({"name": "Old"}, day=1)
    assert Trait.objects.get(name="name").value == "New"


def test_set_once_holds_only_where_nothing_is_known() -> None:
    person: dict[str, Any] = {"kind": "identify", "person": "u1", "customer": None}
    say({"$set_once": {"first": "a"}}, **person)
    say({"$set_once": {"first": "b", "other": 1}}, day=1, **person)
    found = dict(Trait.objects.values_list("name", "value"))
    assert found == {"first": "a", "other": 1}


def test_a_server_completes_a_person_and_makes_none() -> None:
    customer = Customer.objects.create(external_id="acme", name="Acme", recorded_at=NOW)
    Person.objects.create(external_id="u1", customer=customer, name="Li", recorded_at=NOW)
    who: dict[str, Any] = {"kind": "identify", "customer": None}
    say({"email": "li@acme.example", "name": "Other"}, person="u1", **who)
    say({"email": "x@acme.example"}, person="u2", day=1, **who)
    person = Person.objects.get()
    assert (person.name, person.email) == ("Li", "li@acme.example")
