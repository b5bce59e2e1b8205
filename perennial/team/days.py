"""How far the days got: one row per business day and step, read by Today and doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from perennial.team.models import DayRun

WHOLE_DAY = "day"  # the row that stands for all steps of a day


@dataclass(frozen=True, slots=True)
class Trouble:
    """A step that failed, or is marked running although nobody runs it."""

    day: date
    step: str
    error: str


def last_day() -> date | None:
    """The latest business day whose every step is done: the pages show its end, and the next run
    goes on from here. An older day that is run again changes nothing of what is shown."""
    done = DayRun.objects.filter(step=WHOLE_DAY, state=DayRun.State.DONE)
    newest: date | None = done.aggregate(day=Max("day"))["day"]
    return newest


def finished_at(day: date) -> datetime | None:
    """When all steps of this day were done; None while they are not."""
    row = DayRun.objects.filter(day=day, step=WHOLE_DAY, state=DayRun.State.DONE).first()
    return row.finished_at if row else None


def is_running(*, since: datetime) -> bool:
    """Whether a day began to be computed since then and has not ended."""
    begun = DayRun.objects.filter(step=WHOLE_DAY, state=DayRun.State.RUNNING)
    return begun.filter(started_at__gte=since).exists()


def failures() -> list[Trouble]:
    """Steps that failed and were not repaired by a later run, newest first."""
    failed = DayRun.objects.filter(state=DayRun.State.FAILED).exclude(step=WHOLE_DAY)
    return [Trouble(it.day, it.step, it.error) for it in failed.order_by("-day", "step")]


def mark_running(day: date, *, step: str, at: datetime) -> None:
    DayRun.objects.update_or_create(
        day=day,
        step=step,
        defaults={
            "state": DayRun.State.RUNNING,
            "started_at": at,
            "finished_at": None,
            "error": "",
        },
    )


def mark_done(day: date, *, step: str, counts: Mapping[str, object], at: datetime) -> None:
    DayRun.objects.filter(day=day, step=step).update(
        state=DayRun.State.DONE, finished_at=at, counts=dict(counts), error=""
    )


def mark_failed(day: date, *, step: str, error: str, at: datetime) -> None:
    DayRun.objects.filter(day=day, step=step).update(
        state=DayRun.State.FAILED, finished_at=at, error=error[:500]
    )


def counts_of(day: date, *, step: str) -> dict[str, Any]:
    """What a finished step counted; empty when it has not finished."""
    row = DayRun.objects.filter(day=day, step=step, state=DayRun.State.DONE).first()
    return dict(row.counts) if row else {}
