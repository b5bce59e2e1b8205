"""Which day of activity is filled from which version of the events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from perennial.events.store import open_store
from perennial.metrics.activity import stale_days
from perennial.metrics.models import Fill
from perennial.metrics.queries.definitions import definitions


@dataclass(frozen=True, slots=True)
class FilledRun:
    """Consecutive days that were filled alike; `is_fresh`: nothing has changed since."""

    from_on: date
    to_on: date
    days: int
    events: int
    events_version: int
    is_fresh: bool


def filled_runs(today: date) -> list[FilledRun]:
    """All filled days in order, alike neighbours as one."""
    stale = stale_days(open_store(), definitions(today))
    found: list[FilledRun] = []
    for row in Fill.objects.order_by("day"):
        fresh = stale is not None and row.day not in stale
        last = found[-1] if found else None
        if (
            last is not None
            and (last.events_version, last.is_fresh) == (row.events_version, fresh)
            and last.to_on + timedelta(days=1) == row.day
        ):
            found[-1] = replace(
                last, to_on=row.day, days=last.days + 1, events=last.events + row.events
            )
        else:
            found.append(FilledRun(row.day, row.day, 1, row.events, row.events_version, fresh))
    return found
