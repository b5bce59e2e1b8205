"""A frame: one accepted request as it stands in a segment of the inbox.

On disk: MAGIC, header length, body length, CRC-32 (little-endian), header, body. The header is
MessagePack; the body is the JSON text of the request after decompression. JSON holds no control
characters, so MAGIC never occurs in a body: after a damaged place reading goes on at the next
whole frame, and nobody can hide a frame inside an event.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import msgspec

MAGIC: Final = b"\x00\x01PF"
_PREFIX: Final = struct.Struct("<4sIII")
_HEADER: Final = msgspec.msgpack.Decoder(
    tuple[int, int, str, str, int | None, dict[int, str]]  # the fields of Frame but the body
)
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Frame:
    """`received_us` and `sent_us` are microseconds since 1970, by our clock and the client's.

    `source` is the primary key of the source, `route` "track", "identify", "page", "screen",
    "group", "alias", "batch" or "posthog", `agent` the User-Agent (at most 300 characters).
    `sent_us` is given when the address says when the client sent it (posthog-js). `refused`:
    items of the batch, counted from 0, that the intake did not let in → the code of the reason
    (events.rules.reasons); they are in the body and belong on the list of rejects.
    """

    received_us: int
    source: int
    route: str
    agent: str
    body: bytes
    sent_us: int | None = None
    refused: dict[int, str] = field(default_factory=dict)


def pack(frame: Frame) -> bytes:
    header = _encode(
        (
            *(frame.received_us, frame.source, frame.route, frame.agent),
            *(frame.sent_us, frame.refused),
        )
    )
    crc = zlib.crc32(frame.body, zlib.crc32(header))
    prefix = _PREFIX.pack(MAGIC, len(header), len(frame.body), crc)
    return b"".join((prefix, header, frame.body))


class Frames(Iterator[tuple[int, Frame]]):
    """The whole frames of some bytes, each with its offset. `lost` counts bytes that were not
    part of a whole frame so far: a torn tail after a crash, or damage on the disk."""

    def __init__(self, data: bytes) -> None:
        self._data, self._next, self.lost = data, 0, 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[int, Frame]:
        while (at := self._next) < len(self._data):
            found = _unpack(self._data, at)
            if found:
                frame, self._next = found
                return at, frame
            following = self._data.find(MAGIC, at + 1)
            self._next = len(self._data) if following < 0 else following
            self.lost += self._next - at
        raise StopIteration


def read_frames(path: Path) -> Frames:
    """The frames of a segment in the order of arrival. Raises OSError."""
    return Frames(path.read_bytes())


def _unpack(data: bytes, at: int) -> tuple[Frame, int] | None:
    """The frame that begins at `at` and where the next one begins; None when it is not whole."""
    begin = at + _PREFIX.size
    if begin > len(data):
        return None
    magic, header_bytes, body_bytes, crc = _PREFIX.unpack_from(data, at)
    middle = begin + header_bytes
    end = middle + body_bytes
    if magic != MAGIC or end > len(data):
        return None
    header, body = data[begin:middle], data[middle:end]
    if zlib.crc32(body, zlib.crc32(header)) != crc:
        return None
    try:
        received_us, source, route, agent, sent_us, refused = _HEADER.decode(header)
    except msgspec.MsgspecError:
        return None  # of another version
    return Frame(received_us, source, route, agent, body, sent_us, refused), end


def is_torn(end: bytes) -> bool:
    """Whether the lost end of a segment is a frame whose rest was never written: its process
    was killed, and nobody was answered. Else the disk lost something."""
    if len(end) < _PREFIX.size:
        return True
    _, header_bytes, body_bytes, _ = _PREFIX.unpack_from(end)
    return end.startswith(MAGIC) and _PREFIX.size + header_bytes + body_bytes > len(end)
