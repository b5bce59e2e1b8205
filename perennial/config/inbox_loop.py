"""The worker's other hand: accepted events go into the store while the day may be running.

Every load takes the writers' lock for a moment only, and so does the day: they take turns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from django.db import connections

from perennial.config import bulk, faults
from perennial.events.intake.loading import inbox_folder, is_waiting, load
from perennial.events.intake.state import Fault, read_state, write_state
from perennial.events.store import open_store
from perennial.units.errors import Busy, PerennialError

log = logging.getLogger("perennial.inbox")

LOOK_SECONDS = 1.0
RETRY_SECONDS = 10.0  # after a failure: a full disk does not get emptier by asking
_END_SECONDS = 5.0


@contextmanager
def running() -> Iterator[None]:
    """Load in threads of their own while the block runs: large files delay no events."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_loop, args=(stop, take), name=name, daemon=True)
        for name, take in (("inbox-loader", turn), ("bulk-loader", bulk.turn))
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_END_SECONDS)  # a load that is cut off is done again


def _loop(stop: threading.Event, take: Callable[[], bool]) -> None:
    pause = LOOK_SECONDS
    while not stop.wait(pause):
        pause = LOOK_SECONDS if take() else RETRY_SECONDS
        connections.close_all()  # one that broke must not stay


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
