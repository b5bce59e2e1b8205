"""Grade standards as a section of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial.customers.models import GradeStandard
from perennial.customers.people.rules.grading import of, plain
from perennial.customers.people.standards.actions import drop_standard, save_standard
from perennial.customers.people.standards.checks import faults_of
from perennial.customers.people.standards.queries import standards
from perennial.team.models import User
from perennial.units.definitions import Field, Kind, Plain, WrongValue, text
from perennial.units.sentence import sentence


@dataclass(frozen=True, slots=True)
class Written:
    """The standard of one product (`name`; empty: for all others) as a text says it."""

    name: str
    definition: Plain


def _rows(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(it, Mapping) for it in value):
        raise WrongValue(sentence("This is a list of grades with their words."))
    return [dict(it) for it in value]


def _pairs(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise WrongValue(sentence("These are pairs name: value."))
    return {str(name): it for name, it in value.items()}


def _make(values: Plain) -> Written:
    """In canonical form where nothing is wrong with it, so that texts can be compared."""
    product = str(values["product"])
    definition = {name: it for name, it in values.items() if name != "product"}
    if not faults_of(definition):
        definition = plain(of(product, definition))
    return Written(product, definition)


def _drop(it: Written, by: User | None, at: datetime) -> object:
    """What nobody wrote is as shipped already."""
    is_written = GradeStandard.objects.filter(product=it.name).exists()
    return drop_standard(it.name, by=by, at=at) if is_written else None


SECTIONS: tuple[Kind[Any], ...] = (
    Kind(
        name="grade_standards",
        fields=[
            Field("product", text, ""),
            Field("grades", _rows),
            Field("cadence_days", _pairs, {}),
            Field("service", _pairs, {}),
        ],
        make=_make,
        plain=lambda it: {"product": it.name, **it.definition},
        known=lambda: [Written(it.product, plain(it)) for it in standards().values()],
        faults=lambda it, _all: faults_of(it.definition),
        keep=lambda it, by, at: save_standard(it.name, it.definition, version=None, by=by, at=at),
        drop=_drop,
    ),
)
