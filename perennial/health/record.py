"""A judgement as it is kept: one small JSON text per customer and day, complete in itself.

    {"measures": [[id, source, group, weight, state, value, points, as_of, usage, params], …],
     "hierarchy": "children", "children": [[customer, weight, points], …],
     "limits": [[id, "points moved"], …], "override": 40}

Only `measures` is always there. Points are hundredths; what limits moved is an exact fraction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perennial.health.inputs.cases import Column, Readings
from perennial.health.judging import NOT_CONNECTED, PRESENT, STATES, Block, Scores
from perennial.health.rules.definition import Hierarchy, Item
from perennial.health.rules.explain import Judged, Moved
from perennial.health.rules.hierarchy import Child
from perennial.health.rules.limits import bounded
from perennial.health.rules.parts import Part, State

NOTHING = '{"measures": []}'


def texts_of(scores: Scores, readings: Readings) -> list[str]:
    """The record of every case."""
    texts = [NOTHING] * len(scores)
    for block in scores.blocks:
        rows = block.rows.tolist()
        columns = [
            _item_texts(item, place, block, readings[item.source])
            for place, item in enumerate(block.profile.items)
        ]
        for row, parts in zip(rows, zip(*columns, strict=True), strict=True):
            texts[row] = '{"measures": [' + ", ".join(parts) + "]" + _rest(scores, row) + "}"
    return texts


def judged_of(scores: Scores, case: int, readings: Readings) -> Judged:
    """One case of a judgement that is not kept, as an explanation takes it."""
    place = int(scores.profile[case])
    if place < 0:
        return Judged("", 0, ())
    profile, block = scores.profiles[place], scores.blocks[place]
    one = int(np.searchsorted(block.rows, case))
    columns = [
        _item_texts(item, at, block, readings[item.source], only=one)
        for at, item in enumerate(profile.items)
    ]
    text = '{"measures": [' + ", ".join(it[0] for it in columns) + "]" + _rest(scores, case) + "}"
    return judged(json.loads(text), profile=profile.name, version=profile.version)


def judged(kept: Any, *, profile: str, version: int) -> Judged:
    """A record back from its JSON; also the list of parts of the first versions."""
    if isinstance(kept, list):
        return Judged(profile, version, tuple(_first_part(row) for row in kept))
    return Judged(
        profile,
        version,
        tuple(_part(row) for row in kept["measures"]),
        Hierarchy(kept.get("hierarchy", Hierarchy.OWN)),
        tuple(Child(*row) for row in kept.get("children", ())),
        tuple(Moved(id, Fraction(points)) for id, points in kept.get("limits", ())),
        kept.get("override"),
    )


def _part(row: Sequence[Any]) -> Part:
    id, source, group, weight, state, value, points, as_of, usage, params = row
    on = date.fromisoformat(as_of) if as_of else None
    return Part(id, group, weight, State(state), value, points, params, on, source, usage)


def _first_part(row: Mapping[str, Any]) -> Part:
    """Records of version 1 named no source and no group: the measure's own."""
    from perennial.health.rules.defaults import MEASURES

    id = row["measure"]
    return Part(
        id,
        MEASURES[id][0] if id in MEASURES else "other",
        row["weight"],
        State(row["state"]),
        row["value"],
        row["points"],
        row["params"],
        source=id,
    )


def _item_texts(
    item: Item, place: int, block: Block, column: Column, *, only: int | None = None
) -> list[str]:
    """One measure at every case of a block, written without a dictionary per case."""
    chosen = slice(None) if only is None else slice(only, only + 1)
    rows = block.rows[chosen]
    states = block.states[place][chosen]
    head = json.dumps([item.id, item.source, item.group, item.weight], ensure_ascii=False)[:-1]
    usage = "true" if item.usage else "false"
    names = [json.dumps(STATES[code].value) for code in range(len(STATES))]
    connected = states != NOT_CONNECTED
    values = _numbers(np.where(connected, column.value[rows], np.nan))
    points = np.where(states == PRESENT, block.points[place][chosen], -1).tolist()
    days = ["null" if day is None else f'"{day}"' for day in column.as_of_on[rows].tolist()]
    params = _params(column.params, rows)
    return [
        f"{head}, {names[state]}, {value}, {'null' if point < 0 else point}, {day}, {usage}, "
        f"{told if state != NOT_CONNECTED else '{}'}]"
        for state, value, point, day, told in zip(
            states.tolist(), values, points, days, params, strict=True
        )
    ]


def _params(params: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> Iterable[str]:
    if not params:
        return ["{}"] * len(rows)
    fields = []
    for name, array in params.items():
        column = array[rows]
        numeric = column.dtype.kind in "biuf"
        told = _numbers(column.astype("float64")) if numeric else map(_text, column.tolist())
        key = json.dumps(name)
        fields.append([f"{key}: {value}" for value in told])
    return ["{" + ", ".join(each) + "}" for each in zip(*fields, strict=True)]


def _numbers(column: NDArray[np.float64]) -> list[str]:
    """Numbers as JSON: whole ones without a point, nan as null."""
    rounded = np.round(column, 4)
    return [
        "null" if it != it else str(int(it)) if it.is_integer() else repr(it)
        for it in rounded.tolist()
    ]


def _text(value: Any) -> str:
    return json.dumps(value if isinstance(value, str | None) else str(value), ensure_ascii=False)


def _rest(scores: Scores, case: int) -> str:
    """What most records do not have: children, limits, an override."""
    more: dict[str, Any] = {}
    profile = scores.profiles[int(scores.profile[case])]
    if case in scores.children:
        more["hierarchy"] = profile.hierarchy.value
        more["children"] = [
            [child.customer, child.weight, child.points] for child in scores.children[case]
        ]
    base, held = scores.base(case) if scores.hits[case] else None, int(scores.hits[case])
    if base is not None:
        limits = [it for bit, it in enumerate(profile.limits) if held >> bit & 1]
        hits = bounded(base, limits)[1]
        more["limits"] = [[hit.limit.id, str(hit.after - hit.before)] for hit in hits]
    if scores.override[case] >= 0:
        more["override"] = int(scores.override[case])
    return f", {json.dumps(more, ensure_ascii=False)[1:-1]}" if more else ""
