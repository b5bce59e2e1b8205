"""Profiles as text. Applying publishes the next version; a profile that is left out retires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial.health.actions.profiles import publish_text, retire
from perennial.health.queries.profiles import newest_versions
from perennial.health.queries.sources import checked
from perennial.health.rules.definition import of, plain
from perennial.team.models import User
from perennial.units.definitions import Field, Kind, Plain, text
from perennial.units.errors import RowError

NOTE = "config apply"


@dataclass(frozen=True, slots=True)
class Text:
    """One entry: the profile as it stands there. What is left out has its usual value, so
    equal profiles are equal texts."""

    name: str
    definition: Mapping[str, Any]


def _as_it_stands(value: object) -> object:
    """Whatever was written; the checks say what is wrong, with its place."""
    return value


def _make(values: Plain) -> Text:
    given = {name: it for name, it in values.items() if it is not None}
    name = str(given.get("name"))
    if checked(given).faults:
        return Text(name, given)
    return Text(name, plain(of(given)))


def _known() -> Iterable[Text]:
    judging = newest_versions().values()
    return [Text(it.name, plain(it.profile())) for it in judging if not it.is_retired]


def _faults(it: Text, _all: Mapping[str, Sequence[Any]]) -> Sequence[RowError]:
    return checked(it.definition).faults


def _keep(it: Text, by: User | None, at: datetime) -> object:
    return publish_text(it.definition, note=NOTE, by=by, at=at)


def _drop(it: Text, by: User | None, at: datetime) -> object:
    return retire(it.name, note=NOTE, by=by, at=at)


PROFILES: Kind[Text] = Kind(
    name="profiles",
    fields=(
        Field("name", text),
        Field("title_zh", _as_it_stands, None),
        Field("title_en", _as_it_stands, None),
        Field("priority", _as_it_stands),
        Field("audience", _as_it_stands, ""),
        Field("measures", _as_it_stands),
        Field("exceptions", _as_it_stands, []),
        Field("hierarchy", _as_it_stands, "own"),
        Field("bands", _as_it_stands, None),
        Field("enough_coverage_rate", _as_it_stands, None),
    ),
    make=_make,
    plain=lambda it: it.definition,
    known=_known,
    faults=_faults,
    keep=_keep,
    drop=_drop,
)
