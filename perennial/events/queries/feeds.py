"""Whether the feeds were alive on many days, from one reading of the events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.events.queries.quality import WINDOW_DAYS, Feeds, feed_state, feeds_of, retired_by
from perennial.events.store import open_store

FEW = 3  # days that are asked for one by one: the answers for today are shared


def feed_states(days: Collection[date], *, known: bool) -> dict[date, Feeds]:
    """`quality.feed_state` of each day, with `known` as it was known at the end of that day."""
    if len(days) <= FEW:
        return {day: feed_state(as_of=day, known_by=day if known else None) for day in days}
    store = open_store()
    sources, rows = _arrivals((str(store.path), store.snapshot("events").version))
    return {day: _state(sources, rows, day, known=known) for day in days}


def brought(asked: pa.Table) -> dict[int, dict[str, int]]:
    """By case, events per source in the half year up to its day. `asked`: a row per case and
    external id of its customer, with as_of and known_on, the day of what counts as known."""
    store = open_store()
    first_on, last_on = (pick(asked.column("as_of")).as_py() for pick in (pc.min, pc.max))
    files = store.snapshot("events").between(first_on - timedelta(days=WINDOW_DAYS), last_on)
    with store.session() as session:
        session.offer("asked", asked)
        rows = session.rows(
            "SELECT \"case\", coalesce(source, ''), count(*) "
            f"FROM ({store.snapshot('events').sql(files)}) AS events JOIN asked USING (customer) "
            f"WHERE day BETWEEN as_of - {WINDOW_DAYS} AND as_of "
            "AND greatest(received_on, coalesce(events.known_on, received_on)) <= asked.known_on "
            "AND (replaced_on IS NULL OR replaced_on > asked.known_on) GROUP BY ALL"
        )
    found: dict[int, dict[str, int]] = {}
    for case, source, events in rows:
        found.setdefault(case, {})[source] = events
    return found


def _state(
    sources: list[str], rows: dict[str, NDArray[np.int64]], day: date, *, known: bool
) -> Feeds:
    on = (day - date(1970, 1, 1)).days
    inside = (rows["day"] <= on) & (rows["day"] >= on - WINDOW_DAYS)
    by = on if known else _AHEAD
    inside &= (rows["known"] <= by) & (rows["replaced"] > by)
    width = WINDOW_DAYS + 1
    places = rows["source"][inside] * width + (rows["day"][inside] - (on - WINDOW_DAYS))
    heard = np.bincount(places, weights=rows["events"][inside], minlength=len(sources) * width)
    counts: dict[str, dict[date, int]] = {}
    for place in np.flatnonzero(heard).tolist():
        source, back = divmod(place, width)
        at = day - timedelta(days=WINDOW_DAYS - back)
        counts.setdefault(sources[source], {})[at] = int(heard[place])
    return Feeds(day, tuple(feeds_of(counts, day, retired_by(day))), day if known else None)


_AHEAD = 2**30  # a day number that comes after all others


@lru_cache(maxsize=2)
def _arrivals(
    state: tuple[str, int],  # noqa: ARG001
) -> tuple[list[str], dict[str, NDArray[np.int64]]]:
    """Events per source, day and days of knowing; days are numbers since 1970."""
    store = open_store()
    with store.session() as session:
        found = session.table(
            "SELECT coalesce(source, '') AS source, day, "
            "greatest(received_on, coalesce(known_on, received_on)) AS known_on, "
            f"replaced_on, count(*) AS events FROM ({store.snapshot('events').sql()}) GROUP BY ALL"
        )
    names = found.column("source").combine_chunks().dictionary_encode()
    replaced = found.column("replaced_on").to_numpy().astype("datetime64[D]")
    return names.dictionary.to_pylist(), {
        "source": names.indices.to_numpy().astype("int64"),
        "day": found.column("day").to_numpy().astype("datetime64[D]").astype("int64"),
        "known": found.column("known_on").to_numpy().astype("datetime64[D]").astype("int64"),
        "replaced": np.where(np.isnat(replaced), 2 * _AHEAD, replaced.astype("int64")),
        "events": found.column("events").to_numpy().astype("int64"),
    }
