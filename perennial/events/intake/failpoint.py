"""Where tests kill a process: `PERENNIAL_FAILPOINT=load:committed`, say."""

from __future__ import annotations

import os


def reached(place: str) -> None:
    """Die here when the test says so, as by kill -9: nothing is flushed, nothing cleaned up."""
    if os.environ.get("PERENNIAL_FAILPOINT") == place:
        os._exit(137)
