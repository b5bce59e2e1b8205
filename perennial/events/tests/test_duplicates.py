"""One event per (source, message id), whatever a client, a clock or a calendar does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from perennial.events.intake import duplicates
from perennial.events.store import compact
from perennial.events.tests.conftest import Loader
from perennial.events.tests.inbox import NOON, Posted, track

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 11, 1, 23, 59, 50, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("first", "again", "days_later"),
    [
        pytest.param(NOON, NOON, 0, id="same time, at once"),
        pytest.param(NOON, NOON, 40, id="same time, after 40 days"),
        pytest.param(NOON, NOON, 400, id="same time, after the horizon"),
        pytest.param(NOON - 500 * DAY, NOON - 500 * DAY, 1, id="history sent again"),
        pytest.param(NOON - 500 * DAY, NOON - 500 * DAY, 200, id="history, after the horizon"),
        pytest.param(NOON, NOON + timedelta(hours=1), 0, id="another time"),
        pytest.param(NOON, NOON + 39 * DAY, 40, id="another time, after 40 days"),
        pytest.param(None, None, 40, id="no time, after 40 days"),
        pytest.param(None, NOON, 3, id="a time only when sent again"),
    ],
)
def test_a_copy_is_left_out(
    posted: Posted, first: datetime | None, again: datetime | None, days_later: int
) -> None:
    posted.post(track("a", at=first))
    posted.load()
    posted.post(track("a", at=again), at=NOON + days_later * DAY)
    assert posted.load().duplicates == 1
    assert posted.rows() == [("login",)]


def test_no_time_over_midnight_is_one_event(posted: Posted) -> None:
    posted.post(track("a", at=None), at=LATE)
    posted.load()
    posted.post(track("a", at=None), at=LATE + timedelta(seconds=20))
    posted.load()
    assert posted.rows("day::VARCHAR") == [("2026-11-01",)]


@pytest.mark.parametrize("days_later", [0, 300])
def test_a_corrected_time_that_moves_over_midnight_is_one_event(
    posted: Posted, days_later: int
) -> None:
    """The client's clock is an hour slow: sent again, its time is corrected differently."""
    said, sent = LATE - timedelta(hours=1), LATE - timedelta(hours=1) + timedelta(seconds=5)
    posted.post(track("a", at=said), sent=sent, at=sent + timedelta(hours=1))
    posted.load()
    assert posted.rows("clock, day::VARCHAR") == [("corrected", "2026-11-01")]
    posted.post(track("b", at=said), sent=sent, at=sent + timedelta(hours=1, seconds=15))
    posted.load()
    assert posted.rows("day::VARCHAR", where="day > '2026-11-01'") == [("2026-11-02",)]
    for message_id in ("a", "b"):  # one stayed on its day as sent, one moved
        later = sent + timedelta(minutes=2, days=days_later)
        posted.post(track(message_id, at=said), sent=later, at=later + timedelta(hours=1))
    assert posted.load().duplicates == 2


def test_the_same_id_in_two_segments_of_a_load_is_one_event(posted: Posted) -> None:
    posted.post(track("a", event="first"))
    posted.post(track("a", event="second", at=NOON + timedelta(seconds=1)), track("b"))
    assert posted.load().loads == 1
    assert posted.rows() == [("first",), ("login",)]


def test_two_sources_with_one_id_are_two_events(posted: Posted) -> None:
    posted.post(track("a"), source="web")
    posted.post(track("a"), source="app")
    posted.load()
    posted.post(track("a"), source="app")
    assert posted.load().duplicates == 1
    assert posted.rows("source") == [("app",), ("web",)]


def test_a_copy_is_found_while_files_are_merged(posted: Posted) -> None:
    for number in range(20):  # twice as many as make small files one
        posted.post(track(f"a{number}", at=NOON - timedelta(seconds=number)))
        posted.load()
    assert len(posted.store.snapshot("events").files) < 10
    compact(posted.store, "events")
    posted.post(*(track(f"a{number}", at=None) for number in range(20)), at=NOON + 30 * DAY)
    assert posted.load().duplicates == 20


def test_two_ids_with_one_fingerprint_are_two_events(
    posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def same(_sources: object, codes: np.ndarray, _ids: object) -> np.ndarray:
        return np.zeros(len(codes), np.uint64)

    monkeypatch.setattr(duplicates, "fingerprints", same)
    posted.post(track("a"), track("b"), track("a"))
    assert posted.load().accepted == 2
    posted.post(track("c", at=None), track("b", at=None))
    assert posted.load().accepted == 1
    assert len(posted.rows()) == 3


def test_a_lost_index_is_made_anew_from_the_store(posted: Posted) -> None:
    posted.post(track("a"), track("b", at=None))
    posted.load()
    for run in (posted.store.path / "fingerprints").iterdir():
        run.unlink()
    posted.post(track("a", at=NOON + DAY), track("b", at=None), at=NOON + DAY)
    assert posted.load().duplicates == 2


def test_what_a_file_of_this_source_brought_does_not_come_again_by_http(
    posted: Posted, load: Callable[..., Loader]
) -> None:
    posted.post(track("x"))
    posted.load()  # the index is there before the import
    load(f"event,timestamp,message_id\nlogin,{NOON.isoformat()},a\n", source="web")
    posted.post(track("a", at=None), at=NOON + DAY)
    assert posted.load().duplicates == 1
    load(f"event,timestamp,message_id\nlogin,{NOON.isoformat()},x\n", source="web")
    assert len(posted.rows()) == 2


def test_a_body_without_ids_gets_them_from_its_place(posted: Posted) -> None:
    path = posted.post(track(None), track(None))
    content = path.read_bytes()
    posted.load()
    path.write_bytes(content)  # the same request, loaded once more
    assert posted.load().duplicates == 2
    assert json.dumps(len(posted.rows())) == "2"
