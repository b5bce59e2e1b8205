"""Rows of a file become rows of a table: new, changed or the same as before.

Serves the imports of this slice and of those above it. Runs inside the import's transaction,
whose audit line covers it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

from perennial.units.errors import RowError

M = TypeVar("M", bound=Model)
V = TypeVar("V")
_IDS_AT_ONCE = 500
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """`row` is the file's row; `values` our attribute names (foreign keys as `x_id`), only
    those that the file has: the others keep what they hold."""

    row: int
    values: Mapping[str, Any]
    recorded_at: datetime
    recorded_assumed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A row that the import made (`before` None) or changed, with what it held before and its
    version afterwards: what an undo needs. `table` is the model's label."""

    table: str
    pk: int
    before: dict[str, Any] | None
    version: int


@dataclass(slots=True)
class Upserted:
    added: int = 0
    changed: int = 0
    same: int = 0
    changes: list[Change] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    unknown_owners: list[str] = field(default_factory=list)


def chunks(values: Sequence[V], size: int = _IDS_AT_ONCE) -> Iterator[Sequence[V]]:
    """Parts small enough for one question to the database."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def upsert(
    model: type[M], rows: Sequence[ImportedRow], *, key: tuple[str, ...], batch: int
) -> Upserted:
    """Write rows by their `key` (attribute names, unique in the table and among `rows`).

    A row equal to what the table holds is left alone, its batch and version too.
    """
    outcome = Upserted()
    for part in chunks(rows):
        _upsert_some(model, part, key, batch, outcome)
    return outcome


def _upsert_some(
    model: type[M],
    rows: Sequence[ImportedRow],
    key: tuple[str, ...],
    batch: int,
    outcome: Upserted,
) -> None:
    first = {row.values[key[0]] for row in rows}
    present = {
        tuple(getattr(it, name) for name in key): it
        for it in model._default_manager.filter(**{f"{key[0]}__in": first})
    }
    fresh: list[M] = []
    dirty: list[M] = []
    fields = {"recorded_at", "recorded_assumed", "batch"}
    for row in rows:
        found = present.get(tuple(row.values[name] for name in key))
        stamp = {
            "recorded_at": row.recorded_at,
            "recorded_assumed": row.recorded_assumed,
            "batch": batch,
        }
        if found is None:
            fresh.append(model(**row.values, **stamp))
            continue
        before = {name: getattr(found, name) for name in row.values}
        if before == dict(row.values):
            outcome.same += 1
            continue
        before |= {name: getattr(found, name) for name in stamp}
        for name, value in {**row.values, **stamp}.items():
            setattr(found, name, value)
        fields |= set(row.values)
        version = _next_version(found)
        outcome.changes.append(Change(model._meta.label, found.pk, before, version))
        dirty.append(found)
    outcome.changed += len(dirty)
    outcome.added += len(fresh)
    _write(model, fresh, dirty, fields - set(key))
    outcome.changes += [Change(model._meta.label, it.pk, None, 1) for it in fresh]


def _next_version(found: Model) -> int:
    version: int = getattr(found, "version", 0) + 1
    if version > 1:
        found.version = version  # type: ignore[attr-defined]
    return version


def _write(model: type[M], fresh: list[M], dirty: list[M], fields: set[str]) -> None:
    model._default_manager.bulk_create(fresh, batch_size=_ROWS_AT_ONCE)
    if not dirty:
        return
    # An insert that turns into an update: many times faster than bulk_update's CASE lists.
    versioned = {"version"} if hasattr(dirty[0], "version") else set()
    names = {model._meta.get_field(name).name for name in fields} | versioned
    model._default_manager.bulk_create(
        dirty,
        batch_size=_ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=sorted(names),
    )
