"""The durable inbox: accepted means that a process killed right after the answer loses nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from perennial.events.inbox import segments, writer
from perennial.events.inbox.frames import Frame, pack, read_frames
from perennial.events.inbox.segments import (
    Segment,
    adopt_orphans,
    retire,
    sealed,
    tail,
)
from perennial.events.inbox.writer import Inbox, NotDurable


def frame(number: int = 0, size: int = 10) -> Frame:
    return Frame(1_700_000_000_000_000 + number, 7, "batch", "agent/1", b"x" * size)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def inbox(folder: Path) -> Iterator[Inbox]:
    it = Inbox(folder)
    yield it
    it.close()


def append(inbox: Inbox, *frames: Frame) -> list[Any]:
    async def together() -> list[Any]:
        return await asyncio.gather(*map(inbox.append, frames), return_exceptions=True)

    return asyncio.run(together())


def bodies(folder: Path) -> list[int]:
    """The numbers of all frames in the folder, in the order of arrival."""
    paths = sorted(folder.iterdir())
    return [it.received_us - 1_700_000_000_000_000 for path in paths for _, it in read_frames(path)]


def test_appending_returns_when_the_bytes_are_flushed(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    flushed: list[int] = []
    real = os.fdatasync

    def spy(handle: int) -> None:
        real(handle)
        flushed.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fdatasync", spy)
    append(inbox, frame(1))
    assert flushed == [len(pack(frame(1)))]
    assert bodies(folder) == [1]


def test_who_waits_together_is_flushed_together(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    flushes = 0
    real = os.fdatasync

    def slow(handle: int) -> None:
        nonlocal flushes
        flushes += 1
        time.sleep(0.05)
        real(handle)

    monkeypatch.setattr(os, "fdatasync", slow)
    append(inbox, *map(frame, range(200)))
    assert sorted(bodies(folder)) == list(range(200))
    assert flushes <= 5


def test_a_short_write_is_finished(inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:7]))
    append(inbox, frame(1), frame(2))
    assert bodies(folder) == [1, 2]


def test_a_failed_flush_refuses_who_waits_and_begins_another_file(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    append(inbox, frame(1))
    with monkeypatch.context() as broken:

        def fail(_handle: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        broken.setattr(os, "fdatasync", fail)
        refusals = append(inbox, frame(2), frame(3))
    assert all(isinstance(it, NotDurable) for it in refusals)
    assert append(inbox, frame(4)) == [None]
    assert bodies(folder) == [1, 4], "what was refused is not stored"
    assert len(list(folder.iterdir())) == 2


FULL_DISK = """
    import asyncio, os, resource, sys
    from pathlib import Path
    from perennial.events.inbox.frames import Frame, read_frames
    from perennial.events.inbox.writer import Inbox, NotDurable

    inbox = Inbox(Path(sys.argv[1]))

    async def put(number):
        try:
            await inbox.append(Frame(number, 1, "track", "", b"x" * 4000))
            return "stored"
        except NotDurable:
            return "refused"

    async def main():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
        print(await put(1), await put(2), await put(3))
        torn = [path.stat().st_size for path in Path(sys.argv[1]).iterdir()]
        print(len(torn), max(torn) < 8_200)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(await put(4))

    asyncio.run(main())
    inbox.close()
"""


def test_a_full_disk_is_refused_leaves_no_torn_frame_and_heals_by_itself(folder: Path):
    """The kernel itself cuts the write off in the middle of the third frame."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split("\n")[:3] == ["stored stored refused", "1 True", "stored"]
    found = [read_frames(path) for path in sorted(folder.iterdir())]
    assert [it.received_us for frames in found for _, it in frames] == [1, 2, 4]
    assert sum(frames.lost for frames in found) == 0


def test_a_folder_that_cannot_be_made_refuses(folder: Path):
    (folder / "file").write_text("")
    inbox = Inbox(folder / "file" / "inbox")
    assert isinstance(append(inbox, frame())[0], NotDurable)
    inbox.close()


def test_an_open_segment_becomes_sealed_when_it_is_old_enough(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(segments, "SEAL_SECONDS", 0.2)
    monkeypatch.setattr(writer, "SEAL_SECONDS", 0.2)
    append(inbox, frame(1))
    deadline = time.monotonic() + 10
    while not sealed(folder) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert bodies(folder) == [1]
    append(inbox, frame(2))
    assert bodies(folder) == [1, 2]
    assert len(sealed(folder)) == 1


def test_an_open_segment_becomes_sealed_when_it_is_large_enough(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(segments, "SEAL_BYTES", 1000)
    for number in range(3):
        append(inbox, frame(number, 1000))
    inbox.close()
    assert len(sealed(folder)) == 3


def test_a_clean_end_seals_and_leaves_nothing_open(inbox: Inbox, folder: Path):
    append(inbox, frame(1))
    inbox.close()
    assert [path.suffix for path in folder.iterdir()] == [".sealed"]


def test_the_segment_of_a_living_process_is_nobody_else_s(inbox: Inbox, folder: Path):
    append(inbox, frame(1))
    assert adopt_orphans(folder) == 0
    assert sealed(folder) == []


def test_the_segment_of_a_killed_process_is_adopted(folder: Path):
    code = (
        "import os, sys; from pathlib import Path;"
        "from perennial.events.inbox.frames import Frame, pack;"
        "from perennial.events.inbox.segments import Segment;"
        "s = Segment(Path(sys.argv[1])); s.write(pack(Frame(5, 1, 'track', '', b'{}')));"
        "empty = Segment(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert ran.returncode == -9
    assert adopt_orphans(folder) == 2
    assert [it.received_us for path in sealed(folder) for _, it in read_frames(path)] == [5]
    assert len(list(folder.iterdir())) == 1, "an empty one goes"


def test_a_clock_that_is_set_back_does_not_turn_the_order(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(segments, "SEAL_BYTES", 1)
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        append(inbox, frame(1))
    with time_machine.travel("1999-01-01T12:00:00Z", tick=False):
        append(inbox, frame(2))
    with time_machine.travel("2099-01-01T12:00:00Z", tick=False):
        append(inbox, frame(3))
    assert bodies(folder) == [1, 2, 3]


def test_a_file_s_name_is_durable_before_anything_is_promised(
    inbox: Inbox, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    order: list[str] = []
    real = os.fdatasync
    monkeypatch.setattr(segments, "sync_folder", lambda folder: order.append("folder"))

    def flush(handle: int) -> None:
        order.append("file")
        real(handle)

    monkeypatch.setattr(os, "fdatasync", flush)
    append(inbox, frame(1))
    assert order == ["folder", "file"]
    inbox.close()
    assert order == ["folder", "file", "folder"], "and after the renaming"


def test_the_live_view_sees_what_arrived_last_loaded_or_not(folder: Path):
    made: list[Segment] = []
    for number in range(4):
        made.append(Segment(folder, after=made[-1].name if made else ""))
        made[-1].write(pack(frame(number)))
        if number < 3:
            made[-1].seal()
    retire(sealed(folder)[:2])
    assert tail(folder, 100_000) == [frame(3), frame(2), frame(1), frame(0)]
    assert tail(folder, len(pack(frame())) + 5) == [frame(3)]
    assert len(sealed(folder)) == 1
    made[-1].seal()


def test_stored_segments_are_kept_only_as_far_as_the_live_view_needs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(segments, "LOADED_BYTES", 2500)
    last = ""
    for number in range(5):
        segment = Segment(folder, after=last)
        last = segment.name
        segment.write(pack(frame(number, 1000)))
        segment.seal()
        retire(sealed(folder))
    assert bodies(folder) == [3, 4]
    retire([folder / "gone.sealed"])
