"""Writes to the order ledger: rows are added, never changed; an import is withdrawn whole.

They run inside the import's transaction, and its audit line covers them.
"""

from perennial.contracts.actions.keep import keep_terms
from perennial.contracts.actions.lines import record_lines
from perennial.contracts.actions.pauses import record_pauses
from perennial.contracts.actions.undo import withdraw_batch

__all__ = ["keep_terms", "record_lines", "record_pauses", "withdraw_batch"]
