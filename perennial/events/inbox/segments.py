"""Segments: the files of the inbox, and who may touch them.

A segment has one writer, which holds its lock while it is `.open`. When it is large or old
enough it becomes `.sealed`: nobody writes any more, the loader may take it. Once it is stored
it becomes `.loaded`: kept a little while, so that people can see what has just arrived.
Names begin with the time of their making, so that sorting gives the order of arrival.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from perennial.events.inbox.frames import Frame, Frames
from perennial.units.durable import sync_folder

OPEN, SEALED, LOADED = ".open", ".sealed", ".loaded"
SEAL_BYTES: Final = 64 * 1024 * 1024
SEAL_SECONDS: Final = 3.0
LOADED_BYTES: Final = 2 * 1024 * 1024  # kept for the live view
LOADED_SEGMENTS: Final = 32


class Segment:
    """An open segment of this process. All methods raise OSError; `size` is what is whole."""

    def __init__(self, folder: Path, *, after: str = "") -> None:
        """A new file, its name later than `after`, locked and findable after a power cut."""
        while True:
            self.name = _name(after)
            self._path = folder / (self.name + OPEN)
            self._handle = os.open(
                self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600
            )
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            if self._path.exists():  # else a collector of orphans was faster than the lock
                break
            os.close(self._handle)
        sync_folder(folder)
        self.size = 0
        self.begun = time.monotonic()  # set anew at the first frame

    def write(self, data: bytes) -> None:
        """Append and make durable: all of it, or the file ends where it ended before."""
        if not self.size:
            self.begun = time.monotonic()
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
            os.fdatasync(self._handle)
        except OSError:
            # What the disk refused was not promised to anybody; a torn frame is skipped anyway.
            with suppress(OSError):
                os.ftruncate(self._handle, self.size)
            raise
        self.size += len(data)

    def is_ripe(self) -> bool:
        old = time.monotonic() - self.begun >= SEAL_SECONDS
        return self.size >= SEAL_BYTES or (old and self.size > 0)

    def seal(self) -> None:
        """Hand it over to the loader; an empty one goes."""
        try:
            if self.size:
                self._path.rename(self._path.with_suffix(SEALED))
            else:
                self._path.unlink(missing_ok=True)
            sync_folder(self._path.parent)
        finally:
            os.close(self._handle)


def sealed(folder: Path) -> list[Path]:
    """What waits for the loader, in the order of arrival."""
    return sorted(folder.glob("*" + SEALED))


def adopt_orphans(folder: Path) -> int:
    """Seal what dead processes left open, and say how many: their lock is free."""
    adopted = 0
    for path in sorted(folder.glob("*" + OPEN)):
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue  # sealed by its owner just now
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(handle).st_size:
                path.rename(path.with_suffix(SEALED))
            else:
                path.unlink()
            adopted += 1
        except (BlockingIOError, FileNotFoundError):
            pass  # its owner lives, or sealed it between our two steps
        finally:
            os.close(handle)
    if adopted:
        sync_folder(folder)
    return adopted


def retire(segments: Sequence[Path]) -> None:
    """Stored segments: out of the loader's way; the newest are kept for the live view.

    Doing it again is safe.
    """
    for path in segments:
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(LOADED))
    for folder in {path.parent for path in segments}:
        kept_bytes = 0
        for place, path in enumerate(sorted(folder.glob("*" + LOADED), reverse=True)):
            kept_bytes += path.stat().st_size
            if kept_bytes > LOADED_BYTES or place >= LOADED_SEGMENTS:
                path.unlink(missing_ok=True)
        sync_folder(folder)


def tail(folder: Path, most_bytes: int) -> list[Frame]:
    """The frames that arrived last, the newest first, loaded or not; reads `most_bytes` at most.

    For the live view: it takes no lock, and a frame may not be durable yet.
    """
    frames: list[Frame] = []
    newest = sorted(
        (path for path in folder.glob("*") if path.suffix in {OPEN, SEALED, LOADED}), reverse=True
    )
    for path in newest:
        if most_bytes <= 0:
            break
        with suppress(FileNotFoundError), path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most_bytes))
            end = file.read(most_bytes)
            frames += [frame for _, frame in Frames(end)]
            most_bytes -= len(end)
    return sorted(frames, key=lambda frame: frame.received_us, reverse=True)


def _name(after: str) -> str:
    """Microseconds and something random. A clock that was set back must not turn the order."""
    micros = max(time.time_ns() // 1000, int(after.partition("-")[0] or 0) + 1)
    return f"{micros:017d}-{secrets.token_hex(4)}"
