"""Where attachments lie: in the home, under random names, on the disk before their row stands."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from perennial.customers.conversation.rules.files import HEAD
from perennial.units.durable import sync_folder

_UNFINISHED = ".part"
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it lies: `stored_as` is its random name, `head` its first bytes."""

    stored_as: str
    size_bytes: int
    sha256: str
    head: bytes


def folder() -> Path:
    path: Path = settings.PERENNIAL_HOME / "files"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def keep(chunks: Iterable[bytes]) -> Kept:
    """Write it durably under a new name. A cut-off write leaves a file that `sweep` removes."""
    name = secrets.token_hex(16)
    unfinished, digest, size, head = folder() / f"{name}{_UNFINISHED}", hashlib.sha256(), 0, b""
    try:
        with unfinished.open("xb") as target:
            os.fchmod(target.fileno(), 0o600)
            for chunk in chunks:
                head = head or chunk[:HEAD]
                size += len(chunk)
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        unfinished.rename(folder() / name)
        sync_folder(folder())
    finally:
        unfinished.unlink(missing_ok=True)
    return Kept(name, size, digest.hexdigest(), head)


def path_of(stored_as: str) -> Path:
    """Where a file lies; the name is one that `keep` made, never a user's."""
    if len(stored_as) != 32 or not stored_as.isalnum():
        raise ValueError("not the name of an attachment")
    return folder() / stored_as


def forget(stored_as: str) -> None:
    path_of(stored_as).unlink(missing_ok=True)


def orphans(known: set[str], *, older_than_seconds: float = _HOUR) -> Iterator[Path]:
    """Files without a row, and cut-off writes; younger ones may get their row in a moment."""
    until = time.time() - older_than_seconds
    for path in folder().iterdir():
        if path.is_file() and path.name not in known and path.stat().st_mtime <= until:
            yield path
