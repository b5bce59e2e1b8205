"""Events that were taken out for their age leave their activity behind, whatever comes after."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from perennial.events import jobs as events_jobs
from perennial.events.actions.settings import change_intake_settings
from perennial.events.store import open_store
from perennial.events.tests.inbox import NOON, Posted, track
from perennial.metrics import jobs
from perennial.team.models import AuditEntry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def activity() -> list[tuple[str, int]]:
    with open_store().reading("activity") as session:
        return session.rows(
            "SELECT day::VARCHAR, sum(n)::INT FROM activity GROUP BY ALL ORDER BY ALL"
        )


def test_activity_outlives_its_events(home):
    posted = Posted(home, open_store())
    with time_machine.travel(NOON, tick=False):
        posted.post(track("a", at=NOON - 20 * DAY), track("b", at=NOON - 20 * DAY), track("c"))
        events_jobs.fill(day=NOON.date())
        jobs.fill(day=NOON.date())
        expected = [("2026-10-12", 2), ("2026-11-01", 1)]
        assert activity() == expected

        change_intake_settings({"retention_days": 10}, by=None, at=NOON)
        assert AuditEntry.objects.filter(action="intake_settings_changed").exists()
        assert events_jobs.fill(day=NOON.date())["events_expired"] == 2
        assert len(posted.rows()) == 1

        posted.post(track("late", at=NOON - 20 * DAY), track("new-feature", event="export"))
        for _ in range(2):
            events_jobs.fill(day=NOON.date())
            jobs.fill(day=NOON.date())
        jobs.refill(from_on=(NOON - 30 * DAY).date(), to_on=NOON.date())
        assert activity() == [("2026-10-12", 2), ("2026-11-01", 2)]
