"""Tickets come in from files; runs inside the import's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from perennial.customers.imports import ends_before_start
from perennial.customers.upsert import ImportedRow, Upserted, upsert
from perennial.tickets.models import Ticket


def record_tickets(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add and change tickets by external id; one that closes before it opens is an error."""
    errors, good = [], []
    for row in rows:
        values = dict(row.values)
        values["customer_id"] = customers[values["customer_id"]]
        opened_at, closed_at = values["opened_at"], values.get("closed_at")
        if closed_at and closed_at < opened_at:
            errors.append(ends_before_start(row.row, "closed_at", opened_at, closed_at))
            continue
        if values.get("satisfaction") is not None:
            values["satisfaction"] = round(values["satisfaction"], 2)
        for name in ("kind", "priority", "subject"):
            if name in values:
                values[name] = values[name] or ""
        good.append(replace(row, values=values))
    upserted = upsert(Ticket, good, key=("external_id",), batch=batch)
    upserted.errors += errors
    return upserted
