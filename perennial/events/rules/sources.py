"""What may be set at a source, and within which limits.

Sizes are bytes after decompression. A browser's key is public, so a list of origins and a limit
of requests keep others from using it. The name stands beside every event for ever: it is never
changed, and never the one under which files are imported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

KILOBYTE: Final = 1024
LEAST_BYTES: Final = KILOBYTE
MOST_EVENT_BYTES: Final = 1024 * KILOBYTE
MOST_BATCH_BYTES: Final = 16 * 1024 * KILOBYTE
MOST_PER_MINUTE: Final = 10_000_000
MOST_SILENT_HOURS: Final = 24 * 366
NAME_LETTERS: Final = 60
_ORIGIN: Final = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """All that may change at a source. `requests_per_minute` None: no limit. `origins` empty:
    any. `silent_after_hours` None: nobody is alarmed when it falls silent."""

    event_bytes: int = 32 * KILOBYTE
    batch_bytes: int = 500 * KILOBYTE
    requests_per_minute: int | None = None
    origins: tuple[str, ...] = ()
    group_type: str = ""  # PostHog's type of group that is a customer
    product: str = ""  # of events that name none
    silent_after_hours: int | None = 24


def origins_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Origins as browsers send them, each once: scheme and host, no path, in small letters."""
    return tuple(dict.fromkeys(it for text in texts if (it := text.strip().rstrip("/").lower())))


def refuse_wrong(settings: SourceSettings) -> None:
    """Raises InputRefused (its column names the setting) at the first thing out of bounds."""
    low, per_event, per_batch = LEAST_BYTES, settings.event_bytes, settings.batch_bytes
    _within("event_bytes", per_event, low, MOST_EVENT_BYTES)
    _within("batch_bytes", per_batch, low, MOST_BATCH_BYTES)
    if per_batch < per_event:
        message = sentence("A batch must be allowed to hold at least one event of full size.")
        raise InputRefused(message, code="batch_below_event", column="batch_bytes")
    _within("requests_per_minute", settings.requests_per_minute, 1, MOST_PER_MINUTE)
    _within("silent_after_hours", settings.silent_after_hours, 1, MOST_SILENT_HOURS)
    for origin in settings.origins:
        if not _ORIGIN.fullmatch(origin):
            message = sentence(
                "{value} is no origin: write scheme and host, like https://app.example.com."
            )
            raise InputRefused(
                message, code="wrong_origin", column="origins", params={"value": origin[:100]}
            )
    for name, text, most in (
        ("group_type", settings.group_type, 60),
        ("product", settings.product, 100),
    ):
        if len(text) > most or not text.isprintable():
            message = sentence("At most {most} printable characters, please.")
            raise InputRefused(message, code="wrong_text", column=name, params={"most": str(most)})


def refuse_name(name: str) -> None:
    """Raises InputRefused for a name that cannot stand beside events."""
    if not 0 < len(name) <= NAME_LETTERS or not name.isprintable():
        message = sentence("A name has 1 to {most} printable characters.")
        params = {"most": str(NAME_LETTERS)}
        raise InputRefused(message, code="wrong_name", column="name", params=params)


def _within(column: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        message = sentence("{value} is out of bounds: {low} to {high}.")
        params = {"value": str(value), "low": f"{low:,}", "high": f"{high:,}"}
        raise InputRefused(message, code="out_of_bounds", column=column, params=params)
