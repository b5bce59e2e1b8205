"""Invoices come in from files; runs inside the import's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from perennial.contracts.models import Invoice
from perennial.customers.imports import ends_before_start
from perennial.customers.upsert import ImportedRow, Upserted, upsert
from perennial.units.money import CENT


def record_invoices(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add and change invoices by external id; one due before it was issued is an error."""
    errors, good = [], []
    for row in rows:
        values = dict(row.values)
        values["customer_id"] = customers[values["customer_id"]]
        values["amount"] = values["amount"].quantize(CENT)
        if values["due_on"] < values["issued_on"]:
            errors.append(
                ends_before_start(row.row, "due_on", values["issued_on"], values["due_on"])
            )
            continue
        good.append(replace(row, values=values))
    upserted = upsert(Invoice, good, key=("external_id",), batch=batch)
    upserted.errors += errors
    return upserted
