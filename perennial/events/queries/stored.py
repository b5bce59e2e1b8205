"""Events as they are stored. Customers are external ids, looked up only after a gate let them
through."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from django.db.models import QuerySet

from perennial.customers.models import Customer
from perennial.customers.queries import survivors
from perennial.events.store import Session, open_store

_STEPS_BACK_DAYS = (4, 31, 366, None)  # a busy customer fills a page within days


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as a person reads it; moments in UTC."""

    happened_at: datetime
    received_at: datetime
    event: str
    person: str | None
    product: str | None
    value: float
    source: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventSummary:
    """What the store holds. `unattributed` are events of unknown customers."""

    events: int
    first_on: date | None
    last_on: date | None
    unattributed: int
    last_received_at: dict[str, datetime]  # by source


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Events that wait for their customer; `customer` None: they name none."""

    customer: str | None
    events: int
    first_on: date
    last_on: date


def known_customers() -> pa.Table:
    """The external ids of all customers, for the engine (column `customer`)."""
    ids: QuerySet[Customer, str] = Customer.objects.values_list("external_id", flat=True)
    return pa.table({"customer": pa.array(ids, pa.string())})


def under_survivors(session: Session, table: str) -> str:
    """SQL of a table of the session whose merged customers stand under their survivor."""
    merged = survivors()
    if not merged:
        return table
    columns = {"customer": list(merged), "survivor": list(merged.values())}
    session.offer("merged", pa.table(columns))
    return (
        "(SELECT * EXCLUDE (survivor) REPLACE (coalesce(survivor, customer) AS customer) "
        f"FROM {table} LEFT JOIN merged USING (customer)) AS {table}"
    )


def recent_events(
    customer_external_id: str, *, limit: int = 100, before: datetime | None = None
) -> list[EventRow]:
    """The last events of a customer, newest first; `before` (exclusive) pages on."""
    store = open_store()
    files = store.snapshot("events").files
    if not files:
        return []
    until = before or datetime.max.replace(tzinfo=UTC, year=9000)
    last_on = min(max(file.last_on for file in files), (until + timedelta(days=1)).date())
    for days in _STEPS_BACK_DAYS:
        first_on = None if days is None else last_on - timedelta(days=days)
        with store.reading("events", first_on=first_on, last_on=last_on) as session:
            found = session.table(
                "SELECT ts, received_at, event, person, product, value, source, properties "
                "FROM events WHERE customer = $1 AND ts < $2::TIMESTAMPTZ "
                "ORDER BY ts DESC, message_id LIMIT $3",
                [customer_external_id, until.isoformat(), limit],
            )
        if found.num_rows >= limit:
            break
    return [_row(row) for row in found.to_pylist()]


def _row(row: dict[str, Any]) -> EventRow:
    return EventRow(
        happened_at=row.pop("ts"),
        properties=_properties(row.pop("properties") or "{}"),
        **row,
    )


def _properties(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
    except RecursionError:  # nested deeper than Python reads: one event must not hide the others
        return {"…": text[:200]}
    return found


def event_summary() -> EventSummary:
    """Counts over all events; reads two columns of the whole table (about 2 s for 50 M)."""
    store = open_store()
    snapshot = store.snapshot("events")
    with store.reading("events") as session:
        session.offer("known_customers", known_customers())
        sources = session.table(
            "SELECT source, max(received_at) AS last_received_at, "
            "count(*) FILTER (known_customers.customer IS NULL) AS unattributed "
            "FROM events LEFT JOIN known_customers USING (customer) GROUP BY source"
        ).to_pylist()
    return EventSummary(
        events=snapshot.standing_rows,
        first_on=min((file.first_on for file in snapshot.files), default=None),
        last_on=max((file.last_on for file in snapshot.files), default=None),
        unattributed=sum(row["unattributed"] for row in sources),
        last_received_at={row["source"]: row["last_received_at"] for row in sources},
    )


def unattributed(*, limit: int = 100) -> Sequence[Unattributed]:
    """Unknown customers that events name, those with the most events first."""
    with open_store().reading("events") as session:
        session.offer("known_customers", known_customers())
        return [
            Unattributed(*row)
            for row in session.rows(
                "SELECT customer, count(*), min(day), max(day) FROM events "
                "ANTI JOIN known_customers USING (customer) "
                "GROUP BY customer ORDER BY 2 DESC, 1 LIMIT $1",
                [limit],
            )
        ]
