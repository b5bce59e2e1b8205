"""The arithmetic of the ledger: lines (as recorded) → terms (as served) → due items."""

from perennial.contracts.rules.due import DueGroup, due_groups
from perennial.contracts.rules.faults import pause_faults, row_faults
from perennial.contracts.rules.line import RECURRING, Basis, Kind, Line, Pause, known, monthly
from perennial.contracts.rules.terms import Ending, Term, resolve

# Part of every mark of derived rows: raise it when a rule changes, and the day redoes them.
RULES_VERSION = 1

__all__ = [
    "RECURRING",
    "RULES_VERSION",
    "Basis",
    "DueGroup",
    "Ending",
    "Kind",
    "Line",
    "Pause",
    "Term",
    "due_groups",
    "known",
    "monthly",
    "pause_faults",
    "resolve",
    "row_faults",
]
