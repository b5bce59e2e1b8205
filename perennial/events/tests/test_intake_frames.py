"""A frame comes back as it was written, and damage takes no more than what it damaged."""

from __future__ import annotations

import pytest

from perennial.events.inbox.frames import MAGIC, Frame, Frames, pack


def frame(number: int = 0) -> Frame:
    return Frame(1_700_000_000_000_000 + number, 7, "batch", "agent/1", b"x" * 10)


def test_a_frame_is_read_as_it_was_written():
    written = Frame(5, 2, "posthog", "Mozilla/5.0 é", b'{"a": 1}', 4, {3: "foreign_key"})
    data = pack(frame()) + pack(written)
    assert list(Frames(data)) == [(0, frame()), (len(pack(frame())), written)]


@pytest.mark.parametrize("kept", range(1, len(pack(frame())), 7))
def test_a_torn_tail_is_ignored_and_counted(kept: int):
    torn = pack(frame(2))[:kept]
    found = Frames(pack(frame(1)) + torn)
    assert [it for _, it in found] == [frame(1)]
    assert found.lost == kept


def test_a_damaged_frame_does_not_take_those_behind_it():
    data = bytearray(pack(frame(1)) + pack(frame(2)) + pack(frame(3)))
    data[len(pack(frame(1))) + 30] ^= 1
    found = Frames(bytes(data))
    assert [it for _, it in found] == [frame(1), frame(3)]
    assert found.lost == len(pack(frame(2)))


def test_a_frame_hidden_in_a_body_is_not_read_though_the_place_before_it_is_damaged():
    # No body that was decoded as JSON can hold it: JSON has no control characters.
    assert any(byte < 0x20 for byte in MAGIC)
    inner = pack(frame(9))
    outer = pack(Frame(1, 1, "track", "", inner))
    assert [it.body for _, it in Frames(outer)] == [inner]
