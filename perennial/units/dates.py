"""Reading dates as people and systems write them, without guessing.

A date that can be read two ways (03/04/2024) is refused, never guessed from its neighbours.
Accepted without a format: 2024-04-03, 2024/4/3, 2024.4.3, 2024年4月3日, 20240403, 25/4/2024
and 4/25/2024 (only one reading), 3 Apr 2024, Apr 3, 2024, each with an optional time such as
`3:00`, `03:00:00.5`, `3:00 pm`, a `T` or a blank between, and Z or +08:00 behind; and seconds
(10 digits), milliseconds (13) or microseconds (16) since 1970. Without an offset a time is
wall time in `zone`. Years run from 1900 to 2199.

For set-based readers the same rule is data: `SHAPES`. Match the stripped text against each
`regex` in full (RE2 syntax) in this order; the first that matches decides. Its groups follow
`order` ('y', 'm', 'd', 'b' = English month name), then hour, minute, second, fraction, am/pm,
zone, all optional. For the order 'ab': a > 12 means day first, b > 12 month first, a = b
either; anything else is ambiguous. The order 'short' (two-digit year) is always ambiguous,
'epoch' needs no more groups. With a strptime format given, only `format` and `format` followed
by `TIME` are tried, and nothing is ambiguous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

TIME = (
    r"(?:(?:T| +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r" *([AaPp][Mm])? *(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)


@dataclass(frozen=True, slots=True)
class Shape:
    order: str
    regex: str


SHAPES = (
    Shape("ymd", r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + TIME),
    Shape("ymd", r"((?:19|20|21)\d{2})(\d{2})(\d{2})" + TIME),
    Shape("ab", r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + TIME),
    Shape("short", r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})" + TIME),
    Shape("dby", r"(\d{1,2})[- ]([A-Za-z]{3,9})[-, ]+(\d{4})" + TIME),
    Shape("bdy", r"([A-Za-z]{3,9}) +(\d{1,2}),? +(\d{4})" + TIME),
    Shape("epoch", r"(\d{10}(?:\.\d+)?|\d{13}|\d{16})"),
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FIRST_YEAR, LAST_YEAR = 1900, 2199

# Formats of moments since 1970: seconds (milliseconds and microseconds told by their digits),
# milliseconds, and the same as wall time in the zone, as some tools export it.
EPOCHS = ("epoch", "epoch_ms", "epoch_wall")
EPOCH_TEXT = r"\d{1,17}(\.\d+)?"
MILLIS_FROM, MICROS_FROM = 12, 15  # digits

_SHAPES = tuple((shape.order, re.compile(shape.regex)) for shape in SHAPES)
_TIME = re.compile(TIME)
_EPOCH_TEXT = re.compile(EPOCH_TEXT)
_EPOCH_UNIT = {10: 1, 13: 1_000, 16: 1_000_000}


class BadDate(ValueError):
    """This is no date, or none that the given format reads."""


class AmbiguousDate(ValueError):
    """This date can be read two ways; only a format settles it."""


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates of one file are read: `format` is strptime's, `zone` for wall times."""

    zone: ZoneInfo
    format: str | None = None

    def moment(self, text: str) -> datetime:
        """The moment in UTC; a bare day is its first moment in the zone.

        Raises BadDate or AmbiguousDate.
        """
        return _moment(text.strip(), self.format, self.zone)

    def day(self, text: str) -> date:
        """The calendar day, in the zone where an offset was given. Raises as `moment` does."""
        return _moment(text.strip(), self.format, self.zone).astimezone(self.zone).date()


@lru_cache(maxsize=65_536)
def _moment(text: str, pattern: str | None, zone: ZoneInfo) -> datetime:
    found = _by_format(text, pattern) if pattern else _by_shape(text)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadDate(text)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _by_format(text: str, pattern: str) -> datetime:
    if pattern in EPOCHS:
        return _by_epoch(text, pattern)
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is added by the caller
    except ValueError:
        pass
    for cut in (match.start() for match in re.finditer(r"T| +", text)):
        time = _TIME.fullmatch(text[cut:])
        if time:
            try:
                day = datetime.strptime(text[:cut], pattern)  # noqa: DTZ007
                return _with_time(day.year, day.month, day.day, time.groups())
            except ValueError:
                continue
    raise BadDate(text)


def _by_shape(text: str) -> datetime:
    for order, regex in _SHAPES:
        found = regex.fullmatch(text)
        if found:
            if order == "epoch":
                return _epoch(text)
            try:
                first, second, third, *time = found.groups()
                year, month, day = _calendar(order, first, second, third)
                return _with_time(year, month, day, tuple(time))
            except AmbiguousDate:
                raise AmbiguousDate(text) from None
            except ValueError:
                break
    raise BadDate(text)


def _calendar(order: str, first: str, second: str, third: str) -> tuple[int, int, int]:
    match order:
        case "ymd":
            return int(first), int(second), int(third)
        case "dby":
            return int(third), _month(second), int(first)
        case "bdy":
            return int(third), _month(first), int(second)
        case "short":
            raise AmbiguousDate
    a, b = int(first), int(second)
    if a > 12 or a == b:
        return int(third), b, a
    if b > 12:
        return int(third), a, b
    raise AmbiguousDate


def _month(name: str) -> int:
    return MONTHS.index(name[:3].lower()) + 1


def _with_time(year: int, month: int, day: int, time: tuple[str | None, ...]) -> datetime:
    hour, minute, second, fraction, half, zone = time
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            raise BadDate
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    micros = int((fraction or "0").ljust(6, "0")[:6])
    return datetime(
        year, month, day, hours, int(minute or 0), int(second or 0), micros, _offset(zone)
    )


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _by_epoch(text: str, pattern: str) -> datetime:
    if not _EPOCH_TEXT.fullmatch(text):
        raise BadDate(text)
    digits = len(text.partition(".")[0])
    unit = 1 if digits >= MICROS_FROM else 1_000 if digits >= MILLIS_FROM else 1_000_000
    unit = 1_000 if pattern == "epoch_ms" else unit
    try:
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=float(text) * unit)
    except OverflowError:
        raise BadDate(text) from None
    return found.replace(tzinfo=None) if pattern == "epoch_wall" else found


def _epoch(text: str) -> datetime:
    whole, _, fraction = text.partition(".")
    unit = _EPOCH_UNIT[len(whole)]
    micros = int(whole) * (1_000_000 // unit) + int(fraction.ljust(6, "0")[:6] or 0)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
