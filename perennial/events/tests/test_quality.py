"""A silent feed is told from silent customers, as of any day and as it was known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from perennial.events.models import Source
from perennial.events.queries.quality import coverage, feed_state
from perennial.events.rules.feed import FeedState
from perennial.events.store import open_store
from perennial.events.tests.conftest import Loader

pytestmark = pytest.mark.django_db
FIRST = date(2026, 3, 2)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    """Loads into this home's own store."""
    return Loader(open_store(), tmp_path, known=["acme", "bolt"])


def _send(
    loader: Loader, source: str, first: int, last: int, *, who: str = "acme", each: int = 10
) -> None:
    """`each` events of a customer on every day of [first, last], counted from FIRST."""
    numbers = count()
    lines = [
        f"open,{_day(day)}T0{hour % 9}:00:00Z,{who},{source}-{who}-{first}-{next(numbers)}"
        for day in range(first, last + 1)
        for hour in range(each)
    ]
    text = "\n".join(["event,timestamp,customer_id,message_id", *lines]) + "\n"
    loader(text, source=source)


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_customers_of_a_silent_feed_are_unknown_and_the_others_are_not(loader: Loader) -> None:
    _send(loader, "web", 0, 27, who="acme")
    _send(loader, "api", 0, 31, who="bolt")
    feeds = feed_state(as_of=_day(31))
    assert {feed.source: feed.state for feed in feeds.feeds} == {
        "web": FeedState.SILENT,
        "api": FeedState.FRESH,
    }
    assert feeds.is_silent("acme")
    assert feeds.covered_until("acme") == _day(27)
    assert not feeds.is_silent("bolt")
    assert feeds.covered_until("bolt") == _day(31)
    assert not feeds.all_silent


def test_before_the_silence_nothing_was_wrong(loader: Loader) -> None:
    _send(loader, "web", 0, 27)
    feeds = feed_state(as_of=_day(27))
    assert [feed.state for feed in feeds.feeds] == [FeedState.FRESH]
    assert feeds.covered_until("acme") == _day(27)


def test_a_lone_feed_that_stops_leaves_everybody_unknown(loader: Loader) -> None:
    _send(loader, "web", 0, 27)
    feeds = feed_state(as_of=_day(29))
    assert feeds.all_silent
    assert feeds.is_silent("nobody has heard of them")


def test_a_feed_that_another_one_replaced_is_not_missed(loader: Loader) -> None:
    _send(loader, "web", 0, 27)
    _send(loader, "web-2", 26, 40)
    feeds = feed_state(as_of=_day(40))
    states = {feed.source: feed.state for feed in feeds.feeds}
    assert states == {"web": FeedState.REPLACED, "web-2": FeedState.FRESH}
    assert not feeds.is_silent("acme")
    assert coverage(first_on=FIRST, last_on=_day(40), as_of=_day(40)).is_full(FIRST, _day(40))


def test_a_retired_source_is_not_missed(loader: Loader) -> None:
    _send(loader, "web", 0, 27)
    _send(loader, "api", 0, 40, each=3)
    at = datetime(2026, 4, 1, tzinfo=UTC)
    Source.objects.create(name="web", kind="browser", created_at=at, retired_at=at)
    feeds = feed_state(as_of=_day(40))
    assert not feeds.silent
    assert not feeds.is_silent("acme")


def test_coverage_is_the_share_of_days_that_delivered(loader: Loader) -> None:
    _send(loader, "web", 0, 20)
    _send(loader, "web", 24, 30)
    found = coverage(first_on=FIRST, last_on=_day(30), as_of=_day(30))
    assert found.is_full(FIRST, _day(20))
    assert not found.is_full(FIRST, _day(30))
    assert found.rate("acme", _day(17), _day(26)) == pytest.approx(7 / 10)
    assert found.rate("acme", _day(21), _day(23)) == 0
    assert found.rate("acme", FIRST - 10 * ONE_DAY, _day(9)) == pytest.approx(10 / 20)
    assert found.rate("acme", _day(29), _day(32)) == pytest.approx(2 / 4)  # not computed yet


def test_coverage_weighs_sources_by_what_they_bring(loader: Loader) -> None:
    _send(loader, "web", 0, 27, who="acme", each=9)
    _send(loader, "app", 0, 31, who="acme", each=3)
    _send(loader, "app", 0, 31, who="bolt", each=9)
    found = coverage(first_on=_day(28), last_on=_day(31), as_of=_day(31))
    acme = found.rate("acme", _day(28), _day(31))
    assert acme == pytest.approx((3 * 32) / (9 * 28 + 3 * 32), abs=1e-6)
    assert found.rate("bolt", _day(28), _day(31)) == 1


def test_what_arrives_later_does_not_change_what_was_known(loader: Loader) -> None:
    """Late rows heal the gap from the day on which they came, never before."""
    rows = [
        f"open,{_day(day)}T0{hour}:00:00Z,acme,m{day}-{hour},{_day(came)}T12:00:00Z"
        for day, came in [*((it, it) for it in range(28)), (28, 33), (29, 33), (33, 33)]
        for hour in range(8)
    ]
    header = "event,timestamp,customer_id,message_id,received_at"
    loader("\n".join([header, *rows]) + "\n", source="web")
    known = {
        day: [feed.state for feed in feed_state(as_of=_day(29), known_by=_day(day)).feeds]
        for day in (29, 33)
    }
    assert known == {29: [FeedState.SILENT], 33: [FeedState.FRESH]}
