"""Plain files for the revenue commands: read and judged like imports, without a database.

Columns may have our names, those that people use (start_date, 开始日期) or be mapped; others are
ignored and named. Everything that is wrong comes back at once, row by row.
"""

from perennial.connectors.ledger_files.decisions import (
    ExcludedOrder,
    ExclusionsFile,
    read_exclusions,
)
from perennial.connectors.ledger_files.facts import (
    InvoiceLine,
    InvoicesFile,
    SurvivalFile,
    read_invoices,
    read_survival,
)
from perennial.connectors.ledger_files.orders import (
    OrdersFile,
    PausesFile,
    read_orders,
    read_pauses,
)
from perennial.connectors.ledger_files.rates import RatesFile, read_rates

__all__ = [
    "ExcludedOrder",
    "ExclusionsFile",
    "InvoiceLine",
    "InvoicesFile",
    "OrdersFile",
    "PausesFile",
    "RatesFile",
    "SurvivalFile",
    "read_exclusions",
    "read_invoices",
    "read_orders",
    "read_pauses",
    "read_rates",
    "read_survival",
]
