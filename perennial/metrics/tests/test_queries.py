"""Usage metrics: two roads to one number, what was known when, and what is unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.events.load import undo_batch
from perennial.events.models import FEATURES_AT_MOST, Feature
from perennial.events.store import open_store
from perennial.metrics.jobs import fill
from perennial.metrics.queries import UsageRow, customer_metrics, daily_counts, weekly_counts
from perennial.metrics.rules.trend import usage_trend_rate
from perennial.metrics.tests.conftest import Fact

Happen = Callable[[Sequence[Fact]], dict[str, int]]
AS_OF = date(2026, 6, 30)


def ago(days: int) -> date:
    return AS_OF - timedelta(days=days)


def by_hand(
    facts: Sequence[Fact], *, as_of: date, received_by: date | None = None
) -> dict[str, dict[str, object]]:
    """The plain road: loops over events, no engine, no bits."""
    known = [
        fact
        for fact in facts
        if fact.on <= as_of
        and (received_by is None or (fact.received_on or fact.on) <= received_by)
    ]
    found: dict[str, dict[str, object]] = {}
    for customer in {fact.customer for fact in known}:
        mine = [fact for fact in known if fact.customer == customer]

        def within(first: int, last: int, mine: list[Fact] = mine) -> list[Fact]:
            """Events from `last` to `first` days before as_of, both included."""
            return [fact for fact in mine if first <= (as_of - fact.on).days <= last]

        month = within(0, 27)
        found[customer] = {
            "events_7d": sum(fact.value for fact in within(0, 6)),
            "events_28d": sum(fact.value for fact in month),
            "events_prior_84d": sum(fact.value for fact in within(28, 111)),
            "active_people_28d": len({fact.person for fact in month} - {None}),
            "active_people_prior_28d": len({fact.person for fact in within(28, 55)} - {None}),
            "active_days_28d": len({fact.on for fact in month}),
            "feature_breadth_28d": len({fact.event for fact in month}),
            "people_known": len({fact.person for fact in within(0, 111)} - {None}),
            "first_seen_on": min(fact.on for fact in mine),
            "last_seen_on": max(fact.on for fact in mine),
        }
    return found


def measured(rows: dict[str, UsageRow]) -> dict[str, dict[str, object]]:
    """The engine's road, in the shape of `by_hand`."""
    derived = {"features_known", "usage_trend_rate"}
    names = [name for name in UsageRow.__slots__ if name not in derived]
    return {
        customer: {name: getattr(row, name) for name in names} for customer, row in rows.items()
    }


FACTS = st.lists(
    st.builds(
        Fact,
        on=st.integers(-5, 130).map(ago),
        customer=st.sampled_from(["甲", "b"]),
        person=st.sampled_from(["ann", "bob", "cem", None]),
        event=st.sampled_from(["login", "export", "share"]),
        value=st.sampled_from([0.0, 1.0, 2.5]),
        received_on=st.none() | st.integers(-10, 130).map(ago),
    ),
    min_size=1,
    max_size=60,
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=FACTS, known=st.integers(-10, 130).map(ago))
def test_bit_masks_count_what_plain_loops_count(
    happen: Happen, facts: list[Fact], known: date
) -> None:
    open_batch = open_store().snapshot("events").version
    happen(facts)
    try:
        assert measured(customer_metrics(as_of=AS_OF)) == by_hand(facts, as_of=AS_OF)
        then = customer_metrics(as_of=AS_OF, received_by=known)
        assert measured(then) == by_hand(facts, as_of=AS_OF, received_by=known)
    finally:  # the next example begins with nothing: undo whatever batch this was
        for file in open_store().snapshot("events").files:
            assert file.first_batch is not None
            undo_batch(file.first_batch, store=open_store())
        fill(day=AS_OF)
    assert open_store().snapshot("events").version > open_batch
    assert customer_metrics(as_of=AS_OF) == {}


def test_an_event_received_later_never_changes_what_was_known(happen: Happen) -> None:
    happen([Fact(ago(n), "acme") for n in range(10)])
    before = customer_metrics(as_of=AS_OF, received_by=AS_OF)
    happen([Fact(ago(3), "acme", "bob", "share", 5, received_on=AS_OF + timedelta(days=1))])
    assert customer_metrics(as_of=AS_OF, received_by=AS_OF)["acme"].events_28d == 10
    assert measured(customer_metrics(as_of=AS_OF, received_by=AS_OF)) == measured(before)
    assert customer_metrics(as_of=AS_OF)["acme"].events_28d == 15


def test_filling_twice_finds_nothing_to_do_and_only_dirty_days_are_filled(happen: Happen) -> None:
    assert happen([Fact(ago(n), "acme") for n in range(5)])["days"] == 5
    assert fill(day=AS_OF)["days"] == 0
    version = open_store().snapshot("activity").version
    assert happen([Fact(ago(2), "acme", "bob")])["days"] == 1
    assert open_store().changed_days("activity", since=version) == {ago(2)}
    assert customer_metrics(as_of=AS_OF)["acme"].active_people_28d == 2


def test_an_undone_import_leaves_no_activity(happen: Happen) -> None:
    happen([Fact(ago(1), "acme")])
    happen([Fact(ago(1), "other"), Fact(ago(2), "other")])
    undo_batch(2, store=open_store())
    assert fill(day=AS_OF)["days"] == 2
    assert list(customer_metrics(as_of=AS_OF)) == ["acme"]


def test_activity_can_be_deleted_and_rebuilt(happen: Happen) -> None:
    happen([Fact(ago(n), "acme") for n in range(50)])
    before = customer_metrics(as_of=AS_OF)
    store = open_store()
    with store.writing(), store.session() as session:
        change = store.change("activity", session)
        for file in store.snapshot("activity").files:
            change.remove(file)
        store.commit(change, days=(), transactions={"events": -1})
    assert customer_metrics(as_of=AS_OF) == {}
    fill(day=AS_OF)
    assert customer_metrics(as_of=AS_OF) == before


def test_events_that_name_nobody_leave_people_unknown(happen: Happen) -> None:
    happen([Fact(ago(1), "acme", None)])
    row = customer_metrics(as_of=AS_OF)["acme"]
    assert (row.people_known, row.active_people_28d, row.active_days_28d) == (0, 0, 1)


def test_bits_are_for_ever_and_the_sixty_fourth_feature_has_none(happen: Happen) -> None:
    happen([Fact(AS_OF, "acme", event="first")])
    happen([Fact(AS_OF, "acme", event=f"f{number:02}") for number in range(70)])
    assert Feature.objects.get(name="first").bit == 0
    assert Feature.objects.count() == FEATURES_AT_MOST
    row = customer_metrics(as_of=AS_OF)["acme"]
    assert (row.feature_breadth_28d, row.features_known, row.events_28d) == (63, 63, 71)


def test_daily_and_weekly_counts_place_every_event(happen: Happen) -> None:
    happen(
        [
            Fact(ago(0), "acme", value=2),
            Fact(ago(0), "acme", "bob", value=3),
            Fact(ago(7), "acme"),
            Fact(ago(13), "other", None),
            Fact(ago(14), "acme"),
        ]
    )
    found = daily_counts(from_on=ago(13), to_on=AS_OF)
    assert (found.customers, found.first_on) == (["acme", "other"], ago(13))
    assert found.counts.shape == (2, 14)
    assert found.counts[0].tolist() == [0] * 6 + [1] + [0] * 6 + [5]
    assert found.people[:, [0, 6, 13]].tolist() == [[0, 1, 2], [0, 0, 0]]
    assert weekly_counts(AS_OF, weeks=2) == {"acme": [1, 5], "other": [1, 0]}
    one = daily_counts(from_on=ago(13), to_on=AS_OF, customers=["other", "nobody"])
    assert (one.customers, one.counts.sum()) == (["other"], 1)


def test_no_events_are_no_customers(home: Path, db: None) -> None:
    assert customer_metrics(as_of=AS_OF) == {}
    assert daily_counts(from_on=ago(5), to_on=AS_OF).counts.shape == (0, 6)
    assert weekly_counts(AS_OF) == {}
    assert fill(day=AS_OF) == {"days": 0, "rows": 0}


@pytest.mark.parametrize(
    ("now", "before", "first_seen", "expected"),
    [
        pytest.param(28, 84, 400, 0.0, id="as ever"),
        pytest.param(0, 84, 400, -1.0, id="silent"),
        pytest.param(56, 84, 400, 1.0, id="doubled"),
        pytest.param(28, 42, 27 + 42, 0.0, id="half the past observed"),
        pytest.param(28, 13, 27 + 13, None, id="too young to say"),
        pytest.param(28, 0, 400, None, id="nothing to compare with"),
    ],
)
def test_the_trend_compares_days_with_days(
    now: float, before: float, first_seen: int, expected: float | None
) -> None:
    rate = usage_trend_rate(
        now=now, now_days=28, before=before, from_on=ago(27), first_seen_on=ago(first_seen)
    )
    assert rate == (None if expected is None else pytest.approx(expected))


def test_counts_are_arrays_of_floats(happen: Happen) -> None:
    happen([Fact(AS_OF, "acme")])
    found = daily_counts(from_on=AS_OF, to_on=AS_OF)
    assert found.counts.dtype == np.float64
