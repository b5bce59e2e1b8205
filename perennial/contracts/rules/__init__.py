"""The arithmetic of the ledger: lines (as recorded) → terms (as served) → due items."""

from perennial.contracts.rules.due import (
    DueGroup,
    committed,
    due_groups,
    falling_due,
    notice_of,
)
from perennial.contracts.rules.faults import pause_faults, row_faults, split_missing
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
from perennial.contracts.rules.links import ledger_faults
from perennial.contracts.rules.terms import Ending, Term, resolve

# Part of every mark of derived rows: raise it when a rule changes, and the day redoes them.
RULES_VERSION = 4

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
    "committed",
    "due_groups",
    "falling_due",
    "known",
    "ledger_faults",
    "monthly",
    "notice_of",
    "pause_faults",
    "resolve",
    "row_faults",
    "split_missing",
]
