"""When the day is due: at PERENNIAL_DAY_AT, after a stop, and again after a failure."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from perennial.config import faults, pipeline
from perennial.customers.models import Customer
from perennial.team import days
from perennial.team.models import AuditEntry, InstallationFact

log = logging.getLogger("perennial.day")

RETRY_AFTER = timedelta(minutes=15)
CHANGES = ("import", "definition", "rate")  # audit lines that the shown day does not know
QUIET_AFTER_IMPORT = timedelta(seconds=10)  # files often come one after the other
HISTORY_DAYS = 31  # a day computed so long after it ended: someone looks at history


@dataclass(frozen=True, slots=True)
class Clock:
    """The company's day: its time zone and the hour at which yesterday is computed."""

    zone: ZoneInfo
    day_at: time


def due_day(
    *,
    now: datetime,
    last: date | None,
    last_at: datetime | None,
    failed_at: datetime | None,
    started: datetime,
    clock: Clock,
) -> date | None:
    """The business day to compute now, or None. `last` is the last day done, at `last_at`.

    Yesterday is due from the hour on. Missed ones are made up at once, however many (the
    pipeline leaves out the oldest), unless the home was put at a day long past on purpose: then
    it stays there until the hour. A failure is retried after a quarter of an hour.
    """
    local = now.astimezone(clock.zone)
    hour_has_come = local.time() >= clock.day_at
    newest = local.date() - timedelta(days=1 if hour_has_come else 2)
    if last is not None and last >= newest:
        return None
    if failed_at is not None and now < failed_at + RETRY_AFTER:
        return None
    if last is None:
        return newest
    is_history = last_at is not None and (
        (last_at.astimezone(clock.zone).date() - last).days > HISTORY_DAYS
    )
    todays_hour = datetime.combine(local.date(), clock.day_at, clock.zone)
    if is_history and not started < todays_hour <= now:
        return None
    return newest


def tick(*, started: datetime, failed_at: datetime | None) -> datetime | None:
    """Compute the day if it is due; returns when it failed, or None. Never raises for a fault."""
    now = datetime.now(UTC)
    day = _day_after_import(now, failed_at) or _due_here(now, started, failed_at)
    if day is None:
        return failed_at
    try:
        pipeline.run(day=day)
    except Exception as error:
        log.error("the day %s failed: %s", day, faults.sentence(faults.name(error)))
        return now
    log.info("the day %s is done", day)
    return None


def _due_here(now: datetime, started: datetime, failed_at: datetime | None) -> date | None:
    if not Customer.objects.exists():
        return None
    if InstallationFact.objects.filter(name="demo").exists():
        return None  # invented data end on a day: tomorrow everybody would seem silent
    clock = Clock(settings.PERENNIAL_TIME_ZONE, settings.PERENNIAL_DAY_AT)
    last = days.last_day()
    return due_day(
        now=now,
        last=last,
        last_at=days.finished_at(last) if last else None,
        failed_at=failed_at,
        started=started,
        clock=clock,
    )


def _day_after_import(now: datetime, failed_at: datetime | None) -> date | None:
    """The day that is shown, when an import or a decision about revenue since has changed what it
    should show."""
    newest = AuditEntry.objects.filter(object_type__in=CHANGES).order_by("-pk").first()
    shown = days.last_day()
    if shown is None or newest is None or now - newest.at < QUIET_AFTER_IMPORT:
        return None
    if failed_at is not None and now < failed_at + RETRY_AFTER:
        return None
    return shown if newest.pk > pipeline.facts_of(shown).get("audit", 0) else None
