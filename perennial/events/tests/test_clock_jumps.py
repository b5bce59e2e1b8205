"""Our own clock jumps while events come: nothing is lost, nothing is loaded twice, all goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from perennial.events.tests.inbox import NOON, Posted, track

pytestmark = pytest.mark.django_db
RIGHT = NOON + timedelta(hours=1)
JUMPS = [
    pytest.param(RIGHT - timedelta(hours=1), id="an hour back"),
    pytest.param(RIGHT + timedelta(days=1), id="a day ahead"),
    pytest.param(datetime(1970, 1, 1, 0, 10, tzinfo=UTC), id="1970"),
    pytest.param(datetime(2099, 6, 1, tzinfo=UTC), id="2099"),
]


@pytest.mark.parametrize("wrong", JUMPS)
def test_a_jumping_clock_loses_nothing_and_loads_nothing_twice(
    posted: Posted, wrong: datetime
) -> None:
    first = (track("told"), track("untold", at=None))
    for number, moment in enumerate((RIGHT, wrong, RIGHT + timedelta(minutes=1))):
        with time_machine.travel(moment, tick=False):
            posted.post(*first, at=moment, sent=moment)  # said again: one event at any age
            fresh = (track(f"told {number}", at=RIGHT), track(f"untold {number}", at=None))
            posted.post(*fresh, at=moment, sent=moment)
            done = posted.load()
            assert (done.accepted, done.rejected) == (4 if number == 0 else 2, 0)
            assert done.duplicates == (0 if number == 0 else 2)
            assert not list(posted.inbox.glob("*.sealed")), "the segments stand in line"
    assert len(posted.rows()) == 8


def test_names_of_segments_keep_the_order_of_arrival_when_the_clock_goes_back(
    posted: Posted,
) -> None:
    with time_machine.travel(RIGHT, tick=False):
        earlier = posted.post(track("a", value=1), at=RIGHT)
    with time_machine.travel(datetime(1970, 1, 1, tzinfo=UTC), tick=False):
        later = posted.post(track("a", value=2), at=RIGHT)
        assert earlier.name < later.name
        assert (done := posted.load()).accepted == 1, done
