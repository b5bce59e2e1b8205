"""Merged customers, resolved on reading: what was stored is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

from perennial.customers.queries import survivors


def merged_customers(known_by: date | None) -> dict[str, str]:
    """External id of every merged customer → that of the one it stands under, as known at the
    end of a day (None: now)."""
    return survivors(known_by)


def merged_table(merged: Mapping[str, str]) -> pa.Table:
    """The same for the engine."""
    columns = {"customer": list(merged), "survivor": list(merged.values())}
    return pa.table(columns, pa.schema([("customer", pa.string()), ("survivor", pa.string())]))
