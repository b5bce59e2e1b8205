"""Invoices come in from files; runs inside the import's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from perennial.contracts.models import Invoice
from perennial.customers.imports import ends_before_start
from perennial.customers.upsert import ImportedRow, Upserted, upsert
from perennial.units.errors import RowError
from perennial.units.money import CENT


def record_invoices(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add and change invoices by external id; one due before it was issued is an error."""
    errors, good = [], []
    for row in rows:
        values = dict(row.values)
        values["customer_id"] = customers[values["customer_id"]]
        if values["amount"] != values["amount"].quantize(CENT):
            errors.append(_below_a_cent(row.row, values["amount"]))
            continue
        if values["due_on"] < values["issued_on"]:
            errors.append(
                ends_before_start(row.row, "due_on", values["issued_on"], values["due_on"])
            )
            continue
        good.append(replace(row, values=values))
    upserted = upsert(Invoice, good, key=("external_id",), batch=batch)
    upserted.errors += errors
    return upserted


def _below_a_cent(row: int, amount: Decimal) -> RowError:
    return RowError(
        "bad_amount",
        _("An invoice has at most two decimals, but this one says {value}."),
        row,
        "amount",
        params={"value": str(amount)},
    )
