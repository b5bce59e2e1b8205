"""Reads of the ledger: through the gate for people, by customer ids for the day's work."""

from perennial.contracts.queries.ledger import (
    Ledger,
    ledgers,
    ledgers_of_records,
    lines_of,
    marks,
)
from perennial.contracts.queries.service import (
    Due,
    Entitlement,
    Overdue,
    due_among,
    due_of,
    entitlement_of,
    entitlements,
    next_due,
    overdue_invoices,
)
from perennial.contracts.queries.terms import everybodys_terms, kept_marks, terms_of

__all__ = [
    "Due",
    "Entitlement",
    "Ledger",
    "Overdue",
    "due_among",
    "due_of",
    "entitlement_of",
    "entitlements",
    "everybodys_terms",
    "kept_marks",
    "ledgers",
    "ledgers_of_records",
    "lines_of",
    "marks",
    "next_due",
    "overdue_invoices",
    "terms_of",
]
