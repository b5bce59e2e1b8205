"""The definition in force, and those by which older plans were begun."""

from __future__ import annotations

import json
from functools import lru_cache

from django.db.models import QuerySet

from perennial.work.models import WorkDefinition
from perennial.work.onboarding.rules.definition import Definition, of
from perennial.work.onboarding.rules.shipped import NAME, SHIPPED

KIND = WorkDefinition.Kind.ONBOARDING


def versions() -> QuerySet[WorkDefinition]:
    """All that was published, the newest first."""
    return WorkDefinition.objects.filter(kind=KIND, name=NAME).order_by("-version")


def in_force() -> Definition:
    """The newest; what we ship until somebody publishes."""
    row = versions().first()
    return SHIPPED if row is None else definition_of(row)


def definition_of(row: WorkDefinition) -> Definition:
    """What a version says; the same text is taken apart once."""
    return _read(json.dumps(row.definition, sort_keys=True), row.version)


@lru_cache(maxsize=64)
def _read(text: str, version: int) -> Definition:
    return of(json.loads(text), version=version)


def definitions_by_row() -> dict[int, Definition]:
    """Every version by its row, for lists whose plans began at different times."""
    return {row.pk: definition_of(row) for row in versions()}
