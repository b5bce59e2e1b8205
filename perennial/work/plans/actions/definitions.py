"""Plan templates and rules of touchpoints: each change is a new version, the newest holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.work.models import Plan, WorkDefinition
from perennial.work.plans.definitions import Kind, faults_of, in_force, version_of


@transaction.atomic
def publish(
    kind: Kind,
    definition: dict[str, Any],
    *,
    version: int | None = None,
    by: User | None,
    at: datetime,
) -> WorkDefinition | None:
    """Let a definition hold from now on; None when it does already. Raises InputRefused, and
    EditConflict when `version` (None: not asked) is no longer the newest."""
    faults = faults_of(kind, definition)
    if faults:
        first = faults[0]
        wrong = InputRefused(
            first.message, code=first.code, params=first.params, column=first.column
        )
        wrong.errors = faults
        raise wrong
    if in_force(kind).get(definition["name"]) == definition:
        return None
    if version is not None and version != version_of(kind, definition["name"]):
        raise EditConflict(
            gettext_noop(
                "Somebody changed this in the meantime. Look at the new value and save again."
            )
        )
    return _version(kind, definition["name"], definition, by=by, at=at)


@transaction.atomic
def retire(kind: Kind, name: str, *, by: User | None, at: datetime) -> WorkDefinition:
    """It is offered and planned by no more; what was made by it stays."""
    found = in_force(kind).get(name)
    if found is None:
        raise InputRefused(gettext_noop("There is no such definition."))
    return _version(kind, name, found, retired_at=at, by=by, at=at)


def template_of(plan: Plan, *, name: str, title: str) -> dict[str, Any]:
    """A plan as a template: its goals and joint actions, by their days from its start."""

    def both(text: str) -> dict[str, str]:
        return {"zh": text, "en": text}

    def days(row: Any) -> int:
        due_on = row.due_on or plan.ends_on or plan.starts_on
        return max((due_on - plan.starts_on).days, 0)

    return {
        "name": name,
        "title": both(title),
        "days": max((plan.ends_on - plan.starts_on).days, 1) if plan.ends_on else 365,
        "goals": [
            {
                "title": both(it.title),
                "metric": it.metric,
                "unit": it.unit,
                "target": it.target,
                "days": days(it),
            }
            for it in plan.goals.order_by("position", "pk")
        ],
        "actions": [
            {
                "title": both(it.title),
                "side": it.side,
                "days": days(it),
                "shared": it.is_shared,
            }
            for it in plan.actions.order_by("position", "pk")
        ],
    }


def _version(
    kind: Kind,
    name: str,
    definition: dict[str, Any],
    *,
    retired_at: datetime | None = None,
    by: User | None,
    at: datetime,
) -> WorkDefinition:
    row = WorkDefinition.objects.create(
        kind=kind,
        name=name,
        version=version_of(kind, name) + 1,
        definition=definition,
        made_at=at,
        by=by,
        retired_at=retired_at,
    )
    record(
        "work_definition.retired" if retired_at else "work_definition.published",
        object_type="work_definition",
        object_id=f"{kind}/{name}",
        summary=name,
        detail={"kind": str(kind), "version": row.version},
        by=by,
        at=at,
    )
    return row
