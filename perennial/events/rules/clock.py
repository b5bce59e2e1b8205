"""When an event happened, from up to four times: the client's, when it sent, when it arrived.

The client's clock may be wrong, but the time between happening and sending is right. So
happened = received − (sent − original), when the clock is off by more than a tolerance and by
less than a cap. Without a time of the client, the server's counts. What would lie in the future
happened on arrival, and is flagged. Old times are history and stay.
Texts are ISO 8601 (without an offset: UTC); numbers are seconds, milliseconds or microseconds
since 1970. Years run from 1900 to 2199. All times here are whole microseconds since 1970.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from perennial.events.rules.settings import IntakeSettings

SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
LATEST: Final = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1) - 1
# A number up to here counts seconds, up to here milliseconds, and above microseconds.
# Text of nine digits and more is such a number, too: 20251231 is a date, 1767139200 is not.
_SECONDS_UP_TO, _MILLISECONDS_UP_TO = 10**11, 10**14
_DIGITS: Final = re.compile(r"[0-9]{9,16}(\.[0-9]{1,9})?")


class Clock(StrEnum):
    """How `ts` came about; null: the client's time as it was sent, or the server's."""

    CORRECTED = "corrected"
    CLAMPED = "clamped"


def happened(
    original: int | None, sent: int | None, received: int, settings: IntakeSettings
) -> tuple[int, Clock | None]:
    """The moment that counts, and how it came about."""
    if original is None:
        return received, None
    moment, clock = original, None
    off = 0 if sent is None else received - sent
    if settings.clock_tolerance_seconds * SECOND < abs(off) <= settings.clock_cap_seconds * SECOND:
        moment, clock = original + off, Clock.CORRECTED
    if moment > received + settings.future_tolerance_seconds * SECOND:
        return received, Clock.CLAMPED
    return (moment, clock) if moment >= EARLIEST else (original, None)


def microseconds(value: object) -> int | None:
    """A client's time as microseconds; None when it is not a time within the years."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        moment = _number(float(text)) if _DIGITS.fullmatch(text) else _iso(text)
    elif isinstance(value, int | float):
        moment = _number(value)
    else:
        return None
    return moment if moment is not None and EARLIEST <= moment <= LATEST else None


def _number(value: float) -> int | None:
    size = abs(value)
    if not size <= LATEST:  # NaN, too
        return None
    if size < _SECONDS_UP_TO:
        return round(value * SECOND)
    return round(value * 1000) if size < _MILLISECONDS_UP_TO else round(value)


def _iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)
