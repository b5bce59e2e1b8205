"""Imports a file into the database: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from perennial.connectors.files import Table
from perennial.connectors.kinds import Kind
from perennial.connectors.models import Import, ImportChange, State
from perennial.connectors.options import Options, RecordedRule
from perennial.connectors.plan import Plan
from perennial.connectors.records import Reader, Record
from perennial.connectors.rejects import Rejects
from perennial.connectors.results import (
    ERRORS_KEPT,
    ImportResult,
    RowsRefused,
    splits_missing,
    unknown_columns,
    unknown_owners,
)
from perennial.connectors.writing import Writing
from perennial.customers.upsert import Change
from perennial.team import audit
from perennial.team.lease import hold
from perennial.team.models import User
from perennial.units.dates import Dates
from perennial.units.errors import InputRefused, RowError
from perennial.units.progress import Progress

LEASE, LEASE_SECONDS = "import", 60  # two imports of the same rows take turns
_ROWS_AT_ONCE = 2_000


def zone_of(options: Options) -> ZoneInfo:
    """The zone of wall times in the file. Raises InputRefused for one that does not exist."""
    if options.time_zone is None:
        zone: ZoneInfo = settings.PERENNIAL_TIME_ZONE
        return zone
    try:
        return ZoneInfo(options.time_zone)
    except (KeyError, ValueError, OSError) as wrong:
        raise InputRefused(
            "There is no time zone “{name}”. Write one such as Asia/Shanghai.",
            code="unknown_time_zone",
            params={"name": options.time_zone},
        ) from wrong


def recorded_rule(kind: Kind, options: Options) -> RecordedRule:
    """Effective for the first import of a source, now afterwards, unless it was said."""
    if options.recorded is not None:
        return options.recorded
    done = Import.objects.filter(kind=kind.name, source=options.source, state=State.DONE)
    return RecordedRule.NOW if done.exists() else RecordedRule.EFFECTIVE


def load(
    record: Import,
    table: Table,
    plan: Plan,
    options: Options,
    rejects: Rejects,
    *,
    by: User | None,
    at: datetime,
    progress: Progress,
) -> ImportResult:
    """Write the rows of a table and finish its Import, in one transaction.

    A dry run does all of it and takes it back. Raises RowsRefused when rows are wrong and
    `skip_bad_rows` was not asked for; nothing is written then.
    """
    rule = recorded_rule(plan.kind, options)
    reader = Reader(table, plan, Dates(zone_of(options), options.date_format), rule, at)
    result = ImportResult(plan.kind.name, table.title, dry_run=options.dry_run, recorded=rule.value)
    if plan.unused:
        result.notices.append(unknown_columns(plan.unused))
    with hold(LEASE, wait_seconds=LEASE_SECONDS), transaction.atomic():
        record.save()
        _write(record, reader, options, rejects, result, by=by, at=at, progress=progress)
        refused = bool(result.counts.rejected) and not options.skip_bad_rows
        if refused or options.dry_run:
            transaction.set_rollback(True)
        else:
            finish(record, result, by=by, at=at)
    if refused:
        raise RowsRefused(result)
    return result


def _write(
    record: Import,
    reader: Reader,
    options: Options,
    rejects: Rejects,
    result: ImportResult,
    *,
    by: User | None,
    at: datetime,
    progress: Progress,
) -> None:
    """Write every row that can be written, and count."""
    kind = reader.plan.kind
    writing = Writing(
        kind.name, record.pk, settings.PERENNIAL_CURRENCY, options.create_customers, by, at
    )
    owners: set[str] = set()
    for records in _portions(reader, whole=kind.whole):
        owners |= _portion(records, writing, reader.plan, rejects, result, record)
        progress(reader.rows)
    if owners:
        result.notices.append(unknown_owners(kind.name, sorted(owners)))
    if writing.unsplit:
        result.notices.append(splits_missing(writing.unsplit))
    result.counts.rows, result.counts.duplicates = reader.rows, reader.duplicates
    result.counts.created_customers = len(writing.created)


def _portions(reader: Reader, *, whole: bool) -> Iterator[list[Record]]:
    records = iter(reader)
    if whole:
        yield list(records)
        return
    while portion := list(islice(records, _ROWS_AT_ONCE)):
        yield portion


def _portion(
    records: Sequence[Record],
    writing: Writing,
    plan: Plan,
    rejects: Rejects,
    result: ImportResult,
    record: Import,
) -> set[str]:
    """Write one portion; returns the owners in it who are no users."""
    outcome = writing.write([it for it in records if not it.errors])
    late: dict[int, list[RowError]] = {}
    for error in outcome.errors:
        named = replace(error, column=plan.theirs(error.column), file=result.file)
        late.setdefault(error.row or 0, []).append(named)
    for it in records:
        errors = it.errors or late.get(it.row, [])
        if errors:
            result.counts.rejected += 1
            result.errors += errors[: max(0, ERRORS_KEPT - len(result.errors))]
            rejects.add(it.cells, errors)
    result.counts.added += outcome.added
    result.counts.changed += outcome.changed
    result.counts.same += outcome.same
    _keep_changes(record, outcome.changes)
    return set(outcome.unknown_owners)


def _keep_changes(record: Import, changes: Sequence[Change]) -> None:
    ImportChange.objects.bulk_create(
        [
            ImportChange(of=record, table=it.table, row=it.pk, before=it.before, version=it.version)
            for it in changes
        ],
        batch_size=2_000,
    )


@transaction.atomic
def finish(record: Import, result: ImportResult, *, by: User | None, at: datetime) -> None:
    """Mark an import as done, with its counts and its audit line, in one transaction."""
    result.number = record.pk
    record.state = State.DONE
    record.finished_at = at
    note_result(record, result)
    record.save()
    audit.record(
        "import.done",
        object_type="import",
        object_id=record.pk,
        summary=f"{result.kind}: {result.file}",
        detail=asdict(result.counts),
        by=by,
        at=at,
    )


def note_result(record: Import, result: ImportResult) -> None:
    """Put what came of it on the Import, to be shown later in any language."""
    record.counts = asdict(result.counts)
    record.notices = [
        {"code": it.code, "message": it.message, "params": dict(it.params)} for it in result.notices
    ]
    record.errors = [
        {
            "code": it.code,
            "message": it.message,
            "row": it.row,
            "column": it.column,
            "params": dict(it.params),
        }
        for it in result.errors
    ]
