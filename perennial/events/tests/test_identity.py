"""Who an event is of, whenever what tells it arrives: set by set equals item by item."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perennial.customers.models import Customer, Person
from perennial.events.models import Source, SourceKind
from perennial.events.rules.kinds import Kind
from perennial.events.store import Store
from perennial.events.tests.items import ZONE, Arrivals, Item

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sources() -> None:
    for name, kind in (("web", SourceKind.BROWSER), ("app", SourceKind.SERVER)):
        Source.objects.create(name=name, kind=kind, created_at=START)


def at(day: float, hour: float = 0) -> datetime:
    return START + timedelta(days=day, hours=hour)


# The plain way: one item after the other, from all items.

Link = tuple[datetime, datetime, str, bool]  # at, received, target, claimed


class Plainly:
    def __init__(self, items: Sequence[Item]) -> None:
        self.names: dict[str, list[Link]] = defaultdict(list)
        self.served: set[str] = set()
        said: dict[tuple[str, bool, date], list[Link]] = defaultdict(list)
        for item in items:
            earlier = item.previous if item.kind is Kind.ALIAS else item.anonymous
            tells = item.kind in (Kind.ALIAS, Kind.IDENTIFY) and earlier != item.user
            if tells and earlier and item.user:
                self.names[earlier].append((item.at, item.arrived_at, item.user, item.claimed))
                if not item.claimed:
                    self.served.add(earlier)
            if item.user and not item.claimed:
                self.served.add(item.user)
            one = item.user or item.anonymous
            if one and item.group:
                day = item.at.astimezone(ZONE).date()
                said[one, item.claimed, day].append(
                    (item.at, item.arrived_at, item.group, item.claimed)
                )
        self.stays: dict[str, list[Link]] = defaultdict(list)
        for (one, claimed, _), links in said.items():
            for _, run in groupby(sorted(links), key=lambda link: link[2]):
                moment, received, group, _ = next(run)
                person, by_claim = self.person(one, moment)
                self.stays[person].append((moment, received, group, claimed or by_claim))

    def person(self, one: str, moment: datetime) -> tuple[str, bool]:
        path, by_claim = [one], False
        while True:
            trusted = path[-1] in self.served
            links = sorted(it for it in self.names[path[-1]] if it[3] is not trusted)
            if not links:
                return path[-1], by_claim
            target = _last(links, moment) or _last(links, links[0][0]) or ""
            by_claim = by_claim or links[0][3]
            if target in path:
                return min(path[path.index(target) :]), by_claim
            path.append(target)

    def customer(self, person: str, moment: datetime) -> str | None:
        trusted = sorted(it for it in self.stays[person] if not it[3])
        claimed = sorted(it for it in self.stays[person] if it[3])
        found = _last(trusted, moment) or _last(claimed, moment)
        firsts = [_last(links, links[0][0]) for links in (trusted, claimed) if links]
        return found or next(iter(firsts), None)

    def __call__(self, item: Item) -> tuple[str | None, str | None]:
        one = item.user or item.anonymous
        if one is None:
            return None, item.group or item.context_group
        person, _ = self.person(one, item.at)
        return person, item.group or item.context_group or self.customer(person, item.at)


def _last(links: Sequence[Link], moment: datetime) -> str | None:
    before = [target for since, _, target, _ in links if since <= moment]
    return before[-1] if before else None


ids = st.sampled_from(["a", "b", "u", "v", "w"])
things = st.builds(
    Item,
    at=st.integers(0, 60).map(lambda hours: START + timedelta(hours=hours)),
    user=st.none() | st.sampled_from(["u", "v", "w"]),
    anonymous=st.none() | st.sampled_from(["a", "b"]),
    group=st.none() | st.none() | st.sampled_from(["acme", "blue"]),
    kind=st.sampled_from([Kind.TRACK, Kind.TRACK, Kind.TRACK, Kind.IDENTIFY, Kind.ALIAS]),
    previous=st.none() | ids,
    context_group=st.none() | st.none() | st.none() | st.just("coral"),
    claimed=st.booleans(),
)
days = st.lists(st.lists(st.lists(things, min_size=1, max_size=4), max_size=3), max_size=4)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(days=days)
def test_whenever_links_arrive_events_are_whose_all_items_together_say(
    days: list[list[list[Item]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        arrivals, everything, stood = Arrivals(Store(Path(folder))), [], {}
        for number, loads in enumerate(days):
            received = at(3 + number)
            today = received.astimezone(ZONE).date()
            for load in loads:
                arrived = [_received(item, received) for item in load]
                arrivals(*arrived, on=today)
                everything += arrived
            stood[today] = arrivals.seen()
        plainly = Plainly(everything)
        assert arrivals.seen() == {number: plainly(item) for number, item in enumerate(everything)}
        for day, view in stood.items():
            assert arrivals.seen(known_by=day) == view


def _received(item: Item, received_at: datetime) -> Item:
    return replace(item, received_at=received_at)


def seen(store: Store, *loads: list[Item]) -> dict[int, tuple[str | None, str | None]]:
    arrivals = Arrivals(store)
    for load in loads:
        arrivals(*load)
    return arrivals.seen()


def test_what_an_anonymous_visitor_did_becomes_known(store: Store) -> None:
    first = [Item(at=at(0), anonymous="a", claimed=True)]
    then = [
        Item(at=at(1), anonymous="a", user="u", kind=Kind.IDENTIFY, claimed=True),
        Item(at=at(1, 1), user="u", group="acme", kind=Kind.GROUP, claimed=True),
    ]
    assert seen(store, first, then)[0] == ("u", "acme")


def test_a_browser_cannot_take_over_an_id_that_a_server_knows(store: Store) -> None:
    attack = Item(at=at(1), user="evil", previous="u", kind=Kind.ALIAS, claimed=True)
    assert seen(store, [Item(at=at(0), user="u", group="acme")], [attack])[0] == ("u", "acme")
    other = Arrivals(Store(store.path / "other"))
    other(attack)
    other(Item(at=at(2), user="u", group="acme"))
    other(Item(at=at(3), user="u"))
    assert other.seen()[2] == ("u", "acme")


def test_late_evidence_between_two_of_the_same_customer_ends_where_the_next_begins(
    store: Store,
) -> None:
    morning = [Item(at=at(0, hour), user="u", group="acme") for hour in (1, 3)]
    late = [Item(at=at(0, 2), user="u", group="blue", received_at=at(1))]
    asked = [Item(at=at(0, hour), user="u", received_at=at(1)) for hour in (2.5, 3.5)]
    found = seen(store, morning, late, asked)
    assert [found[3][1], found[4][1]] == ["blue", "acme"]


def test_who_changes_employer_is_at_each_in_its_time(store: Store) -> None:
    for name, from_on, to_on in (
        ("acme", None, date(2026, 3, 2)),
        ("blue", date(2026, 3, 4), None),
    ):
        customer = Customer.objects.create(external_id=name, name=name, recorded_at=START)
        Person.objects.create(
            external_id="u",
            customer=customer,
            name="U",
            from_on=from_on,
            to_on=to_on,
            recorded_at=START,
        )
    found = seen(store, [Item(at=at(day), user="u") for day in range(4)])
    assert [found[day][1] for day in range(4)] == ["acme", None, "blue", "blue"]


def test_ids_that_mean_nobody_make_no_one_of_many(store: Store) -> None:
    load = [
        Item(at=at(0), anonymous="a", user="undefined", kind=Kind.IDENTIFY),
        Item(at=at(0), anonymous="b", user="undefined", kind=Kind.IDENTIFY),
        Item(at=at(1), anonymous="a"),
        Item(at=at(1), anonymous="b"),
    ]
    found = seen(store, load)
    assert [found[2][0], found[3][0]] == ["a", "b"]
