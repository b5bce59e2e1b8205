"""The day brings the MRR changes up to the ledger; a customer whose ledger did not change is
left alone, a killed run goes on where it stopped."""

from __future__ import annotations

from datetime import date

from perennial.revenue.actions import catch_up
from perennial.units.progress import Progress, silent


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:  # noqa: ARG001
    """Whatever the day, all changes follow from the ledger as it is known now."""
    return catch_up(progress=progress)
