"""The data: the store can be read, the days are computed, the sources still deliver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from perennial.config import faults
from perennial.config.doctor.finding import Finding, Level
from perennial.connectors.models import Import, State
from perennial.customers.models import Customer
from perennial.events.models import Source
from perennial.events.queries import event_summary
from perennial.events.queries.arrivals import silent_now
from perennial.events.queries.quality import feed_state
from perennial.events.store import identifier, open_store
from perennial.events.store.tables import TABLES
from perennial.team import days
from perennial.units.errors import PerennialError
from perennial.units.moment import last_complete_day
from perennial.web.formats import moment

STALE_DAYS = 3
LONGEST_DAY = timedelta(hours=1)  # a day that began longer ago was cut off
ORPHAN_AFTER_SECONDS = 48 * 3600  # replaced files stay for readers for a day


def store() -> Iterator[Finding]:
    """Every file of every table is there and can be read; nothing else takes up space."""
    here = open_store()
    for name in TABLES:
        snapshot = here.snapshot(name)
        listed = {snapshot.folder / file.path for file in snapshot.files}
        gone = [path for path in listed if not path.exists()]
        if gone:
            yield Finding(
                "store_files_gone",
                _("{count} files of the table {table} are missing.").format(
                    count=len(gone), table=name
                ),
                _("Restore the last backup, or import the files of those days again."),
            )
            continue
        yield from _unreadable(name)
        yield from _orphans(name, listed)


def lost_events() -> Iterator[Finding]:
    """What the database says was imported is in the store: a folder left behind shows here."""
    stored = Import.objects.filter(kind__in=("events", "daily"))
    done = stored.filter(state=State.DONE, counts__added__gt=0)
    if done.exists() and not event_summary().events:
        yield Finding(
            "events_gone",
            _("Events were imported, but the store in {folder} holds none.").format(
                folder=settings.PERENNIAL_HOME / "store"
            ),
            _("Restore the last backup, or import the files again."),
        )


def _unreadable(name: str) -> Iterator[Finding]:
    try:
        with open_store().reading(name) as session:
            session.rows(f"SELECT count(*), min(day), max(day) FROM {identifier(name)}")  # noqa: S608
    except PerennialError as error:
        yield Finding(
            "store_unreadable",
            _("The table {table} cannot be read: {reason}").format(
                table=name, reason=faults.sentence(error)
            ),
            _("Restore the last backup, or import the files again."),
        )


def _orphans(name: str, listed: set[Path]) -> Iterator[Finding]:
    old = time.time() - ORPHAN_AFTER_SECONDS
    files = (settings.PERENNIAL_HOME / "store" / name).rglob("*.parquet")
    orphans = [
        it for it in files if "_delta_log" not in it.parts and it not in listed
        and it.stat().st_mtime < old
    ]  # fmt: skip
    if orphans:
        size = sum(it.stat().st_size for it in orphans)
        yield Finding(
            "orphan_files",
            _("{count} files ({megabytes:.0f} MB) of the table {table} belong to nothing.").format(
                count=len(orphans), megabytes=size / 1e6, table=name
            ),
            _("Nothing is lost by them: the next `perennial run` removes them."),
            Level.ADVICE,
        )


def computed_days() -> Iterator[Finding]:
    """The day is computed up to yesterday, without a failure."""
    for it in days.failures():
        yield Finding(
            "day_failed",
            _("{day}: the step {step} failed: {reason}").format(
                day=it.day, step=it.step, reason=it.error
            ),
            f"perennial run --day {it.day}",
        )
    if not Customer.objects.exists():
        return
    last, now = days.last_day(), datetime.now(UTC)
    expected = last_complete_day(now, settings.PERENNIAL_TIME_ZONE)
    if last is None:  # also while the only day is computed again, after an import
        if not days.is_running(since=now - LONGEST_DAY):
            yield Finding("day_never_computed", _("No day has been computed yet."), "perennial run")
    elif last < expected - timedelta(days=1):
        yield Finding(
            "days_missed",
            _("The last computed day is {day}.").format(day=last),
            _("`perennial run` fills the missing days; `perennial serve` does it every morning."),
        )


def feeds() -> Iterator[Finding]:
    """Every source of events still delivers, and its events find their customers."""
    summary = event_summary()
    now = datetime.now(UTC)
    for it in silent_now(now=now):
        yield Finding(
            "silent_source",
            _("Nothing has come from {source} since {moment}.").format(
                source=it.source.name, moment=moment(it.last_at)
            ),
            _("Look at what sends it; the page Data quality says whom it concerns."),
        )
    over_http = set(Source.objects.values_list("name", flat=True))
    today = last_complete_day(now, settings.PERENNIAL_TIME_ZONE)
    gone = {feed.source for feed in feed_state(as_of=today).feeds if not feed.counts}
    for source, received_at in summary.last_received_at.items():
        if source in over_http | gone:  # judged by its own rhythm, or not waited for any more
            continue
        if now - received_at > timedelta(days=STALE_DAYS):
            yield Finding(
                "stale_feed",
                _("Nothing has come from {source} since {day}.").format(
                    source=source, day=received_at.date()
                ),
                _("Import its newest file, or look at what sends it."),
            )
    if summary.unattributed:
        yield Finding(
            "unattributed_events",
            _("{count} events belong to no known customer. They are kept.").format(
                count=summary.unattributed
            ),
            _("Import these customers; their events are counted from then on."),
        )
