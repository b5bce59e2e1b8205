"""The worker's broom: files that nobody can reach any more, once an hour."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from perennial.config import faults
from perennial.customers.conversation.jobs import sweep

EVERY_SECONDS = 3600.0
log = logging.getLogger("perennial.files")
_swept: list[float] = []  # when it was last done, by this process


def turn() -> bool:
    """Sweep if it is time; False when that failed. Never raises."""
    if _swept and time.monotonic() - _swept[-1] < EVERY_SECONDS:
        return True
    _swept[:] = [time.monotonic()]
    try:
        sweep(at=datetime.now(UTC))
    except Exception as error:
        log.error("files were not swept: %s", faults.sentence(faults.name(error)))
        return False
    return True
