"""The home: one folder with everything, and who is using it right now."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings

from perennial.units.errors import Busy, EnvironmentFault

DATABASE_FILE = "perennial.sqlite3"
RESTORING = "restore-unfinished"  # present while a restore moves things into place
# Nothing to keep: rebuilt at will, or of this machine only.
PASSING = {"logs", "static", "in-use.lock", "migrate.lock", RESTORING}

_in_use: dict[Path, IO[str]] = {}  # kept open, and so locked, until the process ends


def folder() -> Path:
    return Path(settings.PERENNIAL_HOME)


def enter() -> Path:
    """Make the home if need be and mark it as in use for the life of this process.

    Raises Busy while a restore replaces it, EnvironmentFault when one was cut off.
    """
    home = folder()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if home in _in_use:
        return home
    handle = (home / "in-use.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise Busy("This home is being restored from a backup. Try again later.") from None
    if (home / RESTORING).exists():
        handle.close()
        raise EnvironmentFault(
            "A restore into {home} was cut off. Run it again with --force.",
            code="restore_unfinished",
            params={"home": str(home)},
        )
    _in_use[home] = handle
    return home


@contextmanager
def alone() -> Iterator[Path]:
    """The home for this process only. Raises Busy while anything else uses it."""
    home = folder()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "in-use.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "Something is using {home}. Stop `perennial serve` and the workers first.",
                params={"home": str(home)},
            ) from None
        yield home
