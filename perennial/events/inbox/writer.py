"""The writing end of the inbox in a web process: whoever waits together is made durable together.

One thread owns the files, so that the event loop never waits for the disk. While it writes and
flushes one group, all that arrives meanwhile gathers for the next: the busier, the cheaper.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from perennial.events.inbox.frames import Frame, pack
from perennial.events.inbox.segments import SEAL_SECONDS, Segment
from perennial.units.durable import sync_folder

GROUP_BYTES: Final = 8 * 1024 * 1024  # more waits for the next group
# After a flush that several waited for, the next one waits this share of its time, so that those
# who were answered can join again: on a slow disk that nearly doubles what a flush carries.
GATHER_SHARE: Final = 0.5
GATHER_SECONDS: Final = 0.002  # at most
log = logging.getLogger(__name__)


class NotDurable(Exception):
    """The disk refused. Nothing was promised; the client may send the same again."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    frame: bytes
    durable: asyncio.Future[None]


class Inbox:
    """Appends frames to this process's segments in `folder`. Use it from one event loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._segment: Segment | None = None
        self._last_name = ""
        self._refused = False
        self._gather_seconds = 0.0

    async def append(self, frame: Frame) -> None:
        """Returns when the frame is on the disk. Raises NotDurable."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
            self._thread.start()
        durable = asyncio.get_running_loop().create_future()
        self._waiting.put(_Waiting(pack(frame), durable))
        await durable

    def close(self) -> None:
        """Write what waits, seal the segment, and end. It begins anew when it is used again."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        going_on = True
        while going_on:
            group, going_on = self._next_group()
            if group:
                self._make_durable(group)
            if self._segment and (not going_on or self._segment.is_ripe()):
                self._seal()

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """Who waits now, and whether more may come; nobody when a segment became old meanwhile."""
        group: list[_Waiting] = []
        size = 0
        with suppress(queue.Empty):
            following = self._waiting.get(timeout=SEAL_SECONDS / 6 if self._segment else None)
            time.sleep(self._gather_seconds)
            while following is not None:
                group.append(following)
                size += len(following.frame)
                if size > GROUP_BYTES:
                    return group, True
                following = self._waiting.get_nowait()
            return group, False
        return group, True

    def _make_durable(self, group: list[_Waiting]) -> None:
        refusal: Exception | None = None
        begun = time.monotonic()
        try:
            if self._segment is None:
                if not self.folder.is_dir():
                    self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                    sync_folder(self.folder.parent)
                self._segment = Segment(self.folder, after=self._last_name)
                self._last_name = self._segment.name
            self._segment.write(b"".join([it.frame for it in group]))
        except Exception as error:  # whatever it is, nobody may wait for ever
            refusal = error
            self._seal()  # after a failed flush nobody knows what the file holds: begin another
        took = time.monotonic() - begun if len(group) > 1 else 0.0
        self._gather_seconds = min(took * GATHER_SHARE, GATHER_SECONDS)
        self._tell(refusal)
        with suppress(RuntimeError):  # the loop is gone, and with it who waited
            loop = group[0].durable.get_loop()
            loop.call_soon_threadsafe(_answer, group, refusal)

    def _seal(self) -> None:
        segment, self._segment = self._segment, None
        if segment:
            try:
                segment.seal()
            except OSError:  # it stays open without an owner; the loader adopts it
                log.warning("A segment of the inbox could not be sealed", exc_info=True)

    def _tell(self, refusal: Exception | None) -> None:
        """Once when the disk begins to refuse, once when it has stopped."""
        if refusal and not self._refused:
            log.error("The inbox cannot be written, events are answered with 503: %s", refusal)
        elif self._refused and not refusal:
            log.warning("The inbox can be written again")
        self._refused = refusal is not None


def _answer(group: list[_Waiting], refusal: Exception | None) -> None:
    for it in group:
        if it.durable.done():
            continue  # the client has gone away
        if refusal is None:
            it.durable.set_result(None)
        else:
            it.durable.set_exception(NotDurable(str(refusal)))
