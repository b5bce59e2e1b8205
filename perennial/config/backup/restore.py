"""Bring a home back from a backup: verified completely before anything is touched."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from perennial.config.backup import dump
from perennial.config.backup.write import FORMAT, MANIFEST
from perennial.config.home import DATABASE_FILE, PASSING, RESTORING, alone
from perennial.team.models import Lease
from perennial.units.errors import InputRefused
from perennial.units.progress import Progress, silent

# Bad gzip has no number; names that collide in the archive meet in the staging folder.
_OF_THE_ARCHIVE = {None, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; `replaced` is the folder with what was there before, if anything was."""

    made_at: str
    files: int
    replaced: Path | None


def restore(archive: Path, *, force: bool, at: datetime, progress: Progress = silent) -> Restored:
    """Put the contents of a backup into the home.

    Raises InputRefused for a file that is no whole backup, of another database or a newer
    version, or (without `force`) for a home in use; then nothing was changed.
    """
    with alone() as home:
        unused = not force and _is_unused(home)  # a damaged database cannot be asked
        if not force and not unused:
            raise InputRefused(
                "{home} or its database is not empty. --force replaces what is there.",
                code="home_not_empty",
                params={"home": str(home)},
            )
        staging = home / "restore-staging"
        shutil.rmtree(staging, ignore_errors=True)
        try:
            manifest = _unpack(archive, staging, progress=progress)
            replaced = _swap_in(staging, home, manifest, at=at)
            if unused and replaced:  # an empty database that nobody misses
                shutil.rmtree(replaced, ignore_errors=True)
                replaced = None
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return Restored(manifest["made_at"], len(manifest["files"]), replaced)


def _is_unused(home: Path) -> bool:
    kept = {it.name for it in home.iterdir()} - PASSING - {"secret_key", "restore-staging"}
    kept = {it for it in kept if not it.startswith(DATABASE_FILE)}
    return not kept and dump.is_empty()


def _unpack(archive: Path, to: Path, *, progress: Progress) -> dict[str, Any]:
    to.mkdir()
    sums: dict[str, str] = {}
    manifest: dict[str, Any] | None = None
    done = 0
    try:
        with gzip.open(archive) as raw, tarfile.open(fileobj=raw, mode="r|") as source:
            for entry in source:
                if entry.name == MANIFEST and entry.isreg():
                    manifest = json.load(source.extractfile(entry))  # type: ignore[arg-type]
                    continue
                sums[entry.name] = _extract(source, entry, to)
                done += entry.size
                progress(done)
            while raw.read(1 << 20):  # to the end, where gzip's own checksum stands
                pass
    except (tarfile.TarError, EOFError, zlib.error, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _OF_THE_ARCHIVE:
            raise  # the disk is full, the file may not be read: the archive may be whole
        raise _refused(archive) from error
    if manifest is None or not _describes(manifest, sums):
        raise _refused(archive)
    if manifest["database"] != dump.kind():
        raise InputRefused(
            "This backup is of {theirs}, but PERENNIAL_DATABASE_URL says {ours}.",
            code="other_database",
            params={"theirs": manifest["database"], "ours": dump.kind()},
            file=str(archive),
        )
    dump.refuse_unknown(manifest["migrations"])
    return manifest


def _describes(manifest: Any, sums: dict[str, str]) -> bool:
    """Whether this is the manifest of a backup with exactly these files."""
    return (
        isinstance(manifest, dict)
        and manifest.get("format") == FORMAT
        and manifest.get("files") == sums
        and {"made_at", "database", "migrations"} <= manifest.keys()
        and all(name.startswith(("home/", "database/")) for name in sums)
        and (manifest["database"] != "sqlite" or f"database/{DATABASE_FILE}" in sums)
    )


def _refused(archive: Path) -> InputRefused:
    return InputRefused(
        "This is not a whole backup: it is of another kind, cut off or damaged.",
        code="bad_backup",
        file=str(archive),
    )


def _extract(source: tarfile.TarFile, entry: tarfile.TarInfo, to: Path) -> str:
    """Write one plain file below `to`; its checksum. ValueError for anything else."""
    target = (to / entry.name).resolve()
    content = source.extractfile(entry)
    if content is None or not entry.isreg() or not target.is_relative_to(to.resolve()):
        raise ValueError(entry.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as file:
        target.chmod(0o600)
        while block := content.read(1 << 20):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _swap_in(staging: Path, home: Path, manifest: dict[str, Any], *, at: datetime) -> Path | None:
    """Move the verified files into place; what was there goes aside."""
    (home / RESTORING).touch()  # from here on a kill leaves a home that says so
    if manifest["database"] == "postgresql":
        try:
            dump.load(staging / "database", applied=manifest["migrations"])
        except BaseException:
            (home / RESTORING).unlink()  # the database and the home are as they were
            raise
    connection.close()
    replaced = home / f"replaced-{at:%Y%m%d-%H%M%S}"
    present = [it for it in home.iterdir() if it.name not in PASSING and it != staging]
    present = [it for it in present if not it.name.startswith(("replaced-", "backup-"))]
    if manifest["database"] == "sqlite":
        present += _outside(home)
    used = [it for it in present if it.name != "secret_key" and it.stat().st_size]
    for old in present:
        replaced.mkdir(exist_ok=True)
        shutil.move(old, replaced / old.name)
    (staging / "home").mkdir(exist_ok=True)
    for new in (staging / "home").iterdir():
        new.rename(home / new.name)
    if manifest["database"] == "sqlite":
        shutil.move(staging / "database" / DATABASE_FILE, connection.settings_dict["NAME"])
    Lease.objects.update(holder="")  # whoever held one works on the home that was backed up
    (home / RESTORING).unlink()
    if used:
        return replaced
    shutil.rmtree(replaced, ignore_errors=True)
    return None


def _outside(home: Path) -> list[Path]:
    """SQLite's files, when PERENNIAL_DATABASE_URL puts them elsewhere than into the home."""
    database = Path(str(connection.settings_dict["NAME"]))
    if database.parent.resolve() == home.resolve():
        return []
    return sorted(database.parent.glob(f"{database.name}*"))
