"""The inbox forgets a person: what waits is loaded (and refused), what was kept is deleted."""

from __future__ import annotations

import time
from pathlib import Path

from perennial.events.erasing.scrub import Scrub
from perennial.events.inbox.bulk import RESULT
from perennial.events.inbox.segments import LOADED
from perennial.events.intake.loading import inbox_folder, load
from perennial.events.store import Store
from perennial.units.errors import Busy

SEALING_SECONDS = 15.0  # web processes seal what they have within three


def drain(store: Store) -> None:
    """Load all that waits by now."""
    load(store)


def forget_frames(store: Store, scrub: Scrub) -> int:
    """No file of the inbox names the ids any more; how many were deleted.

    Call it when tombstones stand: what is still loaded of the ids is refused. Raises Busy when a
    web process does not let go of its segment in time.
    """
    until, deleted = time.monotonic() + SEALING_SECONDS, 0
    while True:
        load(store)
        waiting = False
        for path in _named(scrub):
            if path.suffix in (LOADED, RESULT) or path.parent.name == "damaged":
                path.unlink(missing_ok=True)
                deleted += 1
            else:
                waiting = True
        if not waiting:
            return deleted
        if time.monotonic() > until:
            raise Busy("A web process holds unsealed events of this person. Try again in a minute.")
        time.sleep(0.5)


def _named(scrub: Scrub) -> list[Path]:
    found = []
    for path in inbox_folder().rglob("*"):
        try:
            if path.is_file() and scrub.in_bytes(path.read_bytes()):
                found.append(path)
        except FileNotFoundError:  # loaded meanwhile
            continue
    return found
