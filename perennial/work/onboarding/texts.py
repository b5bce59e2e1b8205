"""The definition of the way in as a section of a text: `onboarding`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perennial.units.definitions import Field, Kind, Plain, WrongValue, text
from perennial.units.sentence import sentence
from perennial.work.onboarding.actions.definitions import publish, ship_again
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.rules.definition import of, plain
from perennial.work.onboarding.rules.faults import faults_of

NAME = "onboarding"


@dataclass(frozen=True, slots=True)
class Written:
    """The whole section; it has no names, it is one entry."""

    definition: Plain


def _pairs(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise WrongValue(sentence("These are pairs name: value."))
    return dict(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise WrongValue(sentence("This is a list."))
    return [dict(it) if isinstance(it, Mapping) else it for it in value]


def _make(values: Plain) -> Written:
    """In canonical form where nothing is wrong with it, so that texts can be compared."""
    is_good = not faults_of(values)
    return Written(plain(of(values)) if is_good else dict(values))


SECTION: Kind[Any] = Kind(
    name=NAME,
    fields=(
        Field("deal_sizes", _pairs),
        Field("milestones", _list),
        Field("first_value", text),
        Field("use_check", _pairs),
        Field("stages", _list, []),
    ),
    make=_make,
    plain=lambda it: it.definition,
    known=lambda: [Written(plain(in_force()))],
    faults=lambda it, _all: faults_of(it.definition),
    keep=lambda it, by, at: publish(it.definition, by=by, at=at),
    drop=lambda _it, by, at: ship_again(by=by, at=at),
    rank=3,
)
