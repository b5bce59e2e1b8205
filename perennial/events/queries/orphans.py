"""Events that find nobody: customer ids that no customer has, people without a customer. And the
other way round: customers and people of whom no event tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pyarrow as pa

from perennial.customers.models import Customer, Person
from perennial.customers.queries import visible_customers
from perennial.events.models import Trait
from perennial.events.queries.stored import known_customers, under_survivors
from perennial.events.store import open_store
from perennial.team.models import User

WINDOW_DAYS: Final = 90
MONTH_DAYS: Final = 28
NAMED_AT_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class UnknownCustomer:
    """An id that events name and no customer has; `name` is what a group call said."""

    external_id: str
    events: int
    people: int
    sources: str
    last_on: date
    name: str


@dataclass(frozen=True, slots=True)
class LonePerson:
    """Somebody whose events belong to no customer."""

    person: str
    events: int
    sources: str
    last_on: date


@dataclass(frozen=True, slots=True)
class Orphans:
    """Of 90 days. `nobody` are events that name neither a customer nor a person."""

    events: int
    unknown: int
    lone: int
    nobody: int
    customers: int  # how many unknown ids
    people: int
    unknown_customers: Sequence[UnknownCustomer]
    lone_people: Sequence[LonePerson]


_GATHERED = """
    CREATE OR REPLACE TEMP TABLE orphans AS
    SELECT events.customer, person, source, count(*) AS events, max(day) AS last_on FROM events
    ANTI JOIN known_customers ON known_customers.customer = events.customer
    GROUP BY events.customer, person, source"""
_TOTALS = """
    SELECT coalesce(sum(events) FILTER (customer IS NOT NULL), 0)::BIGINT,
        coalesce(sum(events) FILTER (customer IS NULL AND person IS NOT NULL), 0)::BIGINT,
        coalesce(sum(events) FILTER (customer IS NULL AND person IS NULL), 0)::BIGINT,
        count(DISTINCT customer), count(DISTINCT person) FILTER (customer IS NULL)
    FROM orphans"""
_UNKNOWN = """
    SELECT customer, sum(events)::BIGINT, count(DISTINCT person),
        string_agg(DISTINCT source, ', ' ORDER BY source), max(last_on)
    FROM orphans WHERE customer IS NOT NULL GROUP BY customer ORDER BY 2 DESC, 1 LIMIT $1"""
_LONE = """
    SELECT person, sum(events)::BIGINT, string_agg(DISTINCT source, ', ' ORDER BY source),
        max(last_on)
    FROM orphans WHERE customer IS NULL AND person IS NOT NULL
    GROUP BY person ORDER BY 2 DESC, 1 LIMIT $1"""


def orphans(*, today: date, limit: int = 50) -> Orphans:
    """What waits for its customer, the largest first; administrators only.

    Of the last days up to today; where all events are older, up to the newest of them.
    """
    first_on = _window(today)
    with open_store().reading("events", first_on=first_on) as session:
        session.offer("known_customers", known_customers())
        session.run(_GATHERED)
        ((all_events,),) = session.rows("SELECT count(*) FROM events")
        ((unknown, lone, nobody, customers, people),) = session.rows(_TOTALS)
        ids = session.rows(_UNKNOWN, [limit])
        alone = session.rows(_LONE, [limit])
    names = names_said([row[0] for row in ids])
    return Orphans(
        all_events,
        unknown,
        lone,
        nobody,
        customers,
        people,
        [
            UnknownCustomer(external_id, events, seen, sources, last_on, names.get(external_id, ""))
            for external_id, events, seen, sources, last_on in ids
        ],
        [LonePerson(*row) for row in alone],
    )


def _window(today: date) -> date:
    """The first day of the window: a file of the past ends long before today."""
    first_on = today - timedelta(days=WINDOW_DAYS - 1)
    with open_store().reading("events", first_on=first_on) as session:
        if session.rows("SELECT 1 FROM events LIMIT 1"):
            return first_on
    with open_store().reading("events") as session:
        ((newest_on,),) = session.rows("SELECT max(day) FROM events")
    return first_on if newest_on is None else newest_on - timedelta(days=WINDOW_DAYS - 1)


def names_said(external_ids: Sequence[str]) -> dict[str, str]:
    """What group calls called these customers, a server's word before a browser's."""
    rows = Trait.objects.filter(
        about=Trait.About.CUSTOMER, name="name", external_id__in=external_ids
    )
    return {
        external_id: value
        for external_id, value in rows.order_by("-claimed", "said_at").values_list(
            "external_id", "value"
        )
        if isinstance(value, str) and value.strip()
    }


@dataclass(frozen=True, slots=True)
class Reached:
    """Of the customers that a user sees, in the last 28 days: `quiet` have no event in it,
    `unmapped` are people with events whom no contact of the customer names."""

    customers: int
    with_events: int
    quiet: Sequence[Customer]
    people: int
    unmapped: int


def reached(user: User, *, today: date) -> Reached:
    """How far the events reach into the customers of a user, from daily activity."""
    visible = {it.external_id: it for it in visible_customers(user).filter(merged_into=None)}
    first_on = today - timedelta(days=MONTH_DAYS - 1)
    with open_store().reading("activity", first_on=first_on, last_on=today) as session:
        session.offer("visible", pa.table({"customer": pa.array(visible, pa.string())}))
        session.offer("contacts", _contacts())
        activity = under_survivors(session, "activity")
        seen = {
            customer
            for (customer,) in session.rows(
                f"SELECT DISTINCT customer FROM {activity} SEMI JOIN visible USING (customer)"
            )
        }
        ((people, unmapped),) = session.rows(
            "SELECT count(*), count(*) FILTER (contacts.person IS NULL) FROM ("
            f"SELECT DISTINCT customer, person FROM {activity} SEMI JOIN visible USING (customer) "
            "WHERE person IS NOT NULL) AS seen LEFT JOIN contacts USING (customer, person)"
        )
    quiet = [it for external_id, it in visible.items() if external_id not in seen]
    return Reached(len(visible), len(seen), quiet[:NAMED_AT_MOST], people, unmapped)


def _contacts() -> pa.Table:
    rows = Person.objects.values_list("customer__external_id", "external_id").distinct()
    pairs = list(rows)
    return pa.table(
        {
            "customer": pa.array([customer for customer, _ in pairs], pa.string()),
            "person": pa.array([person for _, person in pairs], pa.string()),
        }
    )
