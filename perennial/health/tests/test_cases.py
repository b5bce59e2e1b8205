"""Usage of cases on many days equals what `customer_metrics` says of each of those days."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from perennial.customers.merging import merge_customers, undo_merge
from perennial.customers.models import Customer
from perennial.customers.queries import survivors
from perennial.events.models import Feature
from perennial.health.inputs.cases import Cases
from perennial.health.inputs.catalogue import figures
from perennial.health.inputs.scene import Scene
from perennial.health.tests.events import FIRST, NOW, happen, noon, random_events
from perennial.metrics.catalog import NEEDS_SEATS
from perennial.metrics.jobs import fill
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.queries.cases import UsageColumns
from perennial.metrics.queries.named import Named, all_metrics
from perennial.metrics.rules.periods import By, Grain

NAMES = [f"c{number}" for number in range(5)]
STRANGER = "stranger"  # only events name it
pytestmark = pytest.mark.django_db


@pytest.fixture
def merged() -> dict[str, int]:
    """Customers, one of whom was merged in June, another one from May to August."""
    rows = Customer.objects.bulk_create(
        Customer(external_id=name, name=name, recorded_at=noon(FIRST)) for name in NAMES
    )
    merge_customers(rows[0], into=rows[1], by=None, at=noon(date(2026, 6, 1)))
    brief = merge_customers(rows[2], into=rows[3], by=None, at=noon(date(2026, 5, 1)))
    undo_merge(brief, by=None, at=noon(date(2026, 8, 1)))
    return {it.external_id: it.pk for it in rows}


@pytest.mark.parametrize("seed", range(2))
def test_cases_of_many_days_equal_the_metrics_of_each_day(
    seed: int, home: Path, merged: dict[str, int]
):
    rng = random.Random(seed)
    happen(home, random_events(rng, 600, customers=[*NAMES, STRANGER]))
    days = [FIRST + timedelta(days=rng.randrange(20, 260)) for _ in range(6)]
    pairs = [(name, day) for day in days for name in (*NAMES, STRANGER)]
    rng.shuffle(pairs)
    for known in (False, True):
        cases = Cases.of(
            [merged.get(name, -1) for name, _ in pairs],
            [name for name, _ in pairs],
            [day for _, day in pairs],
            known=known,
        )
        usage = Scene(cases).usage
        seen = 0
        for at, (name, day) in enumerate(pairs):
            known_on = day if known else None
            rows = customer_metrics(as_of=day, received_by=known_on)
            row = rows.get(survivors(known_on).get(name, name))
            seen += row is not None
            assert_same(usage, at, row)
        assert seen > len(pairs) / 2


def assert_same(usage: UsageColumns, at: int, row: UsageRow | None) -> None:
    if row is None:
        assert np.isnat(usage.last_seen_on[at])
        return
    for field in fields(usage):
        value, expected = getattr(usage, field.name)[at], getattr(row, field.name)
        if field.name.endswith("_on"):
            assert value.astype(object) == expected, field.name
        else:
            assert (None if np.isnan(value) else value) == expected, field.name


def test_cases_of_one_day_share_the_figures_that_others_read(home: Path, merged: dict[str, int]):
    happen(home, random_events(random.Random(7), 300, customers=[*NAMES, STRANGER]))
    day = FIRST + timedelta(days=120)
    one = Cases.of([*merged.values(), -1], [*NAMES, STRANGER], [day] * 6)
    two = Cases.of([*merged.values()] * 2, NAMES * 2, [day] * 5 + [day - timedelta(1)] * 5)
    shared, own = Scene(one), Scene(two)
    assert np.array_equal(shared.used_on[:5], own.used_on[:5])
    for field in fields(shared.usage):
        left, right = getattr(shared.usage, field.name), getattr(own.usage, field.name)
        assert np.array_equal(left[:5].astype(str), right[:5].astype(str)), field.name


@pytest.mark.parametrize("known", [False, True], ids=["now", "then"])
@pytest.mark.parametrize("event", [None, "login"])
def test_every_metric_of_a_case_is_what_the_catalogue_answers_for_its_day(
    event: str | None, known: bool, home: Path, merged: dict[str, int]
):
    happen(home, random_events(random.Random(11), 500, customers=NAMES))
    Feature.objects.filter(name="export").update(deep=True)
    fill(day=NOW.date())
    days = [FIRST + timedelta(days=it) for it in (60, 190)]
    cases = Cases.of(
        [pk for _ in days for pk in merged.values()],
        [name for _ in days for name in merged],
        [day for day in days for _ in merged],
        known=known,
    )
    scene = Scene(cases)
    for named in all_metrics():
        if {NEEDS_SEATS} & named.metric.needs or named.name == "north_star_met":
            continue
        found = figures(scene, replace(named, event=event), 28)
        for day in days:
            rows = answered(named, day, event=event, known_on=day if known else None)
            standing = survivors(day if known else None)
            for at in np.flatnonzero(cases.as_of == np.datetime64(day, "D")).tolist():
                name = standing.get(cases.external_id[at], cases.external_id[at])
                if name in rows:  # without a row the catalogue says nothing
                    value = None if np.isnan(found[at]) else found[at]
                    assert value == _number(rows[name], day), (named.name, name, day)


def answered(
    named: Named, day: date, *, event: str | None, known_on: date | None
) -> dict[str, object]:
    """What the catalogue says of 28 days up to a day, by customer."""
    by = (Grain.DAY, By.CUSTOMER)
    asked = Asked(
        named.metric, *by, day, day, day, window_days=28, event=event, received_by=known_on
    )
    return {row["customer"]: row["value"] for row in ask(asked).to_pylist()}


def _number(value: object, day: date) -> float | None:
    """A day, as the days since it."""
    if isinstance(value, date):
        return float((day - value).days)
    return None if value is None else float(str(value))
