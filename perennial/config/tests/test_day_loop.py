"""When the worker computes the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
import time_machine

from perennial.config import day_loop, pipeline
from perennial.config.day_loop import Clock, due_day
from perennial.customers.models import Customer
from perennial.team import audit, days

CLOCK = Clock(ZoneInfo("Asia/Shanghai"), time(5, 30))


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=CLOCK.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "last", "started", "due"),
    [
        pytest.param(
            (3, 5, 30), date(2026, 3, 1), (2, 9), date(2026, 3, 2), id="the hour has come"
        ),
        pytest.param((3, 5, 29), date(2026, 3, 1), (2, 9), None, id="not yet"),
        pytest.param((3, 9), date(2026, 3, 2), (2, 9), None, id="done already"),
        pytest.param(
            (3, 9), date(2026, 2, 20), (3, 8), date(2026, 3, 2), id="missed days at start"
        ),
        pytest.param((3, 2), date(2026, 2, 20), (3, 1), date(2026, 3, 1), id="missed, before hour"),
        pytest.param(
            (3, 9), date(2025, 7, 1), (3, 8), date(2026, 3, 2), id="missed for months, at start"
        ),
        pytest.param((3, 9), date(2026, 12, 1), (3, 8), None, id="computed ahead"),
        pytest.param((3, 9), date(2026, 3, 20), (3, 8), None, id="the clock went back"),
    ],
)
def test_the_day_is_due(
    now: tuple[int, ...], last: date | None, started: tuple[int, ...], due: date | None
):
    found = due_day(
        now=shanghai(*now),
        last=last,
        last_at=datetime.combine(last + timedelta(days=1), CLOCK.day_at, CLOCK.zone)
        if last
        else None,
        failed_at=None,
        started=shanghai(*started),
        clock=CLOCK,
    )
    assert found == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param((3, 9), None, id="it stays"),
        pytest.param((4, 6), date(2026, 3, 3), id="until the hour comes"),
    ],
)
def test_a_home_put_at_a_day_long_past_shows_history(now: tuple[int, ...], due: date | None):
    found = due_day(
        now=shanghai(*now),
        last=date(2023, 7, 1),
        last_at=shanghai(2, 10),
        failed_at=None,
        started=shanghai(3, 8),
        clock=CLOCK,
    )
    assert found == due


def test_a_new_home_is_computed_at_once():
    now = shanghai(3, 9)
    found = due_day(now=now, last=None, last_at=None, failed_at=None, started=now, clock=CLOCK)
    assert found == date(2026, 3, 2)


@pytest.mark.parametrize(("minutes", "again"), [(14, False), (15, True)])
def test_a_failure_is_retried_after_a_quarter_of_an_hour(minutes: int, again: bool):
    failed_at = shanghai(3, 5, 30)
    found = due_day(
        now=failed_at + timedelta(minutes=minutes),
        last=date(2026, 3, 1),
        last_at=None,
        failed_at=failed_at,
        started=shanghai(2, 9),
        clock=CLOCK,
    )
    assert (found is not None) == again


@pytest.mark.django_db
@pytest.mark.parametrize("changed", ["import", "definition", "rate"])
def test_an_import_or_a_decision_makes_the_shown_day_run_again_once(changed: str):
    import_at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with mock.patch.object(pipeline, "run") as run, time_machine.travel(import_at) as clock:
        days.mark_running(date(2023, 7, 1), step=days.WHOLE_DAY, at=import_at)
        days.mark_done(date(2023, 7, 1), step=days.WHOLE_DAY, counts={}, at=import_at)
        clock.shift(60)
        audit.record("done", object_type=changed, object_id=1, summary="orders.csv",
                     by=None, at=datetime.now(UTC))  # fmt: skip
        day_loop.tick(started=import_at, failed_at=None)
        assert not run.called, "files often come one after the other"
        clock.shift(11)
        day_loop.tick(started=import_at, failed_at=None)
        run.assert_called_once_with(day=date(2023, 7, 1))
        seen = {"facts": pipeline._state_of_facts()}
        days.mark_done(date(2023, 7, 1), step=days.WHOLE_DAY, counts=seen, at=datetime.now(UTC))
        day_loop.tick(started=import_at, failed_at=None)
        assert run.call_count == 1


@pytest.mark.django_db
def test_at_the_hour_the_worker_computes_yesterday():
    Customer.objects.create(external_id="C1", name="One", recorded_at=shanghai(1, 9))
    with mock.patch.object(pipeline, "run") as run, time_machine.travel(shanghai(3, 5, 30)):
        days.mark_running(date(2026, 3, 1), step=days.WHOLE_DAY, at=shanghai(2, 6))
        days.mark_done(date(2026, 3, 1), step=days.WHOLE_DAY, counts={}, at=shanghai(2, 6))
        day_loop.tick(started=shanghai(2, 9), failed_at=None)
    run.assert_called_once_with(day=date(2026, 3, 2))
