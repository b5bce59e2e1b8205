"""Events into daily activity: one small row per day, customer, person and product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from perennial.events.store import Session, Store
from perennial.units.progress import Progress

# The activity table remembers in its own commits how far into the events table it got.
WATERMARK = "events"


def dirty_days(store: Store, session: Session) -> list[tuple[date, int]]:
    """The days whose events changed since the last fill, each with its number of events (0 for
    a day that lost them all)."""
    since = store.consumed("activity", WATERMARK)
    snapshot = store.snapshot("events")
    if since >= snapshot.version:
        return []
    changed = store.changed_days("events", since=since)
    first, last = (min(changed), max(changed)) if changed else (None, None)
    if changed is not None and not changed:
        return []
    rows = snapshot.sql(snapshot.between(first, last))
    counts = dict(session.rows(f"SELECT day, count(*) FROM ({rows}) GROUP BY day"))
    if changed is None:
        filled = store.snapshot("activity")
        before = session.rows(f"SELECT DISTINCT day FROM ({filled.sql()})")
        changed = set(counts) | {day for (day,) in before}
    return sorted((day, counts.get(day, 0)) for day in changed)


def event_names(store: Store, session: Session, days: Sequence[date]) -> list[str]:
    """The event names of these days, the most frequent first."""
    snapshot = store.snapshot("events")
    files = tuple(
        file
        for file in snapshot.between(min(days), max(days))
        if any(file.first_on <= day <= file.last_on for day in days)
    )
    found = session.rows(
        f"SELECT event FROM ({snapshot.sql(files)}) GROUP BY event ORDER BY count(*) DESC, event"
    )
    return [name for (name,) in found]


def rebuild(
    store: Store,
    session: Session,
    days: Sequence[tuple[date, int]],
    *,
    bits: Mapping[str, int],
    progress: Progress,
) -> int:
    """Fill these days anew, in one commit that also moves the watermark; rows written.

    Call it under `store.writing()`. Redo is the same call: the days are replaced.
    """
    events = store.snapshot("events")
    masks = {"event": list(bits), "mask": [1 << bit for bit in bits.values()]}
    session.offer(
        "features", pa.table(masks, pa.schema([("event", pa.string()), ("mask", pa.int64())]))
    )
    change = store.change("activity", session)
    total, done = len(days), 0

    def select(first: date, last: date) -> str:
        nonlocal done
        done += sum(first <= day <= last for day, _ in days)
        progress(done, total)
        return rolled_up(events.sql(events.between(first, last)))

    store.replace_days(change, select, counts=days)
    store.commit(change, days=[day for day, _ in days], transactions={WATERMARK: events.version})
    return change.rows


def rolled_up(events: str) -> str:
    """The daily activity of some events, as SQL. Late events keep a row of their own by the day
    on which they were received, so that any day can be known as it was known then."""
    return f"""
        SELECT day, received_on, customer, person, product, count(*) AS n, sum(value) AS value,
            bit_or(coalesce(mask, 0))::BIGINT AS features
        FROM ({events}) AS events LEFT JOIN features USING (event)
        GROUP BY day, received_on, customer, person, product"""
