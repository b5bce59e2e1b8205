"""The day's step: daily activity of every day whose events changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from perennial.contracts.models import OrderLine
from perennial.events.actions import track_features
from perennial.events.load import attach_orders, events_wait_for_orders
from perennial.events.store import Session, Store, compact, open_store
from perennial.metrics.activity import Definitions, dirty_days, event_names, rebuild, stale_days
from perennial.metrics.models import Fill
from perennial.metrics.queries.definitions import definitions
from perennial.units.errors import Busy
from perennial.units.moment import business_day
from perennial.units.progress import Progress, silent

Days = list[tuple[date, int]]
WAIT_SECONDS = 600.0


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:  # noqa: ARG001
    """Bring daily activity up to the events; run twice, the second finds nothing to do.

    Every dirty day is filled, also those after `day`: figures are always read as of a day.
    """
    return _filled(progress=progress)


def refill(*, from_on: date, to_on: date, progress: Progress = silent) -> dict[str, int]:
    """Throw the activity of [from_on, to_on] away and fill it again from the events."""
    store = open_store()
    asked = [from_on + timedelta(days=n) for n in range((to_on - from_on).days + 1)]
    held = [
        day
        for name in ("events", "activity")
        for file in store.snapshot(name).between(from_on, to_on)
        for day in asked
        if file.first_on <= day <= file.last_on
    ]
    return _filled(also=held, progress=progress)


def freshen(*, wait_seconds: float) -> bool:
    """Fill what is stale if nobody else is writing; whether everything is filled now."""
    if stale_days(open_store(), definitions(_today())) == set():
        return True
    try:
        _filled(wait_seconds=wait_seconds)
    except Busy:
        return False
    return True


def _filled(
    *,
    also: Collection[date] = (),
    wait_seconds: float = WAIT_SECONDS,
    progress: Progress = silent,
) -> dict[str, int]:
    """Fill the dirty days and `also`, under the writers' lock."""
    store = open_store()
    with store.writing(wait_seconds=wait_seconds), store.session() as session:
        if events_wait_for_orders(store):
            owners = OrderLine.objects.values_list("order_id", "customer__external_id")
            attach_orders(dict(owners), store=store)
        days = dirty_days(store, session, definitions(_today()), also=also)
        if not days:
            return {"days": 0, "rows": 0}
        defined = _with_new_features(store, session, days)
        rows = rebuild(store, session, days, definitions=defined, progress=progress)
    _note(days, defined, events_version=store.snapshot("events").version)
    compact(store, "activity")
    return {"days": len(days), "rows": rows}


def _today() -> date:
    return business_day(datetime.now(UTC), settings.PERENNIAL_TIME_ZONE)


def _with_new_features(store: Store, session: Session, days: Days) -> Definitions:
    """The definitions after new event names of these days got their bits. They stood in no day
    before, so that the other days keep what they are filled with."""
    track_features(event_names(store, session, [on for on, _ in days]))
    return definitions(_today())


def _note(days: Days, defined: Definitions, *, events_version: int) -> None:
    """Which day is filled with what, for people to see."""
    now = datetime.now(UTC)
    filled = [
        Fill(
            day=day,
            events_version=events_version,
            definitions=defined.version,
            events=count,
            filled_at=now,
        )
        for day, count in days
        if count
    ]
    columns = ["events_version", "definitions", "events", "filled_at"]
    Fill.objects.filter(day__in=[day for day, count in days if not count]).delete()
    Fill.objects.bulk_create(
        filled, update_conflicts=True, unique_fields=["day"], update_fields=columns, batch_size=500
    )
