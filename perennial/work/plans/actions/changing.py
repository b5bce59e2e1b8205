"""Adding, changing and removing a row of a plan, so that a conflict shows and all can be undone.

An audit line keeps what stood before. Undoing puts it back as long as nobody has changed the row
since.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F, Model
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict
from perennial.team.audit import record
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.work.models import Goal, Plan, PlanAction, Reading, Strategy, Touchpoint

MODELS: Mapping[str, type[Model]] = {
    "plan": Plan,
    "goal": Goal,
    "reading": Reading,
    "action": PlanAction,
    "strategy": Strategy,
    "touchpoint": Touchpoint,
}
NAMES = {model: name for name, model in MODELS.items()}
Row = TypeVar("Row", bound=Model)


class CannotUndo(InputRefused):
    """Somebody has changed it since."""

    code = "cannot_undo"


@transaction.atomic
def change(
    row: Row,
    *,
    values: Mapping[str, Any],
    version: int | None,
    code: str,
    by: User | None,
    at: datetime,
    note: str = "",
) -> AuditEntry:
    """Write new values when `version` is still the newest, else raise EditConflict; None: the
    row has no versions."""
    before = {name: getattr(row, name) for name in values}
    rows = type(row)._default_manager.filter(pk=row.pk)
    if version is None:
        touched = rows.update(**values)
    else:
        touched = rows.filter(version=version).update(**values, version=F("version") + 1)
    if not touched:
        raise EditConflict(
            gettext_noop(
                "Somebody changed this in the meantime. Look at the new value and save again."
            )
        )
    row.refresh_from_db()
    changed = {name for name in values if before[name] != getattr(row, name)}
    return _line(
        code,
        row,
        before={name: _plain(before[name]) for name in changed},
        after={name: _plain(getattr(row, name)) for name in changed},
        note=note,
        by=by,
        at=at,
    )


@transaction.atomic
def made(row: Model, *, code: str, by: User | None, at: datetime) -> AuditEntry:
    """The line of a row that was just added; undoing takes it away."""
    return _line(code, row, before=None, after=_whole(row), by=by, at=at)


@transaction.atomic
def remove(row: Model, *, code: str, by: User | None, at: datetime) -> AuditEntry:
    """Take a row away; its readings are kept in the line."""
    kept = _whole(row)
    if isinstance(row, Goal):
        kept["readings"] = [_whole(it) for it in row.readings.all()]
    line = _line(code, row, before=kept, after=None, by=by, at=at)
    row.delete()
    return line


@transaction.atomic
def undo(entry: AuditEntry, *, by: User | None, at: datetime) -> None:
    """Put back what a line says stood before. Raises CannotUndo when it was changed since."""
    kept = entry.detail
    model = MODELS[kept["of"]]
    row = model._default_manager.filter(pk=kept["pk"]).first()
    if kept["after"] is None:
        if row is not None:
            raise _too_late()
        row = _put_back(model, kept["before"])
    elif row is None or getattr(row, "version", None) != kept["version"]:
        raise _too_late()
    elif kept["before"] is None:
        row.delete()
    else:
        values = {name: _typed(model, name, it) for name, it in kept["before"].items()}
        if kept["version"] is not None:
            values["version"] = F("version") + 1
        model._default_manager.filter(pk=row.pk).update(**values)
    record(
        "plan.undone",
        object_type=entry.object_type,
        object_id=entry.object_id,
        summary=entry.summary,
        detail={"undone": entry.pk, "code": entry.action, "customer": kept["customer"]},
        by=by,
        at=at,
    )


def _put_back(model: type[Model], kept: Mapping[str, Any]) -> Model:
    readings = kept.get("readings", [])
    plain = {name: it for name, it in kept.items() if name != "readings"}
    row = model._default_manager.create(
        **{name: _typed(model, name, it) for name, it in plain.items()}
    )
    Reading.objects.bulk_create(
        [
            Reading(**{name: _typed(Reading, name, it) for name, it in one.items()})
            for one in readings
        ]
    )
    return row


def _too_late() -> CannotUndo:
    return CannotUndo(gettext_noop("It was changed since, and cannot be undone."))


def _line(
    code: str,
    row: Model,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    by: User | None,
    at: datetime,
    note: str = "",
) -> AuditEntry:
    thing, name = _thing(row)
    detail: dict[str, Any] = {
        "of": NAMES[type(row)],
        "pk": row.pk,
        "version": getattr(row, "version", None),
        "before": before,
        "after": after,
        "customer": thing.customer_id,
    }
    return record(
        code,
        object_type=NAMES[type(thing)],
        object_id=thing.pk,
        summary=name,
        detail=detail | ({"note": note} if note else {}),
        by=by,
        at=at,
    )


def _thing(row: Model) -> tuple[Plan | Touchpoint, str]:
    """Where the line stands, and what it is called there."""
    match row:
        case Plan() | Touchpoint():
            return row, row.title
        case Reading():
            return row.goal.plan, row.goal.title
        case Strategy():
            return row.plan, row.person.name
        case Goal() | PlanAction():
            return row.plan, row.title
    raise TypeError(type(row))


def _whole(row: Model) -> dict[str, Any]:
    return {it.attname: _plain(getattr(row, it.attname)) for it in row._meta.concrete_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return value.isoformat() if isinstance(value, date | datetime) else value


def _typed(model: type[Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name)
    if value is None or field.is_relation:
        return value
    return field.to_python(value)
