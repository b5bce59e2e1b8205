"""Who an event is of, whenever what tells it arrives: set by set equals item by item."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
            if item.kind in (Kind.ALIAS, Kind.IDENTIFY) and earlier and item.user:
                if earlier != item.user:
                    self.names[earlier].append(
                        (item.at, item.arrived_at, item.user, item.claimed)
                    )
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
    max_examples=12,
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
        assert arrivals.seen() == {
            number: plainly(item) for number, item in enumerate(everything)
        }
        for day, view in stood.items():
            assert arrivals.seen(known_by=day) == view


def _received(item: Item, received_at: datetime) -> Item:
    from dataclasses import replace

    return replace(item, received_at=received_at)
