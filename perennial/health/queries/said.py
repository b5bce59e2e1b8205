"""What people say of a customer and until when it counts; the score that somebody holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from perennial.customers.models import Customer, Grade, Person
from perennial.customers.queries import people_of, visible_customer
from perennial.health.inputs.sources import SOURCES
from perennial.health.models import Opinion, Override, Said
from perennial.health.queries.overrides import overrides_on
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that data cannot see. `opinion` None: nobody has said it yet.

    `until_on` is the last day on which it counts; `is_old`: that day has passed.
    """

    measure: Said
    person: Person | None
    opinion: Opinion | None
    until_on: date | None
    is_old: bool


@dataclass(frozen=True, slots=True)
class SaidOf:
    seen: Sequence[Seen]
    override: Override | None


def said_of(user: User, customer: Customer, *, today: date) -> SaidOf:
    """What was said last of each measure, of value perception by each decision maker: people of
    grade S, else those of grade A, and whoever something was said of."""
    gate = visible_customer(user, customer)
    rows = Opinion.objects.filter(customer__in=gate).select_related("by")
    newest = {(it.measure, it.person_id): it for it in rows.order_by("said_on", "pk")}
    people = people_of(user, customer).filter(to_on__isnull=True)
    named = {person_id for _measure, person_id in newest}
    grades = {person.grade for person in people}
    decides = Grade.S if Grade.S in grades else Grade.A
    deciders = [it for it in people if it.grade == decides or it.pk in named]
    asked: list[tuple[Said, Person | None]] = [
        (it, None) for it in Said if it is not Said.VALUE_PERCEPTION
    ]
    asked += [(Said.VALUE_PERCEPTION, person) for person in deciders]
    seen = [
        _seen(measure, person, newest.get((measure, person.pk if person else None)), today)
        for measure, person in asked
    ]
    held = overrides_on(today, customers=[customer.pk]) if gate.exists() else {}
    return SaidOf(seen, held.get(customer.pk))


def _seen(measure: Said, person: Person | None, opinion: Opinion | None, today: date) -> Seen:
    if opinion is None:
        return Seen(measure, person, None, None, False)
    until_on = opinion.said_on + timedelta(days=SOURCES[measure.value].stale_days or 0)
    return Seen(measure, person, opinion, until_on, until_on < today)
