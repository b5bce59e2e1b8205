"""A profile as its pages show it: measures by group, exceptions, each with its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString

from perennial.health.forms.draft import typed
from perennial.health.forms.steps import points_of
from perennial.health.inputs.cases import Floats
from perennial.health.profile_wording import (
    CONDITIONS,
    exception_in_words,
    scale_in_words,
    sources_of,
    validity_in_words,
)
from perennial.health.queries.sources import Source, source_of
from perennial.health.rules.compare import scale_of
from perennial.health.rules.definition import GROUPS as GROUP_ORDER
from perennial.health.scale_picture import scale_picture
from perennial.health.wording import GROUPS
from perennial.units.errors import RowError
from perennial.web.faults import in_words

Plain = Mapping[str, Any]
Values = Mapping[str, Floats]
ICONS = {
    "depth": "activity",
    "breadth": "category",
    "people": "users",
    "outcome": "target",
    "relationship": "heart-handshake",
    "support": "ticket",
    "voice": "message-2-star",
    "payment": "receipt",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a scale as its two fields: where it begins, what it gives."""

    place: int
    value: str
    score: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """`at` begins the names of its fields: m2_."""

    index: int
    at: str
    id: str
    source: Source
    group: str
    weight: str
    share: float | None
    kind: str
    points: Sequence[Point]
    ignores_outside: bool
    stale: str
    is_usage: bool
    picture: SafeString
    scale: str
    validity: str
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: str
    title: str | Promise
    icon: str
    share: float | None
    measures: Sequence[MeasureRow]


@dataclass(frozen=True, slots=True)
class LimitRow:
    index: int
    at: str
    id: str
    measure: str
    kind: str
    value: str
    unit: str
    end: str
    score: str
    is_hard: bool
    title_zh: str
    title_en: str
    words: str
    faults: Sequence[str]


def groups_of(
    definition: Plain, *, faults: Sequence[RowError] = (), values: Values | None = None
) -> list[GroupRow]:
    """The measures in the order of their groups; those of an unknown group come last."""
    listed = definition.get("measures", ())
    total = sum(_weight(row) for row in listed)
    found = [
        _measure(index, row, total, definition, faults_under(faults, f"measures.{index}"), values)
        for index, row in enumerate(listed)
    ]
    order = [*GROUP_ORDER, *sorted({row.group for row in found} - set(GROUP_ORDER))]
    return [
        GroupRow(
            name,
            GROUPS.get(name, name),
            ICONS.get(name, "point"),
            _share(sum(_weight(listed[row.index]) for row in its), total),
            its,
        )
        for name in order
        if (its := [row for row in found if row.group == name])
    ]


def limits_of(definition: Plain, *, faults: Sequence[RowError] = ()) -> list[LimitRow]:
    """The exceptions in the order in which they hold."""
    sources = sources_of(definition)
    return [
        _limit(index, row, sources, faults_under(faults, f"exceptions.{index}"))
        for index, row in enumerate(definition.get("exceptions", ()))
    ]


def faults_under(faults: Sequence[RowError], place: str) -> list[str]:
    """What is wrong at a place or inside it, in words, each once."""
    found = [
        in_words(it)
        for it in faults
        if it.column == place or (it.column or "").startswith(f"{place}.")
    ]
    return list(dict.fromkeys(found))


def _measure(
    index: int,
    row: Plain,
    total: int,
    definition: Plain,
    faults: Sequence[str],
    values: Values | None,
) -> MeasureRow:
    source = source_of(str(row.get("source", row.get("id"))))
    kind, scale = scale_of(row)
    points = [
        Point(
            place,
            typed(value, in_percent=source.in_percent),
            typed(score),
            kind == "bands" and not place,
        )
        for place, (value, score) in enumerate(points_of(row))
    ]
    colours = definition.get("bands", (50, 75))
    known = (values or {}).get(str(row.get("id")))
    return MeasureRow(
        index=index,
        at=f"m{index}_",
        id=str(row.get("id")),
        source=source,
        group=str(row.get("group")),
        weight=typed(row.get("weight")),
        share=_share(_weight(row), total),
        kind=kind,
        points=points,
        ignores_outside=row.get("outside") == "ignore",
        stale=typed(row.get("stale_days")),
        is_usage=bool(row.get("usage")),
        picture=scale_picture(row, source, colours=colours, values=known),
        scale=scale_in_words(source, kind, scale),
        validity=validity_in_words(row.get("stale_days")),
        faults=faults,
    )


def _limit(
    index: int, row: Plain, sources: Mapping[str, Source], faults: Sequence[str]
) -> LimitRow:
    when = row.get("when") or {}
    kind = next((it for it in CONDITIONS if it in when), "below")
    source = sources.get(str(when.get("measure")))
    in_percent = bool(source and source.in_percent)
    end = "floor" if row.get("floor") is not None or "floor" in row else "cap"
    return LimitRow(
        index=index,
        at=f"e{index}_",
        id=str(row.get("id")),
        measure=str(when.get("measure", "")),
        kind=kind,
        value="" if kind == "missing" else typed(when.get(kind), in_percent=in_percent),
        unit="%" if in_percent else "",
        end=end,
        score=typed(row.get(end)),
        is_hard=bool(row.get("hard")),
        title_zh=str(row.get("title_zh", "")),
        title_en=str(row.get("title_en", "")),
        words=exception_in_words(row, sources),
        faults=faults,
    )


def _weight(row: Plain) -> int:
    weight = row.get("weight")
    return weight if isinstance(weight, int) and weight > 0 else 0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
