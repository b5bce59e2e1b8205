"""The arithmetic of the ledger: lines (as recorded) → terms (as served) → due items."""

from perennial.contracts.rules.discounts import dated_discounts
from perennial.contracts.rules.due import DueGroup, due_groups
from perennial.contracts.rules.faults import pause_faults, row_faults
from perennial.contracts.rules.line import (
    RECURRING,
    SPLIT_MISSING,
    Basis,
    Kind,
    Line,
    Pause,
    known,
    monthly,
)
from perennial.contracts.rules.terms import Ending, Term, resolve

# Part of every mark of derived rows: raise it when a rule changes, and the day redoes them.
RULES_VERSION = 2

__all__ = [
    "RECURRING",
    "RULES_VERSION",
    "SPLIT_MISSING",
    "Basis",
    "DueGroup",
    "Ending",
    "Kind",
    "Line",
    "Pause",
    "Term",
    "dated_discounts",
    "due_groups",
    "known",
    "monthly",
    "pause_faults",
    "resolve",
    "row_faults",
]
