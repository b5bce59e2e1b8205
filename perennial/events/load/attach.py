"""Events that named an order before anybody knew whose it is find their customer later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from perennial.events.store import Change, File, Session, Store


def events_wait_for_orders(store: Store) -> bool:
    """Whether there may be events with an order and no customer; looks at the file list only."""
    return bool(_waiting(store))


def attach_orders(orders: Mapping[str, str], *, store: Store) -> int:
    """Give events without a customer that of their order (order id → customer id); how many.

    Their days become dirty. Call it under `store.writing()`.
    """
    files = _waiting(store)
    if not files or not orders:
        return 0
    with store.session() as session:
        names = {"order_id": list(orders), "owner": list(orders.values())}
        session.offer("owners", pa.table(names))
        change, attached = store.change("events", session), 0
        days: set[date] = set()
        for file in files:
            found = _attach(change, session, store.snapshot("events").sql((file,)), file)
            attached += sum(found.values())
            days |= found.keys()
        if days:
            store.commit(change, days=days)
        return attached


def _attach(change: Change, session: Session, rows: str, file: File) -> dict[date, int]:
    """Write a file anew with the customers now known; the events found, by day."""
    joined = (
        f"FROM ({rows}) AS events LEFT JOIN owners "
        "ON CASE WHEN events.replaced_on IS NULL THEN events.order_id END = owners.order_id"
    )
    found: dict[date, int] = dict(
        session.rows(
            f"SELECT day, count(*) {joined} WHERE customer IS NULL AND owner IS NOT NULL "
            "GROUP BY day"
        )
    )
    if found:
        change.add(
            "SELECT events.* REPLACE (coalesce(events.customer, owner) AS customer) " + joined,
            month=file.month,
        )
        change.remove(file)
    return found


def _waiting(store: Store) -> list[File]:
    return [
        file
        for file in store.snapshot("events").files
        if file.customers_missing and file.orders_missing != file.rows
    ]
