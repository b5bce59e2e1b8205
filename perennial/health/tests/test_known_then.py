"""Nothing that was recorded after a day changes any reading as of that day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perennial.contracts.models import Basis, Invoice, OrderKind, OrderLine, Pause
from perennial.customers.merging import merge_customers
from perennial.customers.models import Customer, Person, Touch
from perennial.health.inputs.cases import Cases, Flags, Readings
from perennial.health.inputs.reading import READERS, gather
from perennial.health.models import Opinion, Said
from perennial.health.tests.events import FIRST, Event, happen, noon, random_events
from perennial.metrics.models import Goal
from perennial.surveys.models import Answer, SurveyKind
from perennial.tickets.models import Ticket

pytestmark = pytest.mark.django_db
NAMES = [f"c{number}" for number in range(6)]
SOURCES = (
    *READERS,
    "metric:event_count;window=14;event=login",
    "metric:stickiness",
    "metric:usage_trend_rate;window=28",
    "metric:last_seen_on",
    "metric:seat_login_rate;window=28",
)
Rest = dict[str, Any]
FACTS = ("stage", "age_days", "due_in_days", "arr", "since", "tier", "fit")


def facts(
    rng: random.Random, customers: Sequence[Customer], *, tag: str, recorded: tuple[date, date]
) -> None:
    """Facts of every kind about days of the whole year, recorded on days of [from, to]."""
    first, last = recorded
    for number in range(40):
        on, key = FIRST + timedelta(days=rng.randrange(300)), f"{tag}{number}"
        at = noon(first + timedelta(days=rng.randrange((last - first).days + 1)))
        rest = {"customer": rng.choice(customers), "recorded_at": at}
        whom = contact(
            rng, on, key if tag == "after" or number > 1 else ("ann", "bob")[number], rest
        )
        voice(rng, on, key, whom, rest)
        money(rng, on, key, rest)
        if number % 10 == 0:
            Pause.objects.create(start_on=on, end_on=on + timedelta(days=20), **rest)


def contact(rng: random.Random, on: date, key: str, rest: Rest) -> Person | None:
    person = Person.objects.create(
        external_id=key,
        name=key,
        grade=rng.choice(("S", "S", "A")),
        from_on=on,
        to_on=rng.choice((None, on + timedelta(days=rng.randrange(200)))),
        **rest,
    )
    whom = rng.choice((None, person))
    Touch.objects.create(happened_at=noon(on), person=whom, **rest)
    return whom


def voice(rng: random.Random, on: date, key: str, whom: Person | None, rest: Rest) -> None:
    Ticket.objects.create(
        external_id=key,
        kind=rng.choice(("bug", "complaint")),
        opened_at=noon(on),
        closed_at=rng.choice((None, noon(on + timedelta(days=9)))),
        **rest,
    )
    kind, score = rng.choice((SurveyKind.NPS, SurveyKind.CSAT)), rng.randrange(6)
    Answer.objects.create(external_id=key, kind=kind, score=score, answered_at=noon(on), **rest)
    measure, value = rng.choice(list(Said)), Decimal(rng.randrange(11))
    Opinion.objects.create(measure=measure, value=value, said_on=on, person=whom, **rest)


def money(rng: random.Random, on: date, key: str, rest: Rest) -> None:
    Invoice.objects.create(
        external_id=key,
        issued_on=on,
        due_on=on + timedelta(days=30),
        amount=Decimal(10),
        currency="CNY",
        paid_on=rng.choice((None, on + timedelta(days=50))),
        **rest,
    )
    OrderLine.objects.create(
        order_id=key,
        kind=OrderKind.NEW,
        seats=rng.randrange(1, 9),
        start_on=on,
        end_on=on + timedelta(days=rng.choice((100, 365))),
        signed_on=on,
        recurring_amount=Decimal(1200),
        basis=Basis.ARR,
        currency="CNY",
        **rest,
    )


def assert_equal(before: Readings, after: Readings, *, where: Flags) -> None:
    for source in SOURCES:
        one, two = before[source], after[source]
        columns = {"value": one.value, "as_of": one.as_of_on, "stale": one.stale}
        others = {"value": two.value, "as_of": two.as_of_on, "stale": two.stale}
        columns |= {"connected": one.connected, **one.params}
        others |= {"connected": two.connected, **two.params}
        for name, column in columns.items():
            same = column.astype(str)[where] == others[name].astype(str)[where]
            assert same.all(), (source, name)
    for name in FACTS:
        fact, other = before.facts[name], after.facts[name]
        assert (fact.astype(str)[where] == other.astype(str)[where]).all(), name


@pytest.mark.parametrize("seed", range(2))
def test_nothing_recorded_later_changes_a_reading(seed: int, home: Path):
    rng = random.Random(seed)
    customers = Customer.objects.bulk_create(
        Customer(external_id=name, name=name, recorded_at=noon(FIRST)) for name in NAMES
    )
    turn = FIRST + timedelta(days=150)
    later, year = turn + timedelta(days=40), FIRST + timedelta(days=365)
    Goal.objects.create(
        name="used", metric="event_count", target=3, window_days=28, changed_at=noon(FIRST)
    )
    facts(rng, customers, tag="before", recorded=(FIRST, turn))
    early = [it for it in random_events(rng, 400, customers=NAMES) if it.received_on <= turn]
    happen(home, early)
    days = [FIRST + timedelta(days=rng.randrange(10, 200)) for _ in range(6)]
    pairs = [(customer, day) for day in (*days, turn, later) for customer in customers]
    cases = Cases.of(
        [it.pk for it, _ in pairs],
        [it.external_id for it, _ in pairs],
        [day for _, day in pairs],
        known=True,
    )
    before = gather(cases, SOURCES)
    [before.facts[name] for name in FACTS]
    facts(rng, customers, tag="after", recorded=(turn + timedelta(days=1), year))
    late = [it for it in random_events(rng, 400, customers=NAMES) if it.received_on > turn]
    new_feature = Event(FIRST, turn + timedelta(days=1), "c1", event="brand_new")
    happen(home, [*late, new_feature])
    merge_customers(customers[0], into=customers[1], by=None, at=noon(turn + timedelta(days=5)))
    Goal.objects.create(
        name="later", metric="active_days", target=3, window_days=28, changed_at=noon(year)
    )
    after = gather(cases, SOURCES)
    known_by_then = cases.as_of <= np.datetime64(turn, "D")
    assert known_by_then.any()
    assert_equal(before, after, where=known_by_then)
    with pytest.raises(AssertionError):  # the days after do learn of it
        assert_equal(before, after, where=~known_by_then)
