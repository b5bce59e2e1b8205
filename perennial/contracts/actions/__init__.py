"""Writes to the order ledger. For imports:

    record_lines(rows, *, batch, recorded=Recorded.EFFECTIVE, skip_bad_rows=False, by, at)
    record_pauses(rows, *, batch, recorded=Recorded.EFFECTIVE, skip_bad_rows=False, by, at)

Both return a RecordResult and write nothing when a row is wrong, unless `skip_bad_rows`.
"""

from perennial.contracts.actions.rows import OrderRow, PauseRow, Recorded, RecordResult

__all__ = ["OrderRow", "PauseRow", "RecordResult", "Recorded"]
