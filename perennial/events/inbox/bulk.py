"""Files that came over HTTP and wait for the worker, in a folder of the inbox.

The name of a waiting file says all that its import needs, and sorts by arrival. What came of it
stands beside it under its id, and is kept for a while. A file is durable before it is accepted.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from perennial.units.durable import sync_folder

FORMATS: Final = ("csv", "ndjson", "parquet")
KINDS: Final = ("events", "daily")
RECORDED: Final = ("effective", "now")
PART, RESULT = ".part", ".json"
KEPT_DAYS: Final = 30  # results
PART_HOURS: Final = 6  # an upload that is older was cut off
_NAME = re.compile(r"(\d{20})-([0-9a-f]{32})-(\d+)-(\w+)-(\w*)\.(\w+)")


class BulkState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class BulkFile:
    """A file of a source (its key in the database). `recorded` "": by the rule of imports."""

    received_us: int
    id: str
    source: int
    kind: str
    recorded: str
    format: str

    @property
    def name(self) -> str:
        place = f"{self.received_us:020d}-{self.id}-{self.source}"
        return f"{place}-{self.kind}-{self.recorded}.{self.format}"

    @property
    def title(self) -> str:
        """What the import is called."""
        return f"{self.id}.{self.format}"

    @property
    def received_at(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.received_us)

    @classmethod
    def of(cls, name: str) -> Self | None:
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        received, id, source, kind, recorded, format = found.groups()
        return cls(int(received), id, int(source), kind, recorded, format)


class Upload:
    """A file in the making. All methods raise OSError; nothing of it is seen before `finish`."""

    def __init__(self, folder: Path, file: BulkFile) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._target = folder / file.name
        self._path = folder / (file.name + PART)
        self._handle = self._path.open("xb")

    def write(self, data: bytes) -> None:
        self._handle.write(data)

    def finish(self) -> None:
        """Make it durable, with its name."""
        self._handle.flush()
        os.fsync(self._handle.fileno())
        self._handle.close()
        self._path.rename(self._target)
        sync_folder(self._target.parent)
        sync_folder(self._target.parent.parent)

    def abort(self) -> None:
        self._handle.close()
        self._path.unlink(missing_ok=True)


def waiting(folder: Path) -> list[BulkFile]:
    """Files that wait, in the order of arrival."""
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [file for file in map(BulkFile.of, names) if file]


def folder_bytes(folder: Path) -> int:
    """What waiting files and uploads take."""
    if not folder.is_dir():
        return 0
    sizes = []
    for entry in os.scandir(folder):
        try:
            sizes.append(entry.stat().st_size)
        except FileNotFoundError:  # imported meanwhile
            continue
    return sum(sizes)


def state_of(folder: Path, id: str, *, source: int) -> dict[str, Any] | None:
    """What is known of a source's file: id, state, and what came of it; None: no such file."""
    # Looked at before the result: a file goes only when its result is there.
    is_waiting = any(file.id == id and file.source == source for file in waiting(folder))
    try:
        said: dict[str, Any] = json.loads((folder / (id + RESULT)).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"id": id, "state": BulkState.WAITING} if is_waiting else None
    return {"id": id, **said["told"]} if said["source"] == source else None


def settle(folder: Path, file: BulkFile, told: Mapping[str, object]) -> None:
    """Keep what came of a file, durably, and let the file go."""
    target = folder / (file.id + RESULT)
    new = target.with_name(target.name + PART)
    with new.open("w", encoding="utf-8") as handle:
        json.dump({"source": file.source, "told": told}, handle, ensure_ascii=False)
        handle.flush()
        os.fsync(handle.fileno())
    new.rename(target)
    sync_folder(folder)
    (folder / file.name).unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Delete old results, and uploads that were cut off."""
    now = time.time()
    for suffix, hours in ((RESULT, KEPT_DAYS * 24), (PART, PART_HOURS)):
        for path in folder.glob("*" + suffix):
            if now - path.stat().st_mtime > hours * 3600:
                path.unlink(missing_ok=True)
