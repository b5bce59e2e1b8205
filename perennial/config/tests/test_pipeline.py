"""The day: in order, resumable, visible when it fails, and nothing when nothing is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from perennial.config import pipeline
from perennial.team import audit, days
from perennial.team.lease import hold
from perennial.team.models import DayRun
from perennial.units.errors import Busy, EnvironmentFault

SUNDAY = date(2026, 3, 1)
MONDAY = date(2026, 3, 2)
pytestmark = pytest.mark.django_db


@dataclass
class Slices:
    """Stands for the slices' jobs: notes who was called, fails where told to."""

    called: list[tuple[str, date]] = field(default_factory=list)
    failing: str = ""

    def jobs_of(self, step: str) -> Any:
        def fill(*, day: date, progress: object) -> dict[str, int]:
            if step == self.failing:
                raise EnvironmentFault("The disk is full. Nothing half written is kept.")
            self.called.append((step, day))
            return {"rows": 1}

        return SimpleNamespace(fill=fill)


@pytest.fixture
def slices() -> Iterator[Slices]:
    fake = Slices()
    with mock.patch.object(pipeline, "jobs_of", fake.jobs_of):
        yield fake


def names() -> list[str]:
    return [step for step, _title in pipeline.STEPS]


def test_facts_become_numbers_become_judgement(slices: Slices):
    pipeline.run(day=SUNDAY)
    assert [step for step, _day in slices.called] == [
        "events", "metrics", "contracts", "revenue", "health", "alerts", "work", "desk",
    ]  # fmt: skip
    assert days.last_day() == SUNDAY


def test_every_step_exists():
    for step in names():
        assert callable(pipeline.jobs_of(step).fill)


def test_run_twice_the_second_does_nothing(slices: Slices):
    pipeline.run(day=SUNDAY)
    slices.called.clear()
    before = list(DayRun.objects.values())
    assert [it.nothing_new for it in pipeline.run(day=SUNDAY)] == [True]
    assert slices.called == []
    assert list(DayRun.objects.values()) == before


def test_a_new_fact_makes_the_same_day_run_again(slices: Slices):
    pipeline.run(day=SUNDAY)
    audit.record("imported", object_type="import", object_id=1, summary="orders.csv", by=None,
                 at=datetime(2026, 3, 2, tzinfo=UTC))  # fmt: skip
    slices.called.clear()
    pipeline.run(day=SUNDAY)
    assert [step for step, _day in slices.called] == names()


def test_another_currency_makes_the_same_day_run_again(slices: Slices, settings: Any):
    pipeline.run(day=SUNDAY)
    settings.PERENNIAL_CURRENCY = "USD"
    assert [it.nothing_new for it in pipeline.run(day=SUNDAY)] == [False]


def test_missing_days_are_filled_before_the_day_itself(slices: Slices):
    pipeline.run(day=SUNDAY - timedelta(days=3))
    slices.called.clear()
    pipeline.run(day=SUNDAY)
    filled = [day for step, day in slices.called if step == "desk"]
    assert filled == [SUNDAY - timedelta(days=2), SUNDAY - timedelta(days=1), SUNDAY]


def test_the_first_run_does_not_compute_twenty_years():
    assert pipeline.missing_days(until=SUNDAY) == [SUNDAY]


def test_a_very_long_gap_is_cut(slices: Slices):
    pipeline.run(day=SUNDAY)
    later = SUNDAY + timedelta(days=1000)
    missing = pipeline.missing_days(until=later)
    assert (len(missing), missing[-1]) == (pipeline.LONGEST_GAP_DAYS, later)


def test_an_earlier_day_does_not_take_the_pages_back(slices: Slices):
    pipeline.run(day=MONDAY)
    pipeline.run(day=SUNDAY)
    assert days.last_day() == MONDAY


def test_a_failed_step_is_visible_and_the_next_run_repairs_it(slices: Slices):
    slices.failing = "health"
    with pytest.raises(EnvironmentFault):
        pipeline.run(day=SUNDAY)
    [trouble] = days.failures()
    assert (trouble.day, trouble.step) == (SUNDAY, "health")
    assert "disk is full" in trouble.error
    assert days.last_day() is None
    slices.failing = ""
    pipeline.run(day=SUNDAY)
    assert days.failures() == []
    assert days.last_day() == SUNDAY


def test_two_runs_at_once_are_one_too_many(slices: Slices):
    from perennial.team import lease

    with (
        hold("day"),
        mock.patch.object(lease, "_me", lambda: "elsewhere:1:1:1"),
        pytest.raises(Busy),
    ):
        pipeline.run(day=SUNDAY)
    assert slices.called == []
