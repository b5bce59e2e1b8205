"""The three profiles that work in the first hour."""

from __future__ import annotations

from datetime import date

import pytest

from perennial.health.rules.bands import Band
from perennial.health.rules.defaults import SHIPPED
from perennial.health.rules.definition import Profile, of, plain
from perennial.health.rules.judge import judge
from perennial.health.rules.parts import Reading

DAY = date(2026, 7, 23)


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda it: it.name)
def test_shipped_profiles_work_on_events_alone(shipped: Profile):
    """In the first hour only usage is connected; later its weight is still enough for a colour."""
    weights = [(item.weight, item.usage) for item in shipped.items]
    assert sum(weight for weight, _ in weights) == 100
    assert sum(weight for weight, usage in weights if usage) >= 60
    assert of(plain(shipped), version=1) == shipped
    events_only = frozenset({"active_days", "last_seen"})
    readings = {"active_days": Reading(18, DAY), "last_seen": Reading(0, DAY)}
    found = judge(readings, profile=shipped, connected=events_only, as_of=DAY)
    assert (found.exact, found.coverage, found.band) == (100, 1, Band.GREEN)
