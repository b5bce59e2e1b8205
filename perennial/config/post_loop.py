"""The worker's postmen: the morning's digests once the day is there, mails, and channels.

A mail server that is down or slow delays mails only, a chat its own messages: each has a thread
of its own, never the day's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from perennial.config import faults
from perennial.desk.morning import mail_what_waits, tell_the_morning
from perennial.notify.jobs import deliver, deliver_to_channels

log = logging.getLogger("perennial.notify")

_logged: dict[str, str] = {}  # the failure of each postman that the log has: each once


def turn() -> bool:
    """Tell what is new and send mails that are due; False when that failed. Never raises."""
    return _take("mails", _mails)


def channels_turn() -> bool:
    """Send what is due to the company's channels; False when that failed. Never raises."""
    return _take("channels", lambda: deliver_to_channels(_now))


def _mails() -> None:
    tell_the_morning(at=_now())
    mail_what_waits(at=_now())
    deliver(_now)


def _take(name: str, work: Callable[[], object]) -> bool:
    try:
        work()
    except Exception as error:
        sentence = faults.sentence(faults.name(error))
        if _logged.get(name) != sentence:
            log.error("notices and messages wait (%s): %s", name, sentence)
        _logged[name] = sentence
        return False
    _logged.pop(name, None)
    return True


def _now() -> datetime:
    return datetime.now(UTC)
