"""The people of a customer: graded, last spoken to, in the order in which they report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Max, QuerySet

from perennial.customers.models import BuyingRole, Customer, Person, Touch
from perennial.customers.people.rules.grading import (
    GRADES,
    Contact,
    Standard,
    cadence_by,
    contact,
    standards_for,
)
from perennial.customers.people.rules.tree import Caution, Here, Node, cautions, tree
from perennial.customers.people.standards.queries import standards
from perennial.customers.queries import people_of, touches_of, visible_customers, visible_records
from perennial.team.models import User
from perennial.units.moment import business_day

LATELY_DAYS = 180
ADVOCATES = (BuyingRole.SPONSOR, BuyingRole.CHAMPION)


@dataclass(frozen=True, slots=True)
class Listed:
    """One person as the pages show them. `is_gone`: left by the day of the page."""

    person: Person
    contact: Contact
    is_gone: bool

    @property
    def is_advocate(self) -> bool:
        return self.person.buying_role in ADVOCATES


@dataclass(frozen=True, slots=True)
class People:
    """Everybody whom we know there. `placed` have a manager or reports, in reading order;
    `loose` have neither."""

    everybody: list[Listed]
    placed: list[tuple[Node, Listed]]
    loose: list[Listed]
    cautions: list[Caution]

    @property
    def here(self) -> list[Listed]:
        return [it for it in self.everybody if not it.is_gone]

    @property
    def overdue(self) -> int:
        return sum(it.contact.is_overdue for it in self.here)


def people(user: User, customer: Customer, *, on: date) -> People:
    """S first, those who left last; the last contact from touches that name the person."""
    spoken = _spoken_to(user, customer)
    own = standards_for(customer.products, standards())
    everybody = sorted(
        (_listed(it, spoken.get(it.pk), own, on=on) for it in people_of(user, customer)),
        key=lambda it: (it.is_gone, _rank(it.person)),
    )
    manager_of = {it.person.pk: it.person.reports_to_id for it in everybody}
    managers = {pk for pk in manager_of.values() if pk in manager_of}
    is_placed = {pk for pk, manager in manager_of.items() if manager in manager_of} | managers
    listed = {it.person.pk: it for it in everybody}
    nodes = tree([pk for pk in listed if pk in is_placed], manager_of)
    since = on - timedelta(days=LATELY_DAYS)
    return People(
        everybody,
        [(node, listed[node.pk]) for node in nodes],
        [it for it in everybody if it.person.pk not in is_placed],
        cautions(
            [
                Here(it.person.buying_role, (it.contact.touched_on or date.min) >= since)
                for it in everybody
                if not it.is_gone
            ]
        ),
    )


def _spoken_to(user: User, customer: Customer) -> dict[int, date]:
    zone = settings.PERENNIAL_TIME_ZONE
    last = (
        touches_of(user, customer)
        .filter(person__isnull=False)
        .order_by()
        .values_list("person")
        .annotate(last=Max("happened_at"))
    )
    return {pk: business_day(at, zone) for pk, at in last}


def _listed(
    person: Person, touched_on: date | None, own: tuple[Standard, ...], *, on: date
) -> Listed:
    is_gone = person.to_on is not None and person.to_on <= on
    cadence = None if is_gone else cadence_by(own, person.grade)
    return Listed(person, contact(touched_on, cadence_days=cadence, on=on), is_gone)


def _rank(person: Person) -> tuple[int, str]:
    return GRADES.index(person.grade) if person.grade in GRADES else len(GRADES), person.name


@dataclass(frozen=True, slots=True)
class Stint:
    """The same person at another customer that the user sees."""

    person: Person
    customer: Customer


@dataclass(frozen=True, slots=True)
class Whole:
    """A person with all that we know: `service` how their grade is looked after, by language."""

    listed: Listed
    service: dict[str, str]
    manager: Person | None
    reports: list[Person]
    elsewhere: list[Stint]
    touches: QuerySet[Touch]


def whole(user: User, customer: Customer, person: Person, *, on: date) -> Whole:
    """`person` came through person_for."""
    touches = touches_of(user, customer).filter(person=person)
    last = touches.first()
    touched_on = business_day(last.happened_at, settings.PERENNIAL_TIME_ZONE) if last else None
    own = standards_for(customer.products, standards())
    service = next((dict(it.service[person.grade]) for it in own if person.grade in it.service), {})
    same = Person.objects.filter(
        external_id=person.external_id, customer__in=visible_records(user).values("pk")
    ).exclude(pk=person.pk)
    return Whole(
        _listed(person, touched_on, own, on=on),
        service,
        person.reports_to,
        list(person.reports.filter(customer=customer).order_by("name")),
        [Stint(it, it.customer) for it in same.select_related("customer").order_by("from_on")],
        touches,
    )


def known_company(user: User, words: str) -> Customer | None:
    """The one customer in reach that is called so; None: none, or several."""
    wanted = words.strip()
    if not wanted:
        return None
    seen = visible_customers(user)
    for name in ("name", "name_en", "external_id"):
        found = list(seen.filter(**{name: wanted})[:2])
        if len(found) == 1:
            return found[0]
    return None


def companies_like(user: User, words: str) -> list[Customer]:
    """A few customers in reach whose name holds the words."""
    wanted = words.strip()
    if not wanted:
        return []
    seen = visible_customers(user)
    found = seen.filter(name__icontains=wanted) | seen.filter(name_en__icontains=wanted)
    return list(found.order_by("name")[:8])
