"""Files that came over HTTP go into the store as `perennial import` would bring them there."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

from perennial.config import faults
from perennial.connectors.actions import import_file
from perennial.connectors.events import recover_dead
from perennial.connectors.models import Import, State
from perennial.connectors.options import Options, RecordedRule
from perennial.connectors.results import ImportResult
from perennial.events.inbox.bulk import BulkFile, BulkState, settle, tidy, waiting
from perennial.events.intake.loading import inbox_folder
from perennial.events.models import Source
from perennial.team.lease import hold
from perennial.units.errors import Busy, InputRefused, RowError
from perennial.units.sentence import sentence

ERRORS_TOLD = 100
log = logging.getLogger("perennial.bulk")


def bulk_folder() -> Path:
    return inbox_folder() / "bulk"


def turn(wait_seconds: float = 0) -> bool:
    """Import the files that wait; False when that failed. Never raises."""
    folder = bulk_folder()
    try:
        if not folder.is_dir():
            return True
        with hold("bulk", wait_seconds=wait_seconds):
            tidy(folder)
            for file in waiting(folder):
                settle(folder, file, _imported(folder / file.name, file))
    except Busy:
        return True  # another import is at it
    except Exception as error:
        log.error("a file waits, importing it failed: %s", faults.sentence(faults.name(error)))
        return False
    return True


def _imported(path: Path, file: BulkFile) -> dict[str, object]:
    """What came of a file. After a kill the same again: rows that are in are not taken twice."""
    recover_dead()
    before = Import.objects.filter(file_name=file.title, state=State.DONE).first()
    if before is not None:
        return {"state": BulkState.DONE, "import": before.pk, **before.counts, "errors": []}
    source = Source.objects.filter(pk=file.source).first()
    if source is None:
        return _failed(InputRefused(sentence("The source is no longer there."), code="no_source"))
    options = Options(
        title=file.title,
        source=source.name,
        recorded=RecordedRule(file.recorded) if file.recorded else None,
        skip_bad_rows=True,
    )
    try:
        done = import_file(file.kind, path, options=options, by=None, at=file.received_at)
    except InputRefused as refused:
        return _failed(refused)
    return _told(done)


def _told(done: ImportResult) -> dict[str, object]:
    errors = [
        {"row": it.row, "column": it.column, "code": it.code, "message": _message(it)}
        for it in done.errors[:ERRORS_TOLD]
    ]
    return {
        "state": BulkState.DONE,
        "import": done.number,
        **asdict(done.counts),
        "errors": errors,
    }


def _failed(refused: InputRefused) -> dict[str, object]:
    return {"state": BulkState.FAILED, "code": refused.code, "message": _message(refused)}


def _message(error: InputRefused | RowError) -> str:
    return error.message.format_map(dict(error.params))
