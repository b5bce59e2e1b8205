"""Write a backup while people work: everything at one point in time, in one file.

Under the writers' lock of the store and a frozen database, the files of the home are linked
aside (they are never changed in place, so that takes a moment); then the archive is written
without any lock. Its manifest comes last: a cut-off archive has none and is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from perennial import __version__
from perennial.config.backup import dump
from perennial.config.home import DATABASE_FILE, PASSING
from perennial.events.store import open_store
from perennial.team.models import InstallationFact
from perennial.units.errors import Busy
from perennial.units.progress import Progress, silent

MANIFEST = "manifest.json"
FORMAT = 1
_COPY_BELOW = 1 << 20  # small files may be appended to (segments, logs): those are copied
_LOCK_SECONDS = 60.0


def write(to: Path, *, at: datetime, progress: Progress = silent) -> dict[str, object]:
    """Write the backup to the file `to` (mode 0600, never half written); its manifest."""
    home = Path(settings.PERENNIAL_HOME)
    staging = home / f"backup-{os.getpid()}"
    _clear_dead(home)
    staging.mkdir()
    try:
        _at_one_point(home, staging)
        manifest = _archive(staging, to, at=at, progress=progress)
    finally:
        shutil.rmtree(staging)
    InstallationFact.objects.update_or_create(
        name="last_backup", defaults={"value": at.astimezone(UTC).isoformat()}
    )
    return manifest


def _at_one_point(home: Path, staging: Path) -> None:
    """Both locks at once. Whoever holds one may be waiting for the other (an import that is
    undone, say), so that a lock that does not come soon is tried again after letting go."""
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        left = max(0.0, until - time.monotonic())
        try:
            with open_store().writing(wait_seconds=left), dump.frozen(staging / "database"):
                _link_tree(home, staging / "home")
                return
        except Busy:
            if time.monotonic() >= until:
                raise


def _link_tree(source: Path, to: Path) -> None:
    for here, folders, files in os.walk(source):
        relative = Path(here).relative_to(source)
        if relative == Path():
            folders[:] = [it for it in folders if not _is_passing(it)]
            files = [it for it in files if not _is_passing(it)]
        folders[:] = [it for it in folders if it != "scratch"]
        (to / relative).mkdir(parents=True)
        for name in files:
            if name.endswith(".lock"):
                continue
            with suppress(FileNotFoundError):  # an upload thrown away just now
                _link(Path(here) / name, to / relative / name)


def _is_passing(name: str) -> bool:
    return (
        name in PASSING
        or name.startswith((DATABASE_FILE, "backup-", "restore-", "replaced-"))
        or name.endswith(".tar.gz")
    )


def _link(source: Path, to: Path) -> None:
    if source.stat().st_size < _COPY_BELOW:
        shutil.copy2(source, to)
        return
    try:
        os.link(source, to)
    except OSError:  # a file system without hard links
        shutil.copy2(source, to)


def _archive(staging: Path, to: Path, *, at: datetime, progress: Progress) -> dict[str, object]:
    files = sorted(it for it in staging.rglob("*") if it.is_file())
    total = sum(it.stat().st_size for it in files)
    partial = to.with_name(f".{to.name}.{os.getpid()}")
    sums: dict[str, str] = {}
    done = 0
    try:
        with partial.open("xb") as raw:
            os.fchmod(raw.fileno(), 0o600)  # it holds the secret key and customers' data
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
                for file in files:
                    name = file.relative_to(staging).as_posix()
                    sums[name] = _add(archive, file, name)
                    done += file.stat().st_size
                    progress(done, total)
                manifest = _manifest(sums, at=at, size=total)
                _add_text(archive, MANIFEST, json.dumps(manifest, ensure_ascii=False))
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)
    return manifest | {"files": len(sums)}


def _manifest(sums: dict[str, str], *, at: datetime, size: int) -> dict[str, object]:
    return {
        "format": FORMAT,
        "perennial": __version__,
        "made_at": at.astimezone(UTC).isoformat(),
        "database": dump.kind(),
        "migrations": dump.migrations(),
        "bytes": size,
        "files": sums,
    }


class _Summing(io.RawIOBase):
    """Reads a file and sums what passes, so that it is read once."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.digest = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.source.read(size)
        self.digest.update(block)
        return block


def _add(archive: tarfile.TarFile, file: Path, name: str) -> str:
    with file.open("rb") as source:
        summing = _Summing(source)
        archive.addfile(archive.gettarinfo(arcname=name, fileobj=source), summing)
        return summing.digest.hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _clear_dead(home: Path) -> None:
    """Remove what a killed backup left behind."""
    for left in home.glob("backup-*"):
        pid = left.name.removeprefix("backup-")
        if left.is_dir() and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left)
