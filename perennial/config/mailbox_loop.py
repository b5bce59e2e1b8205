"""The worker's look into the mailbox, once a minute; a mailbox that hangs delays nothing else."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

from perennial.config import faults
from perennial.connectors.mailbox.jobs import poll

log = logging.getLogger("perennial.mailbox")

EVERY_SECONDS = 60.0

_next = 0.0  # when to look again, by the monotonic clock


def turn() -> bool:
    """Take the mails that are new, when it is time; False when that failed. Never raises."""
    global _next
    if time.monotonic() < _next:
        return True
    _next = time.monotonic() + EVERY_SECONDS
    try:
        poll(lambda: datetime.now(UTC))
    except Exception as error:
        log.error("mails to log wait: %s", faults.sentence(faults.name(error)))
        return False
    return True
