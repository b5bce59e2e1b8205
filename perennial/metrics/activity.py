"""Events into daily activity: one small row per day, customer, person and product."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from perennial.events.store import File, Session, Snapshot, Store
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
    counts = _count_by_day(snapshot, snapshot.between(first, last), session)
    if changed is None:
        filled = store.snapshot("activity")
        before = session.rows(f"SELECT DISTINCT day FROM ({filled.sql()})")
        changed = set(counts) | {day for (day,) in before}
    return sorted((day, counts[day]) for day in changed)


def _count_by_day(snapshot: Snapshot, files: Sequence[File], session: Session) -> Counter[date]:
    """Events per day: of dense days from the file list alone, of the others from their files."""
    counts: Counter[date] = Counter()
    for file in files:
        if file.first_on == file.last_on:
            counts[file.first_on] += file.rows
    mixed = tuple(file for file in files if file.first_on != file.last_on)
    counted = session.rows(f"SELECT day, count(*) FROM ({snapshot.sql(mixed)}) GROUP BY day")
    return counts + Counter(dict(counted))


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
    dirty = [day for day, _ in days]

    def select(first: date, last: date) -> str:
        wanted = [day for day in dirty if first <= day <= last]
        progress(dirty.index(wanted[-1]) + 1 if wanted else 0, len(dirty))
        return rolled_up(_rows_of(events, wanted))

    store.replace_days(change, select, counts=days)
    store.commit(change, days=[day for day, _ in days], transactions={WATERMARK: events.version})
    return change.rows


def _rows_of(events: Snapshot, days: Sequence[date]) -> str:
    """The events of these days; filtered only if their files hold others, too: a filter makes
    the engine unpack every text."""
    if not days:
        return events.sql(())
    files = events.between(days[0], days[-1])
    rows, covered = events.sql(files), set(days)
    if all(
        date.fromordinal(number) in covered
        for file in files
        for number in range(file.first_on.toordinal(), file.last_on.toordinal() + 1)
    ):
        return rows
    listed = ", ".join(f"DATE '{day}'" for day in days)
    return f"SELECT * FROM ({rows}) WHERE day IN ({listed})"


def rolled_up(events: str) -> str:
    """The daily activity of some events, as SQL. Late events keep a row of their own by the day
    on which they were received, so that any day can be known as it was known then."""
    return f"""
        SELECT day, received_on, customer, person, product, count(*) AS n, sum(value) AS value,
            bit_or(coalesce(mask, 0))::BIGINT AS features
        FROM ({events}) AS events LEFT JOIN features USING (event)
        GROUP BY day, received_on, customer, person, product"""
