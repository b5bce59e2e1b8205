"""The day's step: daily activity of every day whose events changed."""

from __future__ import annotations

from datetime import date

from perennial.contracts.models import OrderLine
from perennial.events.actions import track_features
from perennial.events.load import attach_orders, events_wait_for_orders
from perennial.events.store import compact, open_store
from perennial.metrics.activity import dirty_days, event_names, rebuild
from perennial.units.progress import Progress, silent


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:  # noqa: ARG001
    """Bring daily activity up to the events; run twice, the second finds nothing to do.

    Every dirty day is filled, also those after `day`: figures are always read as of a day.
    """
    store = open_store()
    with store.writing(), store.session() as session:
        if events_wait_for_orders(store):
            owners = OrderLine.objects.values_list("order_id", "customer__external_id")
            attach_orders(dict(owners), store=store)
        days = dirty_days(store, session)
        if not days:
            return {"days": 0, "rows": 0}
        names = event_names(store, session, [on for on, _ in days])
        bits = track_features(names)
        rows = rebuild(store, session, days, bits=bits, progress=progress)
    compact(store, "activity")
    return {"days": len(days), "rows": rows}
