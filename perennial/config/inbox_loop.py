"""The worker's other hand: accepted events go into the store while the day may be running.

Every load takes the writers' lock for a moment only, and so does the day: they take turns.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime

from perennial.config import faults
from perennial.events.intake.loading import inbox_folder, is_waiting, load
from perennial.events.intake.state import Fault, read_state, write_state
from perennial.events.store import open_store
from perennial.units.errors import Busy, PerennialError

log = logging.getLogger("perennial.inbox")


def turn() -> bool:
    """Load what waits; False when that failed. Never raises: what fails is tried again."""
    try:
        if inbox_folder().is_dir() and is_waiting():
            done = load(open_store())
            if done.damaged:
                log.error("%s segments of the inbox are damaged; perennial doctor", done.damaged)
    except Busy:
        return True  # another writer is at it for long; it is our turn soon
    except Exception as error:
        _note(faults.name(error))
        return False
    return True


def _note(error: PerennialError) -> None:
    """Tell of a failure once per cause, in the log and in the state that doctor shows."""
    inbox = inbox_folder()
    state = read_state(inbox)
    fault = state.fault
    if fault is None or fault.code != error.code:
        log.error("accepted events wait, loading them failed: %s", faults.sentence(error))
        since = datetime.now(UTC).isoformat()
        fault = Fault(error.code, error.message, dict(error.params), since, attempts=0)
    write_state(inbox, replace(state, fault=replace(fault, attempts=fault.attempts + 1)))
