"""What each measure made of facts says of one customer, and when it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from perennial.customers.models import Customer
from perennial.health.inputs.reading import READERS
from perennial.health.inputs.sources import SOURCES
from perennial.health.models import Said
from perennial.health.tests.telling import (
    ago,
    answered,
    company,
    invoiced,
    ordered,
    person,
    read,
    said,
    ticket,
    touched,
    value_of,
)
from perennial.surveys.models import SurveyKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db: None) -> Customer:
    return company("c1")


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
        lambda c: [touched(c, 3), person(company("c2"))],
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
