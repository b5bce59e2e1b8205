"""The arithmetic of the ledger: lines (as recorded) → terms (as served) → due items."""

from perennial.contracts.rules.due import DueGroup, due_groups
from perennial.contracts.rules.faults import pause_faults, row_faults
from perennial.contracts.rules.line import RECURRING, Basis, Kind, Line, Pause, known, monthly
from perennial.contracts.rules.terms import Ending, Term, resolve

__all__ = [
    "RECURRING",
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
