"""Write keys in memory: asking for one costs no query.

A thread reads them from the database every second, so that a new key works, and a revoked one
stops, within a few seconds in every process. Requests look into what was read last; when that
is older than STALE_SECONDS, nobody can know which keys are good, and events are refused (503).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils import timezone

from perennial.events.models import SourceKind
from perennial.events.queries.settings import intake_settings
from perennial.events.rules import keys as key_rules

READ_EVERY_SECONDS: Final = 1.0
STALE_SECONDS: Final = 5.0
LARGEST_BODY: Final = 500 * 1024  # while no source allows more
KEY_LETTERS: Final = 200  # longer ones are not ours
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a key opens: a source and its limits. Sizes are bytes after decompression."""

    source: int
    event_bytes: int
    batch_bytes: int
    requests_per_minute: int | None = None
    origins: frozenset[str] = frozenset()
    bulk_bytes: int = 0  # of a file; 0: none are taken, as from browsers


def read_entrances() -> dict[str, Entrance]:
    """Digest of each working key → its entrance, by plain SQL. Raises database errors."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    largest_file = intake_settings().bulk_bytes
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.digest, s.id, s.event_bytes, s.batch_bytes, s.requests_per_minute, s.origins,"
            " s.kind"
            " FROM events_writekey k JOIN events_source s ON s.id = k.source_id"
            " WHERE s.retired_at IS NULL AND (k.revoked_at IS NULL OR k.revoked_at > %s)",
            [now],
        )
        return {
            digest: Entrance(
                source,
                event,
                batch,
                rate,
                frozenset(_origins(origins)),
                largest_file if kind == SourceKind.SERVER else 0,
            )
            for digest, source, event, batch, rate, origins, kind in cursor.fetchall()
        }


def _origins(stored: str | list[str]) -> list[str]:
    return json.loads(stored) if isinstance(stored, str) else stored


class Keys:
    """The working keys. `start` before use; `read` is `read_entrances` but in tests."""

    def __init__(
        self, read: Callable[[], Mapping[str, Entrance]], *, close: Callable[[], None]
    ) -> None:
        self._read, self._close = read, close
        self._entrances: Mapping[str, Entrance] = {}
        self._read_at = float("-inf")  # by the monotonic clock: jumps of the other do no harm
        self._stopping = threading.Event()
        self._first = threading.Event()
        self._thread: threading.Thread | None = None
        self.largest_body = LARGEST_BODY

    def start(self) -> None:
        """Begin to read, and wait a moment for the first time. Starting again does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._keep_reading, name="keys", daemon=True)
            self._thread.start()
            self._first.wait(STALE_SECONDS)

    def stop(self) -> None:
        if self._thread is not None:
            self._stopping.set()
            self._thread.join(STALE_SECONDS)
            self._thread = None

    def are_known(self) -> bool:
        return time.monotonic() - self._read_at <= STALE_SECONDS

    def find(self, key: str) -> Entrance | None:
        return self._entrances.get(key_rules.digest(key)) if 0 < len(key) <= KEY_LETTERS else None

    def _keep_reading(self) -> None:
        failing = False
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                entrances = self._read()
            except Exception as error:  # whatever the database throws: the thread lives on
                if not failing:
                    log.warning("Write keys cannot be read: %s", error)
                failing = True
                self._close()
            else:
                sizes = [max(it.event_bytes, it.batch_bytes) for it in entrances.values()]
                self.largest_body = max([LARGEST_BODY, *sizes])
                self._entrances, self._read_at, failing = entrances, begun, False
            self._first.set()
            self._stopping.wait(READ_EVERY_SECONDS)
        self._close()


def of_database() -> Keys:
    return Keys(read_entrances, close=_close)


def _close() -> None:
    connection.close()  # the connection of the thread that calls
