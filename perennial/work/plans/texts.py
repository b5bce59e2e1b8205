"""Plan templates and rules of touchpoints as text. What is left out of a section retires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial.team.models import User
from perennial.units.definitions import Field, Kind, Plain, text
from perennial.units.errors import RowError
from perennial.work.models import WorkDefinition
from perennial.work.plans.actions.definitions import publish, retire
from perennial.work.plans.definitions import faults_of, in_force

TOUCHPOINTS = WorkDefinition.Kind.TOUCHPOINTS
PLAN = WorkDefinition.Kind.SUCCESS_PLAN


@dataclass(frozen=True, slots=True)
class Text:
    """One entry as it stands there."""

    name: str
    definition: Mapping[str, Any]


def _as_it_stands(value: object) -> object:
    """Whatever was written; the checks say what is wrong, with its place."""
    return value


def _section(name: str, kind: WorkDefinition.Kind, fields: Sequence[Field]) -> Kind[Text]:
    def make(values: Plain) -> Text:
        return Text(str(values.get("name")), dict(values))

    def known() -> Iterable[Text]:
        return [Text(it, definition) for it, definition in in_force(kind).items()]

    def faults(it: Text, _all: Mapping[str, Sequence[Any]]) -> Sequence[RowError]:
        return faults_of(kind, dict(it.definition))

    def keep(it: Text, by: User | None, at: datetime) -> object:
        return publish(kind, dict(it.definition), by=by, at=at)

    def drop(it: Text, by: User | None, at: datetime) -> object:
        return retire(kind, it.name, by=by, at=at)

    return Kind(
        name=name,
        fields=(Field("name", text), *fields),
        make=make,
        plain=lambda it: it.definition,
        known=known,
        faults=faults,
        keep=keep,
        drop=drop,
    )


KINDS: tuple[Kind[Text], ...] = (
    _section(
        "plan_templates",
        PLAN,
        (
            Field("title", _as_it_stands),
            Field("days", _as_it_stands),
            Field("goals", _as_it_stands, []),
            Field("actions", _as_it_stands, []),
        ),
    ),
    _section(
        "touchpoints",
        TOUCHPOINTS,
        (
            Field("kind", _as_it_stands),
            Field("title", _as_it_stands),
            Field("from", _as_it_stands),
            Field("days", _as_it_stands),
            Field("stages", _as_it_stands, []),
        ),
    ),
)
