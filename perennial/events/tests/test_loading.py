"""From the inbox into the store: once, whole, and in the right place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perennial.events.tests.inbox import NOON, Posted, track

pytestmark = pytest.mark.django_db


def test_an_accepted_event_reaches_the_store_and_its_segment_goes(posted: Posted) -> None:
    posted.post(track("a", groupId="acme"), track("b", at=NOON - timedelta(days=2)))
    done = posted.load()
    assert (done.loads, done.accepted, done.duplicates, done.rejected) == (1, 2, 0, 0)
    assert posted.rows("event, customer, person, day::VARCHAR, attribution") == [
        ("login", "acme", "u1", "2026-11-01", "explicit"),
        ("login", None, "u1", "2026-10-30", "unattributed"),
    ]
    assert not list(posted.inbox.glob("*.sealed"))
    assert posted.load().loads == 0
