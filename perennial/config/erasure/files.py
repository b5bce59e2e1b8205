"""A person out of the other files of the home, and out of the database's own pages."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection

from perennial.config.erasure import pending
from perennial.config.home import DATABASE_FILE
from perennial.connectors.models import Import
from perennial.customers.models import Attachment
from perennial.events.erasing import Scrub
from perennial.units.errors import Busy

_OWN_WAYS = {"store", "inbox", "static"}
_QUIET_SECONDS = 60.0


def scrub_files(scrub: Scrub) -> int:
    """Uploads and whatever else names an id is deleted, logs are rewritten; how many files.

    Files of unknown form are read as they are, compressed and columnar ones decoded.
    """
    home, found = Path(settings.PERENNIAL_HOME), 0
    for path in _files(home):
        data = path.read_bytes()
        if not any(scrub.in_bytes(part) for part in (data, *_decoded(data))):
            continue
        found += 1
        if path.parent == home / "logs":
            _rewrite(path, scrub)
        else:
            path.unlink()
            Import.objects.filter(stored_as=path.name).update(stored_as="")
            Attachment.objects.filter(stored_as=path.name).delete()
    return found


def _files(home: Path) -> Iterator[Path]:
    own = {*pending.paths(), home / "secret_key"}
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        is_database = path.name.startswith(DATABASE_FILE)
        if path.is_file() and parts[0] not in _OWN_WAYS and path not in own and not is_database:
            yield path


def _decoded(data: bytes) -> Iterator[bytes]:
    """What a compressed file holds: gzip, a spreadsheet (zip), Parquet."""
    try:
        if data.startswith(b"\x1f\x8b"):
            yield gzip.decompress(data)
        elif data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        elif data.startswith(b"PAR1"):
            for batch in pq.ParquetFile(io.BytesIO(data)).iter_batches():
                yield str(batch.to_pydict()).encode()
    except (OSError, EOFError, zipfile.BadZipFile, ValueError):
        return  # it is not what it begins like


def _rewrite(path: Path, scrub: Scrub) -> None:
    """In place: processes go on writing at its end."""
    with path.open("r+", encoding="utf-8", errors="replace", newline="") as handle:
        text = scrub.text(handle.read())
        handle.seek(0)
        handle.write(text)
        handle.truncate()


def compact_database() -> None:
    """Deleted rows leave the database's file and its log, too. PostgreSQL frees its pages for
    other rows; its own log and copies follow its own rules (docs/guide/privacy.md).

    Raises Busy when readers do not pause in time.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("VACUUM")
            return
        cursor.execute("PRAGMA secure_delete = ON")
        until = time.monotonic() + _QUIET_SECONDS
        cursor.execute("VACUUM")
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cursor.fetchone()[0] == 0:
                return
            if time.monotonic() > until:
                raise Busy("The database is being read all the time. Run the erasure again.")
            time.sleep(0.2)
