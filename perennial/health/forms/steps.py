"""The buttons of the editor that change the shape of a draft: add, take away, move, convert.

`do` is `verb` or `verb:place`. What does not fit the draft changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from perennial.customers.filters import AllOf, Condition, FilterRefused, Op, parse
from perennial.health.forms.draft import bands_of
from perennial.health.queries.sources import parts_of_metric, source_of
from perennial.health.rules.definition import METRIC_SOURCE
from perennial.health.rules.scale_checks import MOST_POINTS

Plain = dict[str, Any]
Given = Mapping[str, str]


def stepped(definition: Plain, do: str, given: Given) -> Plain:
    """The text after one press of a button."""
    verb, _, place = do.partition(":")
    step = STEPS.get(verb)
    at = int(place) if place.isdecimal() else 0
    return definition if step is None else step(definition, at, given)


def _add_measure(definition: Plain, _at: int, given: Given) -> Plain:
    source = given.get("new_source", "").strip()
    if not source:
        return definition
    if source.startswith(METRIC_SOURCE):
        name, options = parts_of_metric(source)
        window, event = given.get("new_window", "").strip(), given.get("new_event", "").strip()
        options |= {"window": window} if window else {}
        options |= {"event": event} if event else {}
        source = METRIC_SOURCE + ";".join([name, *(f"{key}={it}" for key, it in options.items())])
    row = dict(source_of(source).row)
    row["id"] = _free(row["id"], {it["id"] for it in definition["measures"]})
    return {**definition, "measures": [*definition["measures"], row]}


def _free(name: str, taken: set[str]) -> str:
    tries = (name if n == 1 else f"{name[:36]}_{n}" for n in count(1))
    return next(it for it in tries if it not in taken)


def _remove(name: str) -> Callable[[Plain, int, Given], Plain]:
    def step(definition: Plain, at: int, _given: Given) -> Plain:
        return {**definition, name: [it for i, it in enumerate(definition[name]) if i != at]}

    return step


def _earlier(definition: Plain, at: int, _given: Given) -> Plain:
    limits = list(definition["exceptions"])
    if 0 < at < len(limits):
        limits[at - 1], limits[at] = limits[at], limits[at - 1]
    return {**definition, "exceptions": limits}


def _add_exception(definition: Plain, _at: int, _given: Given) -> Plain:
    ids = [str(it["id"]) for it in definition["measures"]]
    taken = {str(it["id"]) for it in definition["exceptions"]}
    row: Plain = {
        "id": _free("exception", taken),
        "when": {"measure": ids[0] if ids else "", "below": None},
        "cap": 49,
        "hard": False,
        "title_zh": "",
        "title_en": "",
    }
    return {**definition, "exceptions": [*definition["exceptions"], row]}


def _on_measure(change: Callable[[Plain], Plain]) -> Callable[[Plain, int, Given], Plain]:
    def step(definition: Plain, at: int, _given: Given) -> Plain:
        rows = [change(it) if i == at else it for i, it in enumerate(definition["measures"])]
        return {**definition, "measures": rows}

    return step


def _add_point(row: Plain) -> Plain:
    """One more step of the scale, above the last one."""
    points = points_of(row)
    if len(points) < MOST_POINTS:
        points = [*points, _following(points)]
    return _with_points(row, points)


def _following(points: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """As far above the last value as that is above the one before; with its points."""
    values = [value for value, _ in points[-2:]]
    if len(values) < 2 or not all(isinstance(it, int | float) for it in values):
        return None, points[-1][1] if points else 100
    return round(values[1] + (values[1] - values[0]), 4), points[-1][1]


def _drop_point(row: Plain) -> Plain:
    points = points_of(row)
    return _with_points(row, points[:-1] if len(points) > 2 else points)


def _other_scale(row: Plain) -> Plain:
    """Lines become bands that begin at their points, and the other way round."""
    points = points_of(row)
    rest = {name: it for name, it in row.items() if name not in ("linear", "bands", "outside")}
    if "linear" in row:
        return rest | {"bands": bands_of(points)}
    first = points[1][0] if len(points) > 1 else None
    opened = [(0 if first is None or first > 0 else first - 1, points[0][1]), *points[1:]]
    return rest | {"linear": [list(it) for it in opened], "outside": "clamp"}


def points_of(row: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """(value, score) of a line; for bands where each begins, None for the open first one."""
    if "bands" in row:
        return [(low, score) for low, _high, score in row["bands"]]
    return [(value, score) for value, score in row.get("linear", ())]


def _with_points(row: Plain, points: list[tuple[Any, Any]]) -> Plain:
    if "bands" in row:
        return {**row, "bands": bands_of(points)}
    return {**row, "linear": [list(it) for it in points]}


def _add_condition(definition: Plain, _at: int, given: Given) -> Plain:
    """One more condition of the audience, and with the others."""
    field, op = given.get("new_field", ""), given.get("new_op", "")
    values = tuple(it.strip() for it in given.get("new_value", "").split(",") if it.strip())
    try:
        tree = parse(definition["audience"])
        added = tree.plus([Condition(field, Op(op), values)]).text
        parse(added)
    except (FilterRefused, ValueError):
        return definition
    return {**definition, "audience": added}


def _drop_condition(definition: Plain, at: int, _given: Given) -> Plain:
    try:
        parts = parse(definition["audience"]).parts
    except FilterRefused:
        return {**definition, "audience": ""}
    return {**definition, "audience": AllOf(parts[:at] + parts[at + 1 :]).text}


STEPS: dict[str, Callable[[Plain, int, Given], Plain]] = {
    "add_measure": _add_measure,
    "remove_measure": _remove("measures"),
    "add_point": _on_measure(_add_point),
    "drop_point": _on_measure(_drop_point),
    "other_scale": _on_measure(_other_scale),
    "add_exception": _add_exception,
    "remove_exception": _remove("exceptions"),
    "earlier_exception": _earlier,
    "add_condition": _add_condition,
    "drop_condition": _drop_condition,
}
