"""The worker's hand for playbooks: long lists of customers enter them in portions."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from perennial.config import faults
from perennial.units.errors import Busy
from perennial.work.playbooks.actions import run_waiting

log = logging.getLogger("perennial.playbooks")


def turn() -> bool:
    """Enrol what waits; False when that failed. Never raises: what fails is tried again."""
    try:
        run_waiting(at=datetime.now(UTC))
    except Busy:
        return True  # another process is at it
    except Exception as error:
        log.error("an enrolment waits: %s", faults.sentence(faults.name(error)))
        return False
    return True
