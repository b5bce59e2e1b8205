"""Texts of playbooks: drafted, published as the next version, copied, retired, made automatic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from perennial.customers.actions import EditConflict
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence
from perennial.work.models import Playbook, PlaybookVersion
from perennial.work.playbooks.queries.definitions import faults_of
from perennial.work.playbooks.rules.definition import Definition, of, plain
from perennial.work.playbooks.rules.step_checks import NAME
from perennial.work.playbooks.versions import newest, playbook_row


@transaction.atomic
def save_draft(
    name: str, definition: Mapping[str, Any], *, edits: int, by: User | None, at: datetime
) -> PlaybookVersion:
    """Keep the one draft of a playbook, faults and all; `edits` as it was read (0: there was
    none). Raises EditConflict when somebody saved it meanwhile, InputRefused for a wrong name."""
    if not NAME.match(name):
        text = sentence("Short names have small letters, digits and _, up to 40.")
        raise InputRefused(text, code="wrong_name", column="name")
    row = playbook_row(name, at=at) or Playbook.objects.create(name=name, made_at=at)
    values = {"definition": {**definition, "name": name}, "changed_at": at, "by": by}
    drafts = row.versions.filter(published_at__isnull=True)
    if edits:
        if not drafts.filter(edits=edits).update(**values, edits=F("edits") + 1):
            raise _conflict()
        draft = drafts.get()
    elif drafts.exists():
        raise _conflict()
    else:
        number = (row.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1
        draft = PlaybookVersion.objects.create(playbook=row, number=number, **values)
    _note("playbook_draft_saved", name, {"edits": draft.edits}, by=by, at=at)
    return draft


@transaction.atomic
def discard_draft(name: str, *, by: User | None, at: datetime) -> None:
    """Throw the draft away. Raises InputRefused when there is none."""
    drafts = PlaybookVersion.objects.filter(playbook__name=name, published_at__isnull=True)
    draft = drafts.first()
    if draft is None:
        raise _no_draft()
    detail = {"definition": draft.definition}
    draft.delete()
    if not PlaybookVersion.objects.filter(playbook__name=name).exists():
        Playbook.objects.filter(name=name).delete()  # it was never more than this draft
    _note("playbook_draft_discarded", name, detail, by=by, at=at)


@transaction.atomic
def publish(
    name: str, *, edits: int, is_checked: bool = False, by: User | None, at: datetime
) -> PlaybookVersion:
    """Let the draft count from now on; runs under way keep theirs. Raises InputRefused with
    every fault (not when `is_checked`), EditConflict when the draft is another one by now."""
    draft = (
        PlaybookVersion.objects.select_for_update(of=("self",))
        .filter(playbook__name=name, published_at__isnull=True)
        .first()
    )
    if draft is None:
        raise _no_draft()
    if draft.edits != edits:
        raise _conflict()
    if not is_checked:
        refuse(faults_of(draft.definition))
    draft.definition = plain(of(draft.definition))
    draft.published_at, draft.by = at, by
    draft.save()
    Playbook.objects.filter(name=name).update(retired_at=None)
    _note("playbook_published", name, {"version": draft.number}, by=by, at=at)
    return draft


@transaction.atomic
def publish_text(
    definition: Mapping[str, Any], *, is_checked: bool = False, by: User | None, at: datetime
) -> PlaybookVersion | None:
    """Publish a whole text at once, whatever draft there is; None when it is in force already."""
    if not is_checked:
        refuse(faults_of(definition))
    wanted: Definition = of(definition)
    row = playbook_row(wanted.name, at=at) or Playbook.objects.create(name=wanted.name, made_at=at)
    before = newest(row)
    if row.retired_at is None and before and of(before.definition) == wanted:
        return None
    row.versions.filter(published_at__isnull=True).delete()
    made = save_draft(wanted.name, plain(wanted), edits=0, by=by, at=at)
    return publish(wanted.name, edits=made.edits, is_checked=True, by=by, at=at)


def copy(name: str, *, to: str, by: User | None, at: datetime) -> PlaybookVersion:
    """A draft under a new name that says what another playbook says. Raises InputRefused."""
    source = playbook_row(name, at=at)
    version = newest(source) if source else None
    if version is None:
        raise unknown(name)
    if playbook_row(to, at=at) is not None:
        text = sentence("There is a playbook “{name}” already.")
        raise InputRefused(text, code="twice", column="name", params={"name": to})
    return save_draft(to, version.definition, edits=0, by=by, at=at)


@transaction.atomic
def retire(name: str, *, by: User | None, at: datetime) -> None:
    """Nobody enters it any more; runs under way go on to their end."""
    _mark(name, "playbook_retired", {"retired_at": at, "is_automatic": False}, by=by, at=at)


@transaction.atomic
def bring_back(name: str, *, by: User | None, at: datetime) -> None:
    """A retired playbook may be started again."""
    _mark(name, "playbook_brought_back", {"retired_at": None}, by=by, at=at)


@transaction.atomic
def set_automatic(name: str, *, on: bool, by: User | None, at: datetime) -> None:
    """Let the day enrol whoever matches, within the caps; or no longer. Raises InputRefused for
    a playbook without a trigger."""
    row = playbook_row(name, at=at)
    version = newest(row) if row else None
    if version is None:
        raise unknown(name)
    if on and not of(version.definition).trigger:
        text = sentence("It has no trigger: say first who enters it by itself.")
        raise InputRefused(text, code="no_trigger", column="trigger")
    action = "playbook_made_automatic" if on else "playbook_made_manual"
    _mark(name, action, {"is_automatic": on}, by=by, at=at)


def _mark(
    name: str, action: str, values: Mapping[str, Any], *, by: User | None, at: datetime
) -> None:
    row = playbook_row(name, at=at)
    if row is None:
        raise unknown(name)
    Playbook.objects.filter(pk=row.pk).update(**values)
    _note(action, name, {}, by=by, at=at)


def refuse(faults: Sequence[RowError]) -> None:
    """Raise InputRefused with all of these, if there are any."""
    if faults:
        first = faults[0]
        wrong = InputRefused(
            first.message, code=first.code, params=first.params, column=first.column
        )
        wrong.errors = faults
        raise wrong


def unknown(name: str) -> InputRefused:
    text = sentence("There is no playbook “{name}”.")
    return InputRefused(text, code="no_playbook", params={"name": name})


def _conflict() -> EditConflict:
    return EditConflict(
        sentence("Somebody changed this in the meantime. Look at the new value and save again.")
    )


def _no_draft() -> InputRefused:
    return InputRefused(sentence("This playbook has no draft."), code="no_draft")


def _note(
    action: str, name: str, detail: Mapping[str, Any], *, by: User | None, at: datetime
) -> None:
    record(
        action,
        object_type="playbook",
        object_id=name,
        summary=name,
        detail=detail,
        by=by,
        at=at,
    )
