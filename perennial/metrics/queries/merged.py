"""Merged customers, resolved on reading: what was stored is never rewritten."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa


def merged_table(merged: Mapping[str, str]) -> pa.Table:
    """`customers.queries.survivors` for the engine: customer and the one it stands under."""
    columns = {"customer": list(merged), "survivor": list(merged.values())}
    return pa.table(columns, pa.schema([("customer", pa.string()), ("survivor", pa.string())]))
