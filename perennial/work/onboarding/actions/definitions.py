"""Publish what the company says about the way in; each change is a new version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.work.models import WorkDefinition
from perennial.work.onboarding.actions.onboardings import conflict
from perennial.work.onboarding.queries.definitions import KIND, in_force, versions
from perennial.work.onboarding.rules.definition import of, plain
from perennial.work.onboarding.rules.faults import faults_of
from perennial.work.onboarding.rules.shipped import NAME, SHIPPED


@transaction.atomic
def publish(
    definition: Mapping[str, Any], *, version: int | None = None, by: User | None, at: datetime
) -> WorkDefinition | None:
    """Let it count from now on; None when it is in force already. Plans that run keep theirs.

    Raises InputRefused with every fault, each with its place; EditConflict when `version` (None:
    not asked) is no longer the newest.
    """
    if faults := faults_of(definition):
        refused = InputRefused(faults[0].message, code=faults[0].code, params=faults[0].params)
        refused.errors = faults
        raise refused
    wanted = plain(of(definition))
    if wanted == plain(in_force()):
        return None
    if version is not None and version != newest_version():
        raise conflict()
    made = _next(wanted, by=by, at=at)
    record(
        "work_definition.published",
        object_type="work_definition",
        object_id=NAME,
        summary=NAME,
        detail={"version": made.version, "milestones": len(wanted["milestones"])},
        by=by,
        at=at,
    )
    return made


def newest_version() -> int:
    """Its number; 0 as long as only what we ship holds."""
    newest = versions().first()
    return newest.version if newest else 0


def ship_again(*, by: User | None, at: datetime) -> WorkDefinition | None:
    """Publish what we ship; None when it is in force already."""
    return publish(plain(SHIPPED), by=by, at=at)


def row_in_force(*, at: datetime) -> WorkDefinition:
    """The row that a plan points to; what we ship is written down when it is first used."""
    return versions().first() or _next(plain(SHIPPED), by=None, at=at)


def _next(wanted: Mapping[str, Any], *, by: User | None, at: datetime) -> WorkDefinition:
    return WorkDefinition.objects.create(
        kind=KIND,
        name=NAME,
        version=newest_version() + 1,
        definition=wanted,
        made_at=at,
        by=by,
    )
