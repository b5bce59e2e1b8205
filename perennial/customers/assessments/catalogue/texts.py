"""Assessment forms and the catalogue of solutions as sections of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perennial.customers.assessments.catalogue.actions import (
    faults_of_solution,
    retire_solution,
    retire_template,
    save_solution,
    save_template,
)
from perennial.customers.assessments.checks import faults_of
from perennial.customers.assessments.queries import solutions, templates
from perennial.customers.assessments.rules.shipped import Solution
from perennial.customers.assessments.rules.template import LOW_SCORE, of, plain
from perennial.units.definitions import Field, Kind, Plain, WrongValue, both, number, text
from perennial.units.errors import RowError
from perennial.units.sentence import sentence


@dataclass(frozen=True, slots=True)
class Written:
    """One form as a text says it."""

    name: str
    definition: Plain


def _areas(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(it, Mapping) for it in value):
        raise WrongValue(sentence("This is a list of areas."))
    return [dict(it) for it in value]


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise WrongValue(sentence("This is a list of names."))
    return tuple(text(it) for it in value)


def _make(values: Plain) -> Written:
    name = str(values["name"])
    definition = {key: it for key, it in values.items() if key != "name"}
    if not faults_of(name, definition):
        definition = plain(of(name, definition))
    return Written(name, definition)


def _solution(values: Plain) -> Solution:
    title: Any = values["title"]
    areas: Any = values["areas"]
    return Solution(
        str(values["name"]), str(values["kind"]), title["zh"], title["en"], tuple(areas)
    )


def _solution_plain(it: Solution) -> Plain:
    title = {"zh": it.title_zh, "en": it.title_en}
    return {"name": it.name, "kind": it.kind, "title": title, "areas": list(it.areas)}


def _solution_faults(it: Solution, _all: object) -> Sequence[RowError]:
    return [RowError("wrong_value", said, column="name") for said in faults_of_solution(it)]


SECTIONS: tuple[Kind[Any], ...] = (
    Kind(
        name="assessment_templates",
        fields=[
            Field("name", text),
            Field("title", both),
            Field("low_score", number, LOW_SCORE),
            Field("areas", _areas),
        ],
        make=_make,
        plain=lambda it: {"name": it.name, **it.definition},
        known=lambda: [Written(it.name, plain(it)) for it in templates().values()],
        faults=lambda it, _all: faults_of(it.name, it.definition),
        keep=lambda it, by, at: save_template(it.name, it.definition, version=None, by=by, at=at),
        drop=lambda it, by, at: retire_template(it.name, by=by, at=at),
    ),
    Kind(
        name="solutions",
        fields=[
            Field("name", text),
            Field("kind", text),
            Field("title", both),
            Field("areas", _names, []),
        ],
        make=_solution,
        plain=_solution_plain,
        known=lambda: list(solutions().values()),
        faults=_solution_faults,
        keep=lambda it, by, at: save_solution(it, by=by, at=at),
        drop=lambda it, by, at: retire_solution(it.name, by=by, at=at),
    ),
)
