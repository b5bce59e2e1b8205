"""Events into daily activity: one small row per day, customer, person and product.

The table's own commits remember up to which version of the events it is filled, and with which
definitions, so that what is stale is never a matter of opinion: redo = fill those days again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import pyarrow as pa

from perennial.events.rules.features import FeatureRule
from perennial.events.rules.kinds import COUNTED, Kind
from perennial.events.store import File, Fresh, Session, Snapshot, Store, literal
from perennial.units.progress import Progress

# What a commit of the activity table notes: the version of events, and of the definitions.
WATERMARK, DEFINED = "events", "definitions"
ROLL_UP_VERSION = 2  # raised when `rolled_up` counts otherwise


@dataclass(frozen=True, slots=True)
class FeatureBit:
    """A tracked feature; without a rule it is the event of its name."""

    name: str
    bit: int
    deep: bool = False
    rule: FeatureRule | None = None


@dataclass(frozen=True, slots=True)
class Definitions:
    """What events are rolled up with: the registry of features.

    `kept_from`: with a retention, older events go while their activity stays: what is before
    that day is never filled again.
    """

    features: tuple[FeatureBit, ...]
    rule_mask: str = "0"  # SQL: the bits of features by rule that a row of events fits
    kept_from: date | None = None

    def kept(self, days: Iterable[date]) -> set[date]:
        """Those of the days whose events are all there."""
        return {day for day in days if self.kept_from is None or day >= self.kept_from}

    @property
    def deep_bits(self) -> int:
        return sum(1 << it.bit for it in self.features if it.deep)

    @property
    def version(self) -> int:
        """Differs whenever anything here does."""
        known = repr((ROLL_UP_VERSION, sorted(self.features, key=lambda it: it.bit)))
        digest = blake2b(known.encode(), digest_size=8).digest()
        return int.from_bytes(digest) >> 1  # Delta keeps a positive 63-bit number

    @property
    def rules(self) -> tuple[tuple[int, FeatureRule], ...]:
        return tuple((it.bit, it.rule) for it in self.features if it.rule)

    def masks(self) -> pa.Table:
        """The bit of every event that is a feature by its name."""
        plain = [it for it in self.features if it.rule is None]
        columns = {"event": [it.name for it in plain], "mask": [1 << it.bit for it in plain]}
        return pa.table(columns, pa.schema([("event", pa.string()), ("mask", pa.int64())]))


def stale_days(store: Store, definitions: Definitions) -> set[date] | None:
    """The days whose activity is older than their events; None: every day."""
    if store.snapshot("events").version < 0:
        return set()
    since = store.consumed("activity", WATERMARK)
    if since < 0 or store.consumed("activity", DEFINED) != definitions.version:
        return None
    changed = store.changed_days("events", since=since)
    return None if changed is None else _with_events(store, changed)


def _with_events(store: Store, days: set[date]) -> set[date]:
    """Days whose events were taken out for their age keep the activity that they have."""
    first = store.kept_from("events")
    return days if first is None else {day for day in days if day >= first}


def unfilled(
    store: Store, days: set[date] | None, definitions: Definitions, *, known_by: date | None
) -> Fresh:
    """Activity of stale days straight from their events, as known at the end of a day."""
    snapshot = store.snapshot("events")
    if days is None:
        files = store.snapshot("activity").files
        every = {day for file in (*snapshot.files, *files) for day in _days_of(file)}
        days = _with_events(store, every)
    listed = sorted(days)
    touched = snapshot.between(listed[0], listed[-1]) if listed else ()
    files = tuple(file for file in touched if not set(listed).isdisjoint(_days_of(file)))
    rows = snapshot.standing(files, known_by=known_by)
    names = ", ".join(f"DATE '{day}'" for day in listed) or "NULL"
    return Fresh(listed, rolled_up(f"SELECT * FROM ({rows}) WHERE day IN ({names})", definitions))


def _days_of(file: File) -> Iterator[date]:
    for number in range(file.first_on.toordinal(), file.last_on.toordinal() + 1):
        yield date.fromordinal(number)


def dirty_days(
    store: Store, session: Session, definitions: Definitions, *, also: Collection[date] = ()
) -> list[tuple[date, int]]:
    """The stale days, and those named, each with its number of events (0 for a day that lost
    them all)."""
    snapshot = store.snapshot("events")
    stale = stale_days(store, definitions)
    if stale is not None:
        stale |= _with_events(store, set(also))
        if not stale:
            return []
    first, last = (min(stale), max(stale)) if stale else (None, None)
    counts = _count_by_day(snapshot, snapshot.between(first, last), session)
    if stale is None:
        filled = store.snapshot("activity")
        before = session.rows(f"SELECT DISTINCT day FROM ({filled.sql()})")
        stale = _with_events(store, set(counts) | {day for (day,) in before})
    return sorted((day, counts[day]) for day in stale)


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
    definitions: Definitions,
    progress: Progress,
) -> int:
    """Fill these days anew, in one commit that also moves the watermark; rows written.

    Call it under `store.writing()`, with all dirty days. Redo is the same call: the days are
    replaced.
    """
    events = store.snapshot("events")
    session.offer("features", definitions.masks())
    change = store.change("activity", session)
    dirty = [day for day, _ in days]

    def select(first: date, last: date) -> str:
        wanted = [day for day in dirty if first <= day <= last]
        progress(dirty.index(wanted[-1]) + 1 if wanted else 0, len(dirty))
        return rolled_up(_rows_of(events, wanted), definitions)

    store.replace_days(change, select, counts=days)
    noted = {WATERMARK: events.version, DEFINED: definitions.version}
    store.commit(change, days=[day for day, _ in days], transactions=noted)
    return change.rows


def _rows_of(events: Snapshot, days: Sequence[date]) -> str:
    """The events of these days; filtered only if their files hold others, too: a filter makes
    the engine unpack every text."""
    if not days:
        return events.sql(())
    files = events.between(days[0], days[-1])
    rows, covered = events.sql(files), set(days)
    if all(day in covered for file in files for day in _days_of(file)):
        return rows
    listed = ", ".join(f"DATE '{day}'" for day in days)
    return f"SELECT * FROM ({rows}) WHERE day IN ({listed})"


def rolled_up(events: str, definitions: Definitions) -> str:
    """The daily activity of some events, as SQL. What became known late, or otherwise, keeps a
    row of its own by the day from which it was known, so that any day can be known as it was.

    What is not counted gets no row. It is told apart only after grouping, for a filter before
    it makes the engine unpack every text.
    """
    kinds = ", ".join(literal(it) for it in sorted(COUNTED))
    # A day that came to nothing is no use of anything, and makes nobody active.
    counted = f"(kind IS NULL OR kind IN ({kinds}) AND NOT (kind = '{Kind.DAILY}' AND value = 0))"
    mask = "coalesce(mask, 0)"
    if definitions.rule_mask != "0":
        mask = f"({mask} | {definitions.rule_mask})"
    deep = f"coalesce(sum(value) FILTER ({counted} AND {mask} & {definitions.deep_bits} <> 0), 0)"
    return f"""
        SELECT day, coalesce(known_on, received_on) AS received_on, customer, person, product,
            coalesce(bot, false) AS bot, replaced_on,
            count(*) FILTER ({counted}) AS n, sum(value) FILTER ({counted}) AS value,
            coalesce(bit_or({mask}) FILTER ({counted}), 0)::BIGINT AS features,
            {deep if definitions.deep_bits else "0.0"} AS deep
        FROM ({events}) AS events LEFT JOIN features USING (event)
        GROUP BY ALL HAVING n > 0"""
