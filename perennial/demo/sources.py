"""Where the events of the demo company come from: its own server, its web app, its mobile app.

The server has sent since the beginning (its history comes as a file, under the same name), the
web app for six weeks, from customers who try it first. The mobile app sends wrong items since
its last release, and then nothing at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings

from perennial.demo.finance import morning
from perennial.demo.parameters import CompanyParameters
from perennial.demo.words import Pair
from perennial.events.actions import add_source
from perennial.events.models import EventName, IntakeHour, Source, SourceKind
from perennial.events.queries.sources import source_named
from perennial.events.rules.sources import SourceSettings
from perennial.events.store import open_store
from perennial.team.models import User
from perennial.units.moment import day_start
from perennial.units.period import ONE_DAY, add_months

WEEKS: Final = 6  # of arrivals by the hour
NEVER_LOADED: Final = -1  # these hours came with the history, not with a load of the inbox


class Sent(StrEnum):
    """Who sends."""

    SERVER = "server"
    WEB = "web"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class _Source:
    name: Pair
    kind: SourceKind
    settings: SourceSettings


SOURCES: Final[Mapping[Sent, _Source]] = {
    Sent.SERVER: _Source(
        Pair("服务端", "Server"), SourceKind.SERVER, SourceSettings(silent_after_hours=72)
    ),
    Sent.WEB: _Source(
        Pair("网页埋点", "Web app"),
        SourceKind.BROWSER,
        SourceSettings(origins=("https://app.demo.invalid",), silent_after_hours=72),
    ),
    Sent.MOBILE: _Source(
        Pair("移动端", "Mobile app"), SourceKind.BROWSER, SourceSettings(requests_per_minute=600)
    ),
}


def first_day(end_on: date) -> date:
    """The first day on which browsers and phones send; its weekday is that of `end_on`."""
    return end_on - timedelta(weeks=WEEKS) + ONE_DAY


def add_sources(*, end_on: date, language: str, by: User, at: datetime) -> dict[Sent, Source]:
    """The three sources; those that are there stay. Their keys are told to nobody: `perennial
    sources rotate` makes new ones."""
    begun = {
        Sent.SERVER: add_months(end_on, -CompanyParameters().history_months),
        Sent.WEB: first_day(end_on),
        Sent.MOBILE: first_day(end_on),
    }
    found = {}
    for sent, it in SOURCES.items():
        name = it.name.text(language)
        found[sent] = (
            source_named(name)
            or add_source(
                name,
                kind=it.kind,
                settings=it.settings,
                by=by,
                at=morning(begun[sent] - ONE_DAY, at=at),
            )[0]
        )
    return found


def record_arrivals(source: Source, *, end_on: date) -> None:
    """What intake would have written down, had the file's events come over HTTP: the hours of
    the last weeks, and the names of all events."""
    start = day_start(first_day(end_on), settings.PERENNIAL_TIME_ZONE)
    with open_store().reading("events") as session:
        hours = session.rows(
            "SELECT epoch_us(received_at) // 3_600_000_000, count(*), "
            "sum(epoch(received_at) - epoch(ts))::DOUBLE, "
            "count(*) FILTER (received_at - ts > INTERVAL 1 DAY) "
            "FROM events WHERE source = $1 AND received_at >= $2 GROUP BY ALL",
            [source.name, start],
        )
    IntakeHour.objects.bulk_create(
        [
            IntakeHour(
                source=source,
                hour_at=datetime.fromtimestamp(hour * 3_600, UTC),
                last_load=NEVER_LOADED,
                accepted=accepted,
                lag_seconds=lag_seconds,
                late=late,
            )
            for hour, accepted, lag_seconds, late in hours
        ],
        ignore_conflicts=True,
    )
    _record_names(source)


def _record_names(source: Source) -> None:
    with open_store().reading("events") as session:
        names = session.rows(
            "SELECT event, min(received_on), max(received_on) FROM events WHERE source = $1 "
            "GROUP BY ALL",
            [source.name],
        )
    EventName.objects.bulk_create(
        [
            EventName(source=source.name, name=name, first_on=first_on, last_on=last_on)
            for name, first_on, last_on in names
        ],
        ignore_conflicts=True,
    )
