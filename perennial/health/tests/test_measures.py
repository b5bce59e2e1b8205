"""What each measure made of facts says of one customer, and when it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from perennial.contracts.models import Basis, Invoice, OrderKind, OrderLine
from perennial.customers.models import Customer, Person, Touch
from perennial.events.models import Feature
from perennial.health.inputs.cases import Cases, Column, day_cases
from perennial.health.inputs.reading import READERS, gather
from perennial.health.inputs.sources import SOURCES
from perennial.health.models import Opinion, Said
from perennial.health.tests.events import Event, happen, noon
from perennial.metrics.models import Goal, OwnMetric
from perennial.surveys.models import Answer, SurveyKind
from perennial.tickets.models import Ticket

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 30)
START = date(2026, 1, 10)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.fixture
def customer() -> Customer:
    return Customer.objects.create(
        external_id="c1", name="c1", created_on=START, recorded_at=noon(START)
    )


def read(source: str, customer: Customer, on: date = DAY, *, known: bool = False) -> Column:
    cases = Cases.of([customer.pk], [customer.external_id], [on], known=known)
    return gather(cases, [source])[source]


def value_of(column: Column) -> float | None:
    assert column.connected[0]
    return None if np.isnan(column.value[0]) else float(column.value[0])


def person(customer: Customer, key: str = "p1", **more: Any) -> Person:
    fields = {"name": key, "grade": "S", "recorded_at": noon(START)} | more
    return Person.objects.create(external_id=key, customer=customer, **fields)


def touched(customer: Customer, days: int, whom: Person | None = None) -> Touch:
    at = noon(ago(days))
    return Touch.objects.create(customer=customer, happened_at=at, person=whom, recorded_at=at)


def ticket(customer: Customer, opened: int, closed: int | None = None, kind: str = "bug") -> Ticket:
    return Ticket.objects.create(
        external_id=f"t{Ticket.objects.count()}",
        customer=customer,
        kind=kind,
        opened_at=noon(ago(opened)),
        closed_at=None if closed is None else noon(ago(closed)),
        recorded_at=noon(ago(opened)),
    )


def answered(customer: Customer, days: int, score: int, who: str, kind: SurveyKind) -> Answer:
    return Answer.objects.create(
        external_id=f"a{Answer.objects.count()}",
        customer=customer,
        kind=kind,
        score=score,
        person_id_text=who,
        answered_at=noon(ago(days)),
        recorded_at=noon(ago(days)),
    )


def invoiced(customer: Customer, due: int, paid: int | None = None) -> Invoice:
    return Invoice.objects.create(
        external_id=f"i{Invoice.objects.count()}",
        customer=customer,
        issued_on=ago(due + 30),
        due_on=ago(due),
        amount=Decimal(10),
        currency="CNY",
        paid_on=None if paid is None else ago(paid),
        recorded_at=noon(ago(due + 30)),
    )


def ordered(customer: Customer, start: int, seats: int, amount: int = 1200) -> OrderLine:
    return OrderLine.objects.create(
        order_id=f"o{OrderLine.objects.count()}",
        customer=customer,
        kind=OrderKind.NEW,
        seats=seats,
        start_on=ago(start),
        end_on=ago(start - 400),
        signed_on=ago(start),
        recurring_amount=Decimal(amount),
        basis=Basis.ARR,
        currency="CNY",
        recorded_at=noon(ago(start)),
    )


def said(
    customer: Customer, measure: Said, days: int, value: int, on: Person | None = None
) -> Opinion:
    return Opinion.objects.create(
        customer=customer,
        measure=measure,
        value=value,
        said_on=ago(days),
        person=on,
        recorded_at=noon(ago(days)),
    )


Story = Callable[[Customer], object]
STORIES: dict[str, tuple[str, Story, float | None]] = {
    "the last contact counts": ("any_touch", lambda c: [touched(c, 9), touched(c, 4)], 4),
    "a key person nobody reached counts from its first day": (
        "key_contact",
        lambda c: [person(c, from_on=ago(40)), touched(c, 3)],
        40,
    ),
    "a key person who was reached": ("key_contact", lambda c: touched(c, 12, person(c)), 12),
    "no key person is missing, not bad": (
        "key_contact",
        lambda c: [touched(c, 3), person(Customer.objects.get(pk=other()))],
        None,
    ),
    "who left in 90 days": (
        "key_people_left",
        lambda c: [person(c, "p1", to_on=ago(30)), person(c, "p2", to_on=ago(120)), person(c, "3")],
        1,
    ),
    "open tickets and half of the new ones": (
        "support_load",
        lambda c: [ticket(c, 50), ticket(c, 5), ticket(c, 9, closed=8), ticket(c, 60, closed=40)],
        3,
    ),
    "open tickets alone": ("open_tickets", lambda c: [ticket(c, 50), ticket(c, 9, closed=8)], 1),
    "complaints by their kind, also in Chinese": (
        "open_complaints",
        lambda c: [ticket(c, 5, kind="客户投诉"), ticket(c, 7, kind="Complaint"), ticket(c, 3)],
        2,
    ),
    "the newest answer of each person": (
        "nps",
        lambda c: [
            answered(c, 20, 2, "ann", SurveyKind.NPS),
            answered(c, 10, 9, "ann", SurveyKind.NPS),
            answered(c, 15, 6, "bob", SurveyKind.NPS),
        ],
        7.5,
    ),
    "an answer older than a year before the newest does not count": (
        "nps",
        lambda c: [
            answered(c, 0, 9, "ann", SurveyKind.NPS),
            answered(c, 366, 1, "bob", SurveyKind.NPS),
        ],
        9,
    ),
    "satisfied are four of five and more": (
        "csat",
        lambda c: [answered(c, 5, it, f"p{it}", SurveyKind.CSAT) for it in (2, 3, 4, 5)],
        0.5,
    ),
    "the oldest unpaid invoice": (
        "overdue",
        lambda c: [invoiced(c, 30, paid=29), invoiced(c, 12), invoiced(c, 5)],
        12,
    ),
    "an invoice due today is not late": ("overdue", lambda c: invoiced(c, 0), 0),
    "paid is not overdue": ("overdue", lambda c: invoiced(c, 30, paid=29), 0),
    "days to the due day": ("due_in", lambda c: ordered(c, 300, 5), 99),
    "seats against 90 days before": (
        "seats_change",
        lambda c: [ordered(c, 200, 10), ordered(c, 20, 5)],
        0.5,
    ),
    "contract value against a year before": (
        "value_change",
        lambda c: [ordered(c, 390, 10, 1000), ordered(c, 20, 5, 250)],
        0.25,
    ),
    "the newest opinion": (
        "sentiment",
        lambda c: [said(c, Said.SENTIMENT, 20, 8), said(c, Said.SENTIMENT, 5, 3)],
        3,
    ),
    "of decision makers the lowest": (
        "value_perception",
        lambda c: [
            said(c, Said.VALUE_PERCEPTION, 20, 8, person(c, "p1")),
            said(c, Said.VALUE_PERCEPTION, 5, 6, person(c, "p2")),
            said(c, Said.VALUE_PERCEPTION, 200, 1, person(c, "p3")),
        ],
        6,
    ),
    "executives' use as a colleague says it": (
        "executive_use",
        lambda c: said(c, Said.EXECUTIVE_USE, 20, 7),
        7,
    ),
}


def other() -> int:
    return Customer.objects.create(external_id="c2", name="c2", recorded_at=noon(START)).pk


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("known", [False, True], ids=["now", "then"])
def test_a_measure_of_facts(story: str, known: bool, customer: Customer):
    source, tell, value = STORIES[story]
    tell(customer)
    assert value_of(read(source, customer, known=known)) == value


def test_an_opinion_ends_with_its_validity(customer: Customer):
    said(customer, Said.SENTIMENT, 200, 9)
    valid_days = SOURCES["sentiment"].stale_days
    assert valid_days is not None
    fresh = read("sentiment", customer, ago(200 - valid_days))
    old = read("sentiment", customer, ago(200 - valid_days - 1))
    assert (fresh.stale[0], old.stale[0]) == (False, True)
    assert old.as_of_on[0].astype(object) == ago(200)


@pytest.mark.parametrize("source", sorted(READERS))
def test_a_source_that_never_said_anything_is_not_connected(
    source: str, customer: Customer, home: Path
):
    found = read(source, customer)
    assert not found.connected[0]


def test_executives_are_counted_where_events_know_them(customer: Customer, home: Path):
    person(customer, "ann")
    person(customer, "bob")
    happen(home, [Event(ago(3), ago(3), "c1", person="ann")])
    said(customer, Said.EXECUTIVE_USE, 5, 9)
    found = read("executive_use", customer)
    assert value_of(found) == 5
    assert found.params["source"][0] == "counted"


def test_a_metric_of_some_events_in_its_own_window(customer: Customer, home: Path):
    days = (0, 1, 6, 7, 20)
    happen(home, [Event(ago(it), ago(it), "c1", event="login") for it in days])
    happen(home, [Event(ago(2), ago(2), "c1", event="export", value=5)])
    assert value_of(read("metric:event_count;window=7;event=login", customer)) == 3
    assert value_of(read("metric:event_count;window=28", customer)) == 10
    assert value_of(read("metric:last_seen_on", customer, DAY)) == 0
    assert value_of(read("metric:deep_use_count", customer)) is None
    Feature.objects.filter(name="export").update(deep=True)
    happen(home, [Event(ago(9), ago(9), "c1", event="export")])
    assert value_of(read("metric:deep_use_count", customer)) == 6


def test_a_metric_that_was_retired_or_lost_its_event_is_missing_and_says_why(
    customer: Customer, home: Path
):
    happen(home, [Event(ago(3), ago(3), "c1")])
    names = {"title_zh": "导出", "title_en": "Exports", "created_at": noon(DAY)}
    own = OwnMetric.objects.create(name="exports", version=1, base="event_count", **names)
    assert value_of(read("metric:exports", customer)) == 1
    OwnMetric.objects.filter(pk=own.pk).update(retired=True)
    for source in ("metric:exports", "metric:event_count;event=vanished", "metric:nonsense"):
        found = read(source, customer)
        assert value_of(found) is None and found.why, source


def test_goals_met_is_the_share_of_those_meant(customer: Customer, home: Path):
    happen(home, [Event(ago(it), ago(it), "c1") for it in range(10)])
    rest = {"metric": "active_days", "changed_at": noon(START)}
    Goal.objects.create(name="some", target=5, **rest)
    Goal.objects.create(name="many", target=25, **rest)
    Goal.objects.create(name="others", target=99, segment="1;tier.in.S", **rest)
    found = read("goals_met", customer)
    assert value_of(found) == 0.5
    assert (found.params["count"][0], found.params["goals"][0]) == (1, 2)


def test_a_silent_feed_makes_usage_stale_also_on_past_days(customer: Customer, home: Path):
    events = [
        Event(ago(day), ago(day), "c1", person=f"p{number}")
        for day in range(20, 120)
        for number in range(8)
    ]
    happen(home, events)
    days = [ago(15), ago(20), ago(60), *(ago(it) for it in range(61, 66))]
    size = len(days)
    for known in (False, True):
        cases = Cases.of([customer.pk] * size, ["c1"] * size, days, known=known)
        stale = gather(cases, ["active_days"])["active_days"].stale
        assert stale.tolist() == [True] + [False] * (size - 1)


def test_nobody_and_five_customers_are_read_like_any(home: Path, customer: Customer):
    nobody = gather(Cases.of([], [], []), SOURCES)
    assert all(len(column.value) == 0 for column in nobody.values())
    five = [
        Customer.objects.create(external_id=f"x{it}", name="x", recorded_at=noon(START))
        for it in range(4)
    ]
    readings = gather(day_cases(DAY), [*SOURCES, "metric:event_count;window=28", "nothing"])
    assert len(readings.cases) == len(five) + 1
    assert all(np.isnan(column.value).all() for column in readings.values())
    assert readings["nothing"].why
    assert [len(readings.facts[name]) for name in readings.facts] == [5] * len(readings.facts)
