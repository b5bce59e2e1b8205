"""Sources and their write keys: made, changed, rotated, revoked, retired."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from perennial.events.load import DEFAULT_SOURCE
from perennial.events.models import EventName, Source, SourceKind, WriteKey
from perennial.events.rules.keys import RANDOM_BYTES, digest, hint, key_text
from perennial.events.rules.sources import (
    SourceSettings,
    origins_of,
    refuse_name,
    refuse_wrong,
)
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

MOST_OVERLAP: Final = timedelta(days=30)  # an old key beside its successor


@transaction.atomic
def add_source(
    name: str,
    *,
    kind: str,
    settings: SourceSettings | None = None,
    by: User | None,
    at: datetime,
) -> tuple[Source, str]:
    """A new source and its key, which is told here and never again. Raises InputRefused for a
    name that is taken (also by file imports) and for settings out of bounds."""
    name = name.strip()
    refuse_name(name)
    if kind not in SourceKind.values:
        message = sentence("A source is a browser or a server.")
        raise InputRefused(message, code="wrong_kind", column="kind")
    _refuse_taken(name)
    wanted = _checked(settings or SourceSettings())
    source = Source.objects.create(name=name, kind=kind, created_at=at, **wanted)
    key = _new_key(source, by=by, at=at)
    detail = {"kind": kind, "key": hint(key)}
    _note("source_added", source, detail=detail, by=by, at=at)
    return source, key


@transaction.atomic
def change_source(
    source: Source, *, settings: SourceSettings, by: User | None, at: datetime
) -> Source:
    """Set everything that may change. Raises InputRefused for settings out of bounds, and when
    nothing would change."""
    wanted = _checked(settings)
    held = Source.objects.select_for_update().get(pk=source.pk)
    changed = {name: value for name, value in wanted.items() if getattr(held, name) != value}
    if not changed:
        raise InputRefused(sentence("Nothing changed."), code="nothing_changed")
    detail = {name: [getattr(held, name), value] for name, value in changed.items()}
    for name, value in changed.items():
        setattr(held, name, value)
    held.save(update_fields=list(changed))
    _note("source_changed", held, detail=detail, by=by, at=at)
    return held


@transaction.atomic
def rotate_key(source: Source, *, overlap: timedelta, by: User | None, at: datetime) -> str:
    """A new key, which is told here and never again. The old ones go on for `overlap` (nothing:
    they stop now). Raises InputRefused for a retired source or a longer time than 30 days."""
    source = Source.objects.select_for_update().get(pk=source.pk)
    if source.retired_at:
        raise _retired(source)
    if not timedelta() <= overlap <= MOST_OVERLAP:
        message = sentence("An old key goes on for at most {days} days.")
        params = {"days": str(MOST_OVERLAP.days)}
        raise InputRefused(message, code="overlap_too_long", column="overlap", params=params)
    _end_keys(source, at=at + overlap)
    key = _new_key(source, by=by, at=at)
    detail = {"key": hint(key), "old_until": (at + overlap).isoformat()}
    _note("source_key_rotated", source, detail=detail, by=by, at=at)
    return key


@transaction.atomic
def revoke_key(key: WriteKey, *, by: User | None, at: datetime) -> WriteKey:
    """The key stops in every process within 5 s. Raises InputRefused when it has stopped."""
    held = WriteKey.objects.select_for_update().select_related("source").get(pk=key.pk)
    if held.revoked_at and held.revoked_at <= at:
        message = sentence("The key …{hint} is revoked already.")
        raise InputRefused(message, code="revoked_already", params={"hint": held.hint})
    held.revoked_at = at
    held.save(update_fields=["revoked_at"])
    _note("source_key_revoked", held.source, detail={"key": held.hint}, by=by, at=at)
    return held


@transaction.atomic
def retire_source(source: Source, *, by: User | None, at: datetime) -> Source:
    """All its keys stop for ever; its events stay. Raises InputRefused when it is retired."""
    held = Source.objects.select_for_update().get(pk=source.pk)
    if held.retired_at:
        raise _retired(held)
    held.retired_at = at
    held.save(update_fields=["retired_at"])
    _end_keys(held, at=at)
    _note("source_retired", held, detail={}, by=by, at=at)
    return held


def _refuse_taken(name: str) -> None:
    """Events are told apart by (source, message id): two ways in must not share a name."""
    if Source.objects.filter(name__iexact=name).exists():
        message = sentence("There is a source named {name} already.")
    elif name.lower() == DEFAULT_SOURCE or EventName.objects.filter(source=name).exists():
        message = sentence("File imports use the name {name}; choose another one.")
    else:
        return
    raise InputRefused(message, code="name_taken", column="name", params={"name": name})


def _checked(settings: SourceSettings) -> dict[str, object]:
    """The settings as columns, once they are within bounds."""
    wanted = replace(settings, origins=origins_of(settings.origins))
    refuse_wrong(wanted)
    return asdict(wanted) | {"origins": list(wanted.origins)}


def _new_key(source: Source, *, by: User | None, at: datetime) -> str:
    key = key_text(source.kind, secrets.token_bytes(RANDOM_BYTES))
    WriteKey.objects.create(
        source=source, digest=digest(key), hint=hint(key), created_at=at, created_by=by
    )
    return key


def _end_keys(source: Source, *, at: datetime) -> None:
    """Let the keys that would go on longer end at this moment."""
    goes_on = Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)
    source.keys.filter(goes_on).update(revoked_at=at)


def _retired(source: Source) -> InputRefused:
    message = sentence("The source {name} is retired.")
    return InputRefused(message, code="retired", params={"name": source.name})


def _note(
    action: str, source: Source, *, detail: Mapping[str, object], by: User | None, at: datetime
) -> None:
    record(
        action,
        object_type="source",
        object_id=source.pk,
        summary=source.name,
        detail=detail,
        by=by,
        at=at,
    )
