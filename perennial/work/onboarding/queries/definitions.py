"""The definition in force, and those by which older plans were begun."""

from __future__ import annotations

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
    """A version never changes, so that reading it once is enough."""
    return _read(row.pk, row.version, row.made_at.isoformat())


@lru_cache(maxsize=64)
def _read(pk: int, version: int, made_at: str) -> Definition:  # noqa: ARG001 the text's identity
    return of(WorkDefinition.objects.get(pk=pk).definition, version=version)


def definitions_by_row() -> dict[int, Definition]:
    """Every version by its row, for lists whose plans began at different times."""
    return {row.pk: definition_of(row) for row in versions()}
