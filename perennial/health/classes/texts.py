"""The rules of tiers, fit and stages as sections of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perennial.health.classes.actions import publish, ship_again
from perennial.health.classes.checks import faults_of
from perennial.health.classes.queries import rules_in_force
from perennial.health.classes.rules.definition import FIT, STAGE, TIER, of, plain
from perennial.units.definitions import Field, Kind, Plain, WrongValue, text
from perennial.units.sentence import sentence


@dataclass(frozen=True, slots=True)
class Written:
    """The rules of one kind as a text says them; a section has no names, it is one entry."""

    kind: str
    definition: Plain


def _rules(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list) or not all(isinstance(it, Mapping) for it in value):
        raise WrongValue(sentence("This is a list of rules."))
    return [dict(it) for it in value]


def _gates(value: object) -> dict[str, object]:
    if not isinstance(value, Mapping):
        raise WrongValue(sentence("Gates are first_use_days, live_days, and days by product."))
    return dict(value)


def _make(kind: str, values: Plain) -> Written:
    """In canonical form where nothing is wrong with it, so that texts can be compared."""
    is_good = not faults_of(kind, values)
    return Written(kind, plain(of(kind, values)) if is_good else dict(values))


def _section(name: str, kind: str) -> Kind[Written]:
    fields = [Field("rules", _rules), Field("otherwise", text, "")]
    fields += [Field("gates", _gates, {})] if kind == STAGE else []
    return Kind(
        name=name,
        fields=fields,
        make=lambda values: _make(kind, values),
        plain=lambda it: it.definition,
        known=lambda: [Written(kind, plain(rules_in_force(kind)))],
        faults=lambda it, _all: faults_of(kind, it.definition),
        keep=lambda it, by, at: publish(kind, it.definition, note="", by=by, at=at),
        drop=lambda _it, by, at: ship_again(kind, by=by, at=at),
        rank=2,
    )


SECTIONS: tuple[Kind[Any], ...] = (
    _section("stages", STAGE),
    _section("fit", FIT),
    _section("tiers", TIER),
)
NAMES = frozenset(it.name for it in SECTIONS)
