"""The day's step: the inbox goes into the store, what became known is followed, all is tidied."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from perennial.events.intake.later import attribute_all_later
from perennial.events.intake.loading import load
from perennial.events.queries.settings import intake_settings
from perennial.events.store import compact, drop_before, open_store, sweep
from perennial.units.moment import business_day
from perennial.units.progress import Progress, silent


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:  # noqa: ARG001
    """Load what has been accepted, attribute what waited for it, and keep the store tidy."""
    store = open_store()
    today = business_day(datetime.now(UTC), settings.PERENNIAL_TIME_ZONE)
    loaded = load(store)
    attributed = attribute_all_later(store, received_on=today)
    kept_days = intake_settings().retention_days
    expired = 0
    if kept_days is not None:
        expired = drop_before(store, "events", today - timedelta(days=kept_days))
    merged = sum(compact(store, name) for name in ("events", "links", "health_history"))
    return {
        "events_loaded": loaded.accepted,
        "events_attributed": attributed,
        "events_expired": expired,
        "files_merged": merged,
        "files_deleted": sweep(store),
    }
