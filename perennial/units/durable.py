"""Durable: what lies on the disk and not only in memory, so that a power cut leaves it there.

A file needs both: its content made durable, and its name, which stands in its folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def sync_files(paths: Iterable[Path], *, within: Path) -> None:
    """Make files and their names durable, with all the folders up to `within`. Raises OSError."""
    folders = {within}
    for path in paths:
        _sync(path, os.O_RDONLY)
        folders |= {it for it in path.parents if it.is_relative_to(within)}
    for folder in folders:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: after a power cut a file without its name is gone."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
