"""From the inbox into the store: once, whole, and in the right place."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from perennial.events.intake import counting, loading, segments
from perennial.events.intake.normalise import normalise
from perennial.events.intake.replay import replay
from perennial.events.models import EventName, IntakeHour, Reject
from perennial.events.store import Store
from perennial.events.tests.inbox import NOON, Posted, track

pytestmark = pytest.mark.django_db


def test_an_accepted_event_reaches_the_store_and_its_segment_goes(posted: Posted) -> None:
    posted.post(track("a", groupId="acme"), track("b", at=NOON - timedelta(days=2), userId="u2"))
    done = posted.load()
    assert (done.loads, done.accepted, done.duplicates, done.rejected) == (1, 2, 0, 0)
    assert posted.rows("event, customer, person, day::VARCHAR, attribution") == [
        ("login", "acme", "u1", "2026-11-01", "explicit"),
        ("login", None, "u2", "2026-10-30", "unattributed"),
    ]
    assert not list(posted.inbox.glob("*.sealed"))
    assert posted.load().loads == 0


POINTS = (
    *("manifest", "read", "links", "fingerprints", "facts", "written", "committed"),
    *("recorded", "retired", "ended"),
)


class Killed(BaseException):
    """A process ends here."""


@pytest.mark.parametrize("point", POINTS)
def test_a_load_that_stops_anywhere_and_is_done_again_changes_nothing(
    posted: Posted, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    posted.post(track("old", groupId="acme"))
    posted.load()
    batch = [track("a", groupId="acme"), track("old"), track("b", event="x" * 600)]
    posted.post(*batch, {"type": "identify", "userId": "u9", "traits": {"plan": "pro"}})
    posted.post(track("a"), track("c", at=NOON - timedelta(days=40), userId="u2"))

    def stop(place: str) -> None:
        if place == f"load:{point}":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(loading, "reached", stop)
        with pytest.raises(Killed):
            posted.load()
    Posted(posted.home, Store(posted.store.path)).load()
    again = Posted(posted.home, Store(posted.store.path))
    assert again.load().loads == 0
    assert again.rows("event") == [("identify",), ("login",), ("login",), ("login",)]
    [hour] = IntakeHour.objects.values("accepted", "duplicates", "rejected", "late")
    assert hour == {"accepted": 4, "duplicates": 2, "rejected": 1, "late": 1}
    assert Reject.objects.count() == 1
    assert EventName.objects.filter(name="login").count() == 1
    names = {path.name for path in posted.inbox.iterdir() if path.suffix != ".loaded"}
    assert names == {"loader.json"}


def test_a_torn_end_is_counted_and_a_damaged_middle_is_kept_aside(posted: Posted) -> None:
    torn = posted.post(track("a"))
    torn.write_bytes(torn.read_bytes() + torn.read_bytes()[:-5])  # the second was never answered
    assert posted.load().torn_bytes == torn.with_suffix(".loaded").stat().st_size // 2 - 2
    damaged = posted.post(track("b"))
    frame = damaged.read_bytes()
    posted.post(track("c"))
    middle = bytearray(frame + frame + posted.post(track("d")).read_bytes())
    middle[len(frame) + 60] ^= 1
    damaged.write_bytes(bytes(middle))
    done = posted.load()
    assert (done.accepted, done.damaged) == (3, 1)
    assert [path.name for path in (posted.inbox / "damaged").iterdir()] == [damaged.name]
    assert posted.load().loads == 0


def test_a_flood_of_rejects_is_counted_whole_and_kept_in_part(
    posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "REJECTS_KEPT", 2)
    monkeypatch.setattr(counting, "REJECTS_AT_MOST", 3)
    for _ in range(2):
        posted.post(*({"type": "track"} for _ in range(5)), track())
        posted.load()
    assert IntakeHour.objects.get().rejected == 10
    assert Reject.objects.count() == 3


def test_a_reject_goes_through_again_once_under_its_first_time(
    posted: Posted, settings: Any
) -> None:
    settings.PERENNIAL_HOME = posted.home
    reject = Reject.objects.create(
        source_id=posted.source(),
        received_at=NOON,
        reason="unknown_type",
        params={"_route": "batch", "_sent_us": ""},
        body=json.dumps(track(None, at=None)),
        place="1-a:0:0",
    )
    for _ in range(2):
        replay([reject], at=NOON)
        posted.load()
    assert posted.rows("event, epoch(ts)::BIGINT") == [("login", int(NOON.timestamp()))]


def test_hours_names_and_lag_are_counted_by_arrival(posted: Posted) -> None:
    posted.post(
        track("a", at=NOON - timedelta(days=2), groupId="acme"),
        track("b", event="export", userId="u2"),
        track("c", at=NOON + timedelta(days=400)),
    )
    posted.load()
    hour = IntakeHour.objects.values("accepted", "unattributed", "clamped", "late", "lag_seconds")
    assert list(hour) == [
        {"accepted": 3, "unattributed": 1, "clamped": 1, "late": 1, "lag_seconds": 172_800.0}
    ]
    names = EventName.objects.order_by("name").values_list("name", "first_on")
    assert [(name, str(day)) for name, day in names] == [
        ("export", "2026-11-01"),
        ("login", "2026-11-01"),
    ]


def test_a_request_that_we_fail_at_holds_up_no_other(
    posted: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clumsy(frames: Any, **rest: Any) -> Any:
        if any(b"poison" in frame.body for _, frame in frames):
            raise ZeroDivisionError
        return normalise(frames, **rest)

    monkeypatch.setattr(segments, "normalise", clumsy)
    for message_id in ("a", "poison", "b", "c"):
        posted.post(track(message_id))
    done = posted.load()
    assert (done.accepted, done.rejected) == (3, 1)
    assert "poison" in Reject.objects.get().body
