"""Profiles: draft, publish, retire. Each is one transaction with one audit line.

A published text never changes and never rewrites the past: publishing makes the next version,
which judges from the next day that is computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from perennial.health.models import ProfileVersion
from perennial.health.queries.profiles import (
    Version,
    draft_of,
    newest_versions,
    next_version,
    versions_of,
)
from perennial.health.queries.sources import checked
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence

NAME = re.compile(r"[a-z0-9_]{1,40}")
State = ProfileVersion.State


class Conflict(InputRefused):
    """Somebody else changed the draft since it was opened."""

    code = "conflict"


@transaction.atomic
def save_draft(
    name: str, *, definition: Mapping[str, Any], edits: int, by: User | None, at: datetime
) -> ProfileVersion:
    """Keep a draft. `edits` is the number it had when it was opened, 0: there was none.

    Raises Conflict when somebody else was faster, InputRefused for a name that cannot be one.
    """
    if not NAME.fullmatch(name):
        raise InputRefused(
            sentence("Short names have small letters, digits and _, up to 40."),
            code="wrong_name",
            column="name",
        )
    definition = {**definition, "name": name}
    draft = draft_of(name)
    _same_edits(draft, edits)
    if draft is not None and draft.definition == definition:
        return draft
    if draft is None:
        draft = _begun(name, definition, by=by, at=at)
    else:
        touched = ProfileVersion.objects.filter(pk=draft.pk, edits=edits).update(
            definition=definition, edits=F("edits") + 1, by=by, changed_at=at
        )
        if touched != 1:
            raise _conflict(draft)
        draft.refresh_from_db()
    _note("profile_draft_saved", name, {"edits": draft.edits}, by=by, at=at)
    return draft


@transaction.atomic
def discard_draft(name: str, *, edits: int, by: User | None, at: datetime) -> None:
    """Throw a draft away. Raises Conflict when it is not the one that was seen."""
    draft = _draft(name, edits)
    draft.delete()
    _note("profile_draft_discarded", name, {"edits": edits}, by=by, at=at)


@transaction.atomic
def publish(name: str, *, edits: int, note: str, by: User | None, at: datetime) -> ProfileVersion:
    """Make a draft the next version. Raises InputRefused with every fault, also when it has no
    note or says nothing new, and Conflict when the draft is not the one that was seen."""
    draft = _draft(name, edits)
    if not note.strip():
        raise InputRefused(
            sentence("Say why it changes: the note stays with the version."),
            code="no_note",
            column="note",
        )
    refuse(checked(draft.definition).faults)
    newest = newest_versions().get(name)
    if newest and not newest.is_retired and newest.definition == draft.definition:
        raise InputRefused(
            sentence("The draft says the same as version {version}."),
            code="nothing_new",
            params={"version": str(newest.version)},
        )
    version = next_version(name)
    touched = ProfileVersion.objects.filter(pk=draft.pk, edits=edits, state=State.DRAFT).update(
        state=State.PUBLISHED, version=version, note=note.strip()[:300], by=by, changed_at=at
    )
    if touched != 1:
        raise _conflict(draft)
    draft.refresh_from_db()
    _note("profile_published", name, {"version": version, "note": draft.note}, by=by, at=at)
    return draft


@transaction.atomic
def publish_text(
    definition: Mapping[str, Any], *, note: str, by: User | None, at: datetime
) -> ProfileVersion:
    """Publish a text as it stands, past any draft of its name (which stays a draft)."""
    name = str(definition["name"])
    refuse(checked(definition).faults)
    version = next_version(name)
    made = ProfileVersion.objects.create(
        name=name,
        version=version,
        state=State.PUBLISHED,
        definition=dict(definition),
        note=note,
        by=by,
        changed_at=at,
    )
    _note("profile_published", name, {"version": version, "note": note}, by=by, at=at)
    return made


@transaction.atomic
def retire(name: str, *, note: str, by: User | None, at: datetime) -> ProfileVersion:
    """End a profile: nobody is judged by it any more; its versions and their scores stay.

    Raises InputRefused when it does not judge, or when no other profile would be left.
    """
    newest = newest_versions()
    judging = {it.name: it for it in newest.values() if not it.is_retired}
    if name not in judging:
        raise InputRefused(
            sentence("There is no profile “{value}” that judges."),
            code="no_profile",
            params={"value": name},
        )
    if len(judging) == 1:
        raise InputRefused(
            sentence("This is the last profile: without it nobody would be judged."),
            code="last_profile",
        )
    made = ProfileVersion.objects.create(
        name=name,
        version=next_version(name),
        state=State.RETIRED,
        definition=dict(judging[name].definition),
        note=note.strip()[:300],
        by=by,
        changed_at=at,
    )
    _note("profile_retired", name, {"version": made.version, "note": made.note}, by=by, at=at)
    return made


def restore(
    name: str, *, version: int, edits: int, by: User | None, at: datetime
) -> ProfileVersion:
    """Make an older version the draft. Raises InputRefused when there is none of this number."""
    found: Version | None = next((it for it in versions_of(name) if it.version == version), None)
    if found is None:
        raise InputRefused(
            sentence("There is no version {version} of this profile."),
            code="no_version",
            params={"version": str(version)},
        )
    return save_draft(name, definition=found.definition, edits=edits, by=by, at=at)


def refuse(faults: Sequence[RowError]) -> None:
    """Raise InputRefused with every fault, the first as its sentence."""
    if faults:
        first = faults[0]
        wrong = InputRefused(
            first.message, code=first.code, params=first.params, column=first.column
        )
        wrong.errors = faults
        raise wrong


def _begun(
    name: str, definition: Mapping[str, Any], *, by: User | None, at: datetime
) -> ProfileVersion:
    try:
        with transaction.atomic():
            return ProfileVersion.objects.create(
                name=name, definition=dict(definition), by=by, changed_at=at
            )
    except IntegrityError as wrong:  # begun in the same moment by somebody else
        raise _conflict(draft_of(name)) from wrong


def _draft(name: str, edits: int) -> ProfileVersion:
    draft = draft_of(name)
    _same_edits(draft, edits)
    if draft is None:
        raise InputRefused(sentence("There is no draft of this profile."), code="no_draft")
    return draft


def _same_edits(draft: ProfileVersion | None, edits: int) -> None:
    if (draft.edits if draft else 0) != edits:
        raise _conflict(draft)


def _conflict(draft: ProfileVersion | None) -> Conflict:
    if draft is None:
        return Conflict(
            sentence("Somebody published or discarded this draft meanwhile. Open it anew.")
        )
    return Conflict(
        sentence("{who} changed this draft meanwhile. Open it anew: yours was not saved."),
        params={"who": draft.by.name if draft.by else "–"},
    )


def _note(
    action: str, name: str, detail: Mapping[str, object], *, by: User | None, at: datetime
) -> None:
    record(action, object_type="profile", object_id=name, summary=name, detail=detail, by=by, at=at)
