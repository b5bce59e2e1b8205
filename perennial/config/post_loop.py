"""The worker's postman: the morning's digests once the day is there, and mails that are due.

A mail server that is down or slow delays mails only: it has a thread of its own, never the day's.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from perennial.config import faults
from perennial.desk.morning import tell_the_morning
from perennial.notify.jobs import deliver

log = logging.getLogger("perennial.notify")

_logged: set[str] = set()  # failures that the log already has: each once


def turn() -> bool:
    """Tell what is new and send what is due; False when that failed. Never raises."""
    try:
        tell_the_morning(at=datetime.now(UTC))
        deliver(lambda: datetime.now(UTC))
    except Exception as error:
        sentence = faults.sentence(faults.name(error))
        if sentence not in _logged:
            log.error("notices and mails wait: %s", sentence)
        _logged.add(sentence)
        return False
    _logged.clear()
    return True
