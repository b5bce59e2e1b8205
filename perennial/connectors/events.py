"""Imports a file of events, or of daily aggregates, into the store. The store's commit names the
import, so that after a crash it is known whether the rows are in."""

from __future__ import annotations

import codecs
import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from django.conf import settings

from perennial.connectors.files import Table, open_table
from perennial.connectors.files.opening import scratch
from perennial.connectors.files.recognising import opened, recognise
from perennial.connectors.files.table import Format, Recognised
from perennial.connectors.kinds import DAILY, KINDS, Kind
from perennial.connectors.loading import finish, recorded_rule, zone_of
from perennial.connectors.models import Import, State
from perennial.connectors.options import Options
from perennial.connectors.results import Counts, ImportResult, RowsRefused
from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer
from perennial.events.load import EventFile, LoadResult, Recorded, import_events
from perennial.events.load import Format as EventFormat
from perennial.events.models import Tombstone
from perennial.events.queries.erased import erased_among
from perennial.events.queries.settings import intake_settings
from perennial.events.store import open_store
from perennial.team.lease import hold
from perennial.team.models import User
from perennial.units.errors import Busy
from perennial.units.progress import Progress

LEASE = "import-events"
STORED = [kind.name for kind in KINDS if kind.stored]
_TEXT = {Format.CSV: EventFormat.CSV, Format.NDJSON: EventFormat.NDJSON}


def load_events(
    of: Kind,
    record: Import,
    path: Path,
    options: Options,
    *,
    rejects: Path,
    by: User | None,
    at: datetime,
    progress: Progress,
) -> ImportResult:
    """Write the rows of a file and finish its Import.

    Raises InputRefused for the file, RowsRefused for its rows; nothing is written then, and
    no Import stays behind.
    """
    rule = recorded_rule(of, options)
    with hold(LEASE, wait_seconds=20), prepared(path, options) as (plain, kind, delimiter):
        recover()
        if not options.dry_run:
            record.state = State.RUNNING
            record.save()
        file = _event_file(record, plain, kind, delimiter, options, rejects, Recorded(rule.value))
        if of is DAILY:  # a day is a day of business, whatever the zone of the file
            zone = settings.PERENNIAL_TIME_ZONE
            file = replace(file, daily=True, time_zone=zone, mapping=options.map)
        try:
            done = _into_store(file, at=at, progress=progress)
        except BaseException:
            _forget(record)
            raise
        result = _result(of, done, options, rejects)
        result.recorded = rule.value
        if done.rejected and not options.skip_bad_rows:
            _forget(record)
            raise RowsRefused(result)
        if not options.dry_run:
            finish(record, result, by=by, at=at)
    return result


def _into_store(file: EventFile, *, at: datetime, progress: Progress) -> LoadResult:
    return import_events(
        file,
        store=open_store(),
        known_customers=pa.table({"customer": _known_customers()}),
        zone=settings.PERENNIAL_TIME_ZONE,
        at=at,
        progress=progress,
    )


def _event_file(
    record: Import,
    path: Path,
    kind: EventFormat,
    delimiter: str,
    options: Options,
    rejects: Path,
    recorded: Recorded,
) -> EventFile:
    return EventFile(
        path=path,
        format=kind,
        batch=record.pk or 0,
        time_zone=zone_of(options),
        # What every other kind calls recorded_at is an event's received_at.
        mapping={
            "received_at" if ours == "recorded_at" else ours: it for ours, it in options.map.items()
        },
        id_columns=options.id_columns,
        date_format=options.date_format,
        delimiter=delimiter,
        escape=options.escape,
        source=options.source,
        recorded=recorded,
        skip_bad_rows=options.skip_bad_rows,
        rejects_path=rejects,
        dry_run=options.dry_run,
        orders=dict(
            OrderLine.objects.order_by("pk").values_list("order_id", "customer__external_id")
        ),
        bot_people=intake_settings().bot_people,
        erased_among=erased_among if Tombstone.objects.exists() else None,
        name=options.title or path.name,
    )


def _known_customers() -> pa.Array:
    return pa.array(Customer.objects.values_list("external_id", flat=True), pa.string())


def _forget(record: Import) -> None:
    """Nothing was written: a draft of the web stays a draft, anything else goes."""
    if record.stored_as:
        record.state = State.DRAFT
        record.save()
    elif record.pk:
        record.delete()


def _result(of: Kind, done: LoadResult, options: Options, rejects: Path) -> ImportResult:
    result = ImportResult(
        of.name,
        options.title,
        dry_run=options.dry_run,
        counts=Counts(
            rows=done.rows,
            added=done.added,
            changed=done.changed,
            duplicates=done.duplicates,
            rejected=done.rejected,
            unattributed=done.unattributed,
        ),
        errors=list(done.errors),
    )
    if done.rejected:
        result.rejects = str(rejects)
    return result


def recover() -> None:
    """Finish the record of imports whose process died: the store knows whether they are in.

    Call while holding the lease: what still says 'running' then is dead.
    """
    store = open_store()
    for record in Import.objects.filter(kind__in=STORED, state=State.RUNNING):
        application = f"import:{record.pk}"
        if store.consumed("events", application) < 0:
            record.state = State.DRAFT if record.stored_as else State.INTERRUPTED
        else:
            facts = store.facts("events", application=application) or {}
            known = {name: facts.get(name, 0) for name in asdict(Counts()) if name in facts}
            record.counts = asdict(Counts(**known))
            record.state, record.finished_at = State.DONE, record.created_at
        record.save()


def recover_dead() -> None:
    """`recover`, unless an import is alive: for pages that list imports."""
    if Import.objects.filter(kind__in=STORED, state=State.RUNNING).exists():
        with suppress(Busy), hold(LEASE):
            recover()


@contextmanager
def prepared(path: Path, options: Options) -> Iterator[tuple[Path, EventFormat, str]]:
    """The file as the engine reads it: plain, text in UTF-8; a copy in the home's scratch
    folder where it is not. Raises InputRefused when it cannot be read."""
    title = options.title or path.name
    found = recognise(path, title=title, encoding=options.encoding, delimiter=options.delimiter)
    if found.format is Format.PARQUET and not found.gzip:
        yield path, EventFormat.PARQUET, ","
        return
    if found.format in _TEXT and not found.gzip and found.encoding == "utf-8-sig":
        yield path, _TEXT[found.format], found.delimiter
        return
    with TemporaryDirectory(dir=scratch()) as folder:
        plain = Path(folder) / "events"
        if found.format is Format.XLSX:
            _as_csv(open_table(path, title=title), plain, options.date_format)
            yield plain, EventFormat.CSV, ","
        elif found.format is Format.PARQUET:
            with opened(path, gzipped=True, title=title) as packed, plain.open("wb") as target:
                shutil.copyfileobj(packed, target, 1 << 20)
            yield plain, EventFormat.PARQUET, ","
        else:
            _as_utf8(path, plain, found, title)
            yield plain, _TEXT[found.format], found.delimiter


def _as_utf8(path: Path, plain: Path, found: Recognised, title: str) -> None:
    with (
        opened(path, gzipped=found.gzip, title=title) as source,
        plain.open("w", encoding="utf-8", newline="") as target,
    ):
        decoder = codecs.getincrementaldecoder(found.encoding)()
        while chunk := source.read(1 << 20):
            target.write(decoder.decode(chunk))
        target.write(decoder.decode(b"", final=True))


def _as_csv(table: Table, plain: Path, date_format: str | None) -> None:
    """XLSX as CSV. Dates that the sheet types are written so that they are read again."""
    with plain.open("w", encoding="utf-8", newline="") as target:
        lines = csv.writer(target)
        lines.writerow(table.columns)
        for _row, cells in table.read():
            lines.writerow([_typed(cell, date_format) for cell in cells])


def _typed(cell: str | date | None, date_format: str | None) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    if not date_format:
        return cell.isoformat()
    time = (
        f" {cell:%H:%M:%S}" if isinstance(cell, datetime) and cell.time() != cell.min.time() else ""
    )
    return f"{cell.strftime(date_format)}{time}"
