"""Metrics, goals and executives as measures; silent feeds; nobody and five customers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from perennial.customers.models import Customer
from perennial.events.models import Feature
from perennial.events.queries.quality import feed_state
from perennial.health.inputs.cases import Cases, day_cases
from perennial.health.inputs.reading import gather
from perennial.health.inputs.sources import SOURCES
from perennial.health.models import Said
from perennial.health.tests.events import Event, happen, noon
from perennial.health.tests.telling import DAY, START, ago, company, person, read, said, value_of
from perennial.metrics.models import Goal, OwnMetric

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db: None) -> Customer:
    return company("c1")


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


def test_only_customers_of_the_silent_feed_are_stale(customer: Customer, home: Path):
    names = ["c1", "c2"]
    for name, until in zip(names, (20, 0), strict=True):
        events = [
            Event(ago(day), ago(day), name, person=f"p{number}")
            for day in range(until, 120)
            for number in range(8)
        ]
        happen(home, events, source=f"feed-{name}")
    days = [ago(it) for it in (0, 10, 19, 21, 60)]
    for known in (False, True):
        cases = Cases.of(
            [customer.pk, -1] * 5, names * 5, np.repeat(np.array(days), 2), known=known
        )
        stale = gather(cases, ["active_days"])["active_days"].stale
        feeds = [feed_state(as_of=day, known_by=day if known else None) for day in days]
        assert stale.tolist() == [it.is_silent(name) for it in feeds for name in names]
        assert stale[:2].tolist() == [True, False]


def test_nobody_and_five_customers_are_read_like_any(home: Path, customer: Customer):
    nobody = gather(Cases.of([], [], []), SOURCES)
    assert all(len(column.value) == 0 for column in nobody.values())
    for number in range(4):
        company(f"x{number}")
    readings = gather(day_cases(DAY), [*SOURCES, "metric:event_count;window=28", "nothing"])
    assert len(readings.cases) == 5
    assert all(np.isnan(column.value).all() for column in readings.values())
    assert readings["nothing"].why
    assert [len(readings.facts[name]) for name in readings.facts] == [5] * len(readings.facts)
