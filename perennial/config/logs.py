"""Logs: the whole story in the home's log file, one line without a traceback on the terminal."""

from __future__ import annotations

import copy
import logging
import logging.handlers
import re
from io import TextIOWrapper
from pathlib import Path

_LINK = re.compile(r"/link/[^/\s]+")


def log_file() -> Path:
    from django.conf import settings

    return Path(settings.PERENNIAL_HOME) / "logs" / "perennial.log"


class HomeLog(logging.handlers.RotatingFileHandler):
    """Opens HOME/logs/perennial.log when the first line comes; a full disk is no new fault."""

    def __init__(self) -> None:
        super().__init__(
            "unopened", maxBytes=5_000_000, backupCount=3, encoding="utf-8", delay=True
        )

    def _open(self) -> TextIOWrapper:
        path = log_file()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.baseFilename = str(path)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """The log is a help, not a duty."""


class Discreet(logging.Formatter):
    """A log-in link in an address is worth a password: it is not written down."""

    def format(self, record: logging.LogRecord) -> str:
        return _LINK.sub("/link/…", super().format(record))


class OneLine(Discreet):
    """For the terminal: what happened, never how the code got there."""

    def format(self, record: logging.LogRecord) -> str:
        brief = copy.copy(record)
        brief.exc_info = brief.exc_text = brief.stack_info = None
        return super().format(brief)
