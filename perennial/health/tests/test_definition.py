"""Profiles as plain data."""

from __future__ import annotations

from perennial.health.rules.definition import of, plain
from perennial.health.tests.test_rules import CAP, FALL, FLOOR, GONE, STEPS, profile


def test_a_profile_reads_back_as_it_was_written():
    by = profile(exceptions=[CAP, FLOOR, GONE], hierarchy="worst", bands=[40, 80])
    steps = of({"name": "s", "priority": 1, "measures": [
        {"id": "a", "group": "depth", "weight": 3, **STEPS},
        {"id": "b", "source": "metric:event_count", "group": "depth", "weight": 0, **FALL},
    ]})  # fmt: skip
    assert of(plain(by)) == by
    assert of(plain(steps)) == steps
    assert [item.usage for item in steps.items] == [False, True]
