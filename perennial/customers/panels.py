"""The customer's own cards: the record, edited in place, and its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer, Person
from perennial.customers.queries import people_of, touches_of
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.web.panels import Panel

# name, title, icon-free: what the record shows, in order
DETAILS_SHOWN = (
    ("industry", _("Industry")),
    ("region", _("Region")),
    ("size", _("Size")),
    ("website", _("Website")),
    ("tags", _("Tags")),
    ("name", pgettext_lazy("customer", "Name")),
    ("name_en", _("English name")),
)
NOT_SHOWN = frozenset({"made_by_source"})  # what the card of events says with its source
OVERDUE_DAYS = {"S": 30, "A": 60, "B": 120, "": 120}  # contact cadence by grade


@dataclass(frozen=True, slots=True)
class Detail:
    """One field as it stands: `shown` is words, empty when unknown."""

    name: str
    title: str
    shown: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person with the last contact; `is_overdue` by the cadence of the grade."""

    person: Person
    touched_at: datetime | None
    is_overdue: bool


def shown(customer: Customer, name: str) -> str:
    """A field in words."""
    value = getattr(customer, name)
    return ", ".join(value) if isinstance(value, list) else str(value)


def details(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del day
    rows = [Detail(name, str(title), shown(customer, name)) for name, title in DETAILS_SHOWN]
    custom = {name: value for name, value in customer.custom.items() if name not in NOT_SHOWN}
    return {"details": rows, "custom": custom, "can_edit": can(user, Page.EDIT_CUSTOMERS)}


def contacts(user: User, customer: Customer, *, on: date) -> list[Contact]:
    """Who works there, S first, those who left last; with the day each was last spoken to."""
    touched = dict(
        touches_of(user, customer)
        .filter(person__isnull=False)
        .order_by()
        .values_list("person")
        .annotate(last=Max("happened_at"))
    )
    found = [
        Contact(
            person,
            touched.get(person.pk),
            person.to_on is None and _overdue(person, touched.get(person.pk), on=on),
        )
        for person in people_of(user, customer)
    ]
    return sorted(found, key=lambda one: (one.person.to_on is not None, _rank(one.person)))


def _rank(person: Person) -> tuple[int, str]:
    return "SAB".find(person.grade) if person.grade else 3, person.name


def _overdue(person: Person, touched_at: datetime | None, *, on: date) -> bool:
    return touched_at is not None and (on - touched_at.date()).days > OVERDUE_DAYS[person.grade]


def people(user: User, customer: Customer, day: date) -> dict[str, Any]:
    listed = contacts(user, customer, on=day)
    return {"contacts": listed, "can_edit": can(user, Page.EDIT_CUSTOMERS)}


DETAILS = Panel(_("Details"), "customers/panel_details.html", details)
PEOPLE = Panel(_("People"), "customers/panel_people.html", people)
