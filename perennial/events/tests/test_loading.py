"""From the inbox into the store: once, whole, and in the right place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perennial.events.intake import loading
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
