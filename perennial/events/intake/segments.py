"""Reading sealed segments into staged rows, a bounded piece at a time."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from perennial.events.inbox.frames import Frame, Frames, is_torn
from perennial.events.intake.normalise import Normalised, Rejected, SourceRules, normalise
from perennial.events.intake.staged import STAGED
from perennial.events.rules.reasons import Reason
from perennial.events.rules.settings import IntakeSettings

log = logging.getLogger(__name__)

_AT_ONCE: Final = 32 * 1024 * 1024  # bytes of frames that are Python objects at a time


@dataclass(slots=True)
class Read:
    """What some segments hold: good items in the order of arrival, and what is wrong.

    `torn` counts bytes of requests that were never answered (their process was killed);
    `damaged` names segments in which the disk lost something that was.
    """

    table: pa.Table = field(default_factory=STAGED.empty_table)
    rejects: list[Rejected] = field(default_factory=list)
    size: int = 0
    torn: int = 0
    damaged: list[str] = field(default_factory=list)


def read_segments(
    paths: Sequence[Path], *, sources: Mapping[int, SourceRules], settings: IntakeSettings
) -> Read:
    """Everything in the segments, normalised. Raises OSError when one cannot be read."""
    found, tables = Read(), []
    with _no_garbage_collection():
        for frames in _pieces(_frames(paths, found)):
            for piece in _normalised(frames, sources, settings):
                tables.append(piece.table)
                found.rejects += piece.rejects
    if tables:
        found.table = pa.concat_tables(tables).combine_chunks()
    places = pa.array(np.arange(found.table.num_rows, dtype=np.int64))
    found.table = found.table.set_column(0, "position", places)
    return found


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A million small objects and no cycles: searching them takes a tenth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _normalised(
    frames: Sequence[tuple[str, Frame]],
    sources: Mapping[int, SourceRules],
    settings: IntakeSettings,
) -> Iterator[Normalised]:
    """The frames normalised; one that we fail at is a reject, and holds up no other."""
    try:
        yield normalise(frames, sources=sources, settings=settings)
    except (OSError, MemoryError):
        raise
    except Exception:
        if len(frames) > 1:
            middle = len(frames) // 2
            yield from _normalised(frames[:middle], sources, settings)
            yield from _normalised(frames[middle:], sources, settings)
            return
        [(place, frame)] = frames
        log.exception("a request could not be read, it is with the rejects: %s", place)
        text = frame.body.decode(errors="replace")
        limit = sources[frame.source].event_bytes
        reject = Rejected(
            place=f"{place}:0",
            source=frame.source,
            received_us=frame.received_us,
            reason=Reason.BROKEN,
            params={},
            body=text[:limit],
            whole=len(text) <= limit,
            route=frame.route,
            sent_us=frame.sent_us,
        )
        yield Normalised(STAGED.empty_table(), [reject])


def _frames(paths: Sequence[Path], found: Read) -> Iterator[tuple[str, Frame]]:
    for path in paths:
        data = path.read_bytes()
        found.size += len(data)
        frames, lost = Frames(data), 0
        for offset, frame in frames:
            lost = frames.lost
            yield f"{path.stem}:{offset}", frame
        tail = frames.lost - lost
        if lost or (tail and not is_torn(data[len(data) - tail :])):
            found.damaged.append(path.stem)
        else:
            found.torn += tail


def _pieces(frames: Iterator[tuple[str, Frame]]) -> Iterator[list[tuple[str, Frame]]]:
    piece: list[tuple[str, Frame]] = []
    size = 0
    for place, frame in frames:
        piece.append((place, frame))
        size += len(frame.body)
        if size >= _AT_ONCE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
