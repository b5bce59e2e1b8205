"""Import a file, and take an import back."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from perennial.connectors import uploads
from perennial.connectors.drafts import mapping_said, options_of, options_said
from perennial.connectors.events import load_events
from perennial.connectors.files import open_table
from perennial.connectors.files.opening import scratch
from perennial.connectors.kinds import Kind, kind_named
from perennial.connectors.loading import LEASE_SECONDS, load, note_result
from perennial.connectors.models import Import, SavedMapping, State
from perennial.connectors.options import DEFAULT_SOURCE, Options
from perennial.connectors.plan import plan, shape_of
from perennial.connectors.rejects import Rejects
from perennial.connectors.results import ImportResult, RowsRefused
from perennial.connectors.undoing import take_back
from perennial.team import audit
from perennial.team.lease import hold
from perennial.team.models import User
from perennial.units.errors import EnvironmentFault, InputRefused
from perennial.units.progress import Progress, silent
from perennial.units.sentence import sentence


def import_file(
    kind_name: str,
    path: Path,
    *,
    options: Options | None = None,
    by: User | None,
    at: datetime,
    draft: Import | None = None,
    progress: Progress = silent,
) -> ImportResult:
    """Import a file of a kind (see `kinds.KINDS`): all of it, or nothing.

    `draft` is the Import that an upload began. Raises InputRefused when the file as a whole
    cannot be taken, RowsRefused (with every count and error) when rows are wrong and
    `options.skip_bad_rows` is not set; nothing was written then.
    """
    kind = kind_named(kind_name)
    options = options or Options()
    options = replace(options, title=options.title or path.name)
    _refuse_place(options.rejects, source=path)
    record = draft or Import()
    _describe(record, kind, options, by=by, at=at)
    kept = _fresh_rejects()
    try:
        if kind.stored:
            result = load_events(
                kind, record, path, options, rejects=kept, by=by, at=at, progress=progress
            )
        else:
            result = _load_rows(kind, record, path, options, kept, by=by, at=at, progress=progress)
    except RowsRefused as refused:
        if not record.stored_as:
            record.pk = None  # rolled back
        refused.result.rejects = _keep_rejects(kept, options, record)
        raise
    result.rejects = _keep_rejects(kept, options, record)
    return result


def _describe(
    record: Import, kind: Kind, options: Options, *, by: User | None, at: datetime
) -> None:
    record.kind = kind.name
    record.file_name = options.title[:300]
    record.source = options.source
    record.state = State.RUNNING
    record.mapping = mapping_said(options.map)
    record.options = options_said(options)
    record.by = by
    record.created_at = record.created_at or at


def _load_rows(
    kind: Kind,
    record: Import,
    path: Path,
    options: Options,
    kept: Path,
    *,
    by: User | None,
    at: datetime,
    progress: Progress,
) -> ImportResult:
    table = open_table(
        path, title=options.title, encoding=options.encoding, delimiter=options.delimiter
    )
    try:
        how = plan(kind, table, options)
        with Rejects(kept, columns=table.columns) as rejects:
            return load(record, table, how, options, rejects, by=by, at=at, progress=progress)
    finally:
        if table.path != path:
            table.path.unlink(missing_ok=True)


def rejects_file(number: int) -> Path:
    """Where the refused rows of an import are kept."""
    home: Path = settings.PERENNIAL_HOME
    return home / "imports" / f"{number}.rejects.csv"


def _refuse_place(rejects: Path | None, *, source: Path) -> None:
    """Said before anything is written, not after. Raises EnvironmentFault."""
    if rejects is None:
        return
    if not os.access(rejects.absolute().parent, os.W_OK) or rejects.resolve() == source.resolve():
        raise EnvironmentFault(
            "The refused rows cannot be written to {path}. Name another file.",
            code="rejects_place",
            params={"path": str(rejects)},
        )


def _fresh_rejects() -> Path:
    return scratch() / f"{uuid4().hex}.rejects.csv"


def _keep_rejects(kept: Path, options: Options, record: Import) -> str:
    """Move the refused rows to where they were asked for, and beside the import."""
    if not kept.exists():
        return ""
    if options.rejects is not None:
        shutil.copyfile(kept, options.rejects)
    if record.pk and not options.dry_run:
        target = rejects_file(record.pk)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(kept, target)
        return str(options.rejects or target)
    kept.unlink()
    return str(options.rejects or "")


class UndoRefused(InputRefused):
    """Later changes stand on the import's rows; `touched` names them."""

    code = "undo_refused"

    def __init__(self, message: str, touched: list[str]) -> None:
        super().__init__(message, params={"rows": ", ".join(touched[:20])})
        self.touched = touched


def undo_import(record: Import, *, by: User | None, at: datetime) -> int:
    """Take an import back; returns how many rows it had made or changed.

    Raises UndoRefused, naming them, when rows were changed or built upon since.
    """
    if record.state != State.DONE:
        raise UndoRefused("Only a finished import can be undone.", [])
    with transaction.atomic():
        locked = Import.objects.select_for_update().get(pk=record.pk)
        if locked.state != State.DONE:
            raise UndoRefused("This import was undone already.", [])
        count, touched = take_back(locked)
        if touched:
            transaction.set_rollback(True)
        else:
            locked.state, locked.undone_at = State.UNDONE, at
            locked.save()
            audit.record(
                "import.undone",
                object_type="import",
                object_id=locked.pk,
                summary=f"{locked.kind}: {locked.file_name}",
                detail={"rows": count},
                by=by,
                at=at,
            )
    if touched:
        raise UndoRefused(
            sentence(
                "These rows were changed or built upon after the import, so it stays: {rows}."
            ),
            touched,
        )
    record.refresh_from_db()
    return count


def start_draft(kind_name: str, file: UploadedFile, *, by: User, at: datetime) -> Import:
    """Keep an uploaded file for the steps to come."""
    return Import.objects.create(
        kind=kind_named(kind_name).name,
        file_name=(file.name or "")[:300],
        source=DEFAULT_SOURCE,
        state=State.DRAFT,
        stored_as=uploads.keep(file),
        by=by,
        created_at=at,
    )


def check_draft(
    draft: Import, *, columns: tuple[str, ...], options: Options, by: User, at: datetime
) -> ImportResult:
    """Try the import without writing, and keep on the draft what came of it. The mapping is
    saved for the next file of this shape. Raises InputRefused for the file as a whole."""
    path = uploads.path_of(draft.stored_as)
    trial = replace(options, title=draft.file_name, dry_run=True, skip_bad_rows=True)
    result = import_file(draft.kind, path, options=trial, by=by, at=at, draft=draft)
    draft.state = State.DRAFT
    draft.finished_at = None
    note_result(draft, result)
    draft.save()
    with transaction.atomic():
        _save_mapping(draft.kind, columns, options, by=by, at=at)
    return result


def run_draft(draft: Import, *, skip_bad_rows: bool, by: User, at: datetime) -> ImportResult:
    """Import what was checked. Raises InputRefused, nothing written, the draft kept."""
    # A second click on the button waits for the first, and finds the work done.
    with hold("import-draft", wait_seconds=LEASE_SECONDS):
        draft.refresh_from_db()
        _must_be_draft(draft)
        options = replace(
            options_of(draft, title=draft.file_name), skip_bad_rows=skip_bad_rows, dry_run=False
        )
        path = uploads.path_of(draft.stored_as)
        result = import_file(draft.kind, path, options=options, by=by, at=at, draft=draft)
        Import.objects.filter(pk=draft.pk).update(stored_as="")
        uploads.forget(path.name)
    return result


def _must_be_draft(draft: Import) -> None:
    if draft.state != State.DRAFT:
        raise InputRefused("This upload was imported already.", code="imported_already")


def discard_draft(draft: Import, *, by: User, at: datetime) -> None:
    """Throw an upload away that was not imported."""
    _must_be_draft(draft)
    uploads.forget(draft.stored_as)
    with transaction.atomic():
        audit.record(
            "import.discarded",
            object_type="import",
            object_id=draft.pk,
            summary=f"{draft.kind}: {draft.file_name}",
            by=by,
            at=at,
        )
        draft.delete()


def _save_mapping(
    kind: str, columns: tuple[str, ...], options: Options, *, by: User, at: datetime
) -> None:
    saved, _created = SavedMapping.objects.update_or_create(
        kind=kind,
        shape=shape_of(columns),
        defaults={
            "mapping": mapping_said(options.map),
            "options": options_said(options),
            "saved_at": at,
        },
    )
    audit.record(
        "import.mapping_saved",
        object_type="saved_mapping",
        object_id=saved.pk,
        summary=kind,
        by=by,
        at=at,
    )
