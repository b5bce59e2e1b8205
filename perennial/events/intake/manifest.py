"""Which segments a load takes: written before it begins, gone when nothing is left to do.

A load that was killed is found by its manifest, and done again with exactly these segments.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from perennial.events.inbox.segments import SEALED
from perennial.units.durable import sync_folder

FILE: Final = "loading.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`number` is the load's, the transaction `inbox` of its commits; names have no folder."""

    number: int
    segments: tuple[str, ...]

    def paths(self, inbox: Path) -> list[Path]:
        """The segments that are still there."""
        found = [inbox / (name + SEALED) for name in self.segments]
        return [path for path in found if path.exists()]


def read(inbox: Path) -> Manifest | None:
    """The manifest that a killed load left; None when there is none."""
    try:
        kept = json.loads((inbox / FILE).read_text(encoding="utf-8"))
        return Manifest(int(kept["number"]), tuple(kept["segments"]))
    except (FileNotFoundError, ValueError, KeyError):
        return None  # it is written whole or not at all


def begin(inbox: Path, *, number: int, segments: Sequence[Path]) -> Manifest:
    """Write the manifest, durably."""
    manifest = Manifest(number, tuple(path.stem for path in segments))
    text = json.dumps({"number": number, "segments": manifest.segments})
    new = inbox / (FILE + ".new")
    with new.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    new.replace(inbox / FILE)
    sync_folder(inbox)
    return manifest


def end(inbox: Path) -> None:
    """The load is done."""
    (inbox / FILE).unlink(missing_ok=True)
    sync_folder(inbox)
