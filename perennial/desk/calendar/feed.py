"""Events as an iCalendar document (RFC 5545): days without a clock time, no amounts.

A day-long event needs no time zone: 24 November is that day wherever the phone is. UIDs stay the
same over time, so that a moved touchpoint moves in the calendar, too. Lines are folded at 75
bytes without cutting a character in two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from perennial.desk.calendar.events import Event

LINE_BYTES = 75
EOL = "\r\n"


def document(found: Iterable[Event], *, name: str, home: str, at: datetime) -> str:
    """`home` is where the links of the events begin; `at` is when this was computed."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Perennial//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for event in found for line in _event(event, home=home, stamp=stamp)),
        "END:VCALENDAR",
    ]
    return EOL.join(folded for line in lines for folded in fold(line)) + EOL


def _event(event: Event, *, home: str, stamp: str) -> Iterator[str]:
    title = event.label if event.title == event.label else f"{event.label}: {event.title}"
    done = "✓ " if event.is_done else ""
    yield "BEGIN:VEVENT"
    yield f"UID:{event.key}@perennial"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{_day(event.on)}"
    yield f"DTEND;VALUE=DATE:{_day(event.on + timedelta(days=1))}"
    yield f"SUMMARY:{escaped(f'{done}{event.customer} · {title}')}"
    yield f"CATEGORIES:{escaped(event.label)}"
    yield f"URL:{home}{event.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def escaped(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends; other control characters go."""
    for old, new in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(old, new)
    return "".join(it for it in text if it >= " " and it != "\x7f")


def fold(line: str) -> Iterator[str]:
    """Lines of at most 75 bytes; those that follow begin with a space."""
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LINE_BYTES:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + width
    yield part
