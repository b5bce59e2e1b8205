"""Daily aggregates as they stand, for their export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pyarrow as pa

from perennial.events.rules.kinds import Kind
from perennial.events.store import open_store


def daily_sums(
    *, known_by: date | None = None, customers: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """day, event, value, customer, person, product, recorded at (null: assumed), properties.

    One row per key, so that the rows can be imported again: keys of several sources, or of a
    person under several ids, are one, with their sum. `known_by` includes its day; `customers`
    are external ids, None for all.
    """
    theirs = "" if customers is None else "AND customer IN (SELECT unnest($1::VARCHAR[]))"
    with open_store().reading("events", known_by=known_by) as session:
        yield from session.batches(
            f"""
            SELECT day, event, sum(value) AS value, customer, person, product,
                max(received_at) FILTER (NOT assumed) AS recorded_at,
                max(properties) AS properties
            FROM events WHERE kind = '{Kind.DAILY}' {theirs}
            GROUP BY day, event, customer, person, product ORDER BY ALL""",
            [] if customers is None else [list(customers)],
        )
