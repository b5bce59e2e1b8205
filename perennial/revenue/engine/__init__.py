"""The fast road to revenue figures: millions of lines, set by set, in the analytical engine."""

from perennial.revenue.engine.book import FastBook, fast_book
from perennial.revenue.engine.faults import NeedsExactRoad
from perennial.revenue.engine.tables import (
    LINES,
    PAUSES,
    LedgerTables,
    ledger_tables,
    parquet_tables,
)

__all__ = [
    "LINES",
    "PAUSES",
    "FastBook",
    "LedgerTables",
    "NeedsExactRoad",
    "fast_book",
    "ledger_tables",
    "parquet_tables",
]
