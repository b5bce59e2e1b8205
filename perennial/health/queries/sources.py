"""What a measure of a profile can read: the built-in readings, what people say, any metric.

volume_trend · sentiment · metric:event_count;window=28;event=login;plan=pro
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise

from perennial.customers.filters import AllOf, FilterRefused, compile_filter, parse
from perennial.customers.segments.queries import SEGMENT_FIELD, texts
from perennial.customers.segments.reading import SEGMENT, fields_behind
from perennial.health.audience import FIELDS
from perennial.health.inputs.sources import SOURCES
from perennial.health.rules.checks import OWN_OUTPUT, Known, faults, hints
from perennial.health.rules.definition import METRIC_SOURCE
from perennial.metrics.queries.named import all_metrics, is_known_event
from perennial.metrics.rules.book import CHANGES, SHARES
from perennial.metrics.rules.periods import LONGEST_WINDOW_DAYS
from perennial.units.errors import RowError
from perennial.units.sentence import sentence
from perennial.units.whole import whole

# Metrics that give no number of a customer that a scale could judge.
NO_NUMBER = frozenset({"last_seen_on"})
TITLES = {it.id: it.title for it in SOURCES.values()}


@dataclass(frozen=True, slots=True)
class Source:
    """A source as people choose it, with the measure that it starts as."""

    id: str
    title: str | Promise
    unit: str | Promise
    meaning: str | Promise
    in_percent: bool
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Checked:
    """`faults` forbid publishing, `hints` are said beside the preview."""

    faults: Sequence[RowError]
    hints: Sequence[RowError]


def sources() -> list[Source]:
    """Everything that can be added as a measure, built-in ones first."""
    built_in = [_built_in(name) for name in SOURCES]
    metrics = [
        _metric(f"{METRIC_SOURCE}{it.name};window=28")
        for it in all_metrics()
        if _is_number(it.name)
    ]
    return [*built_in, *metrics]


def source_of(text: str) -> Source:
    """A source by its text, also one that is unknown by now."""
    return _built_in(text) if text in SOURCES else _metric(text)


def checked(definition: Mapping[str, Any]) -> Checked:
    """Everything that is wrong with a text here and now, and what should be known."""
    found = faults(definition, known())
    found += _audience_faults(definition.get("audience", ""))
    return Checked(found, () if found else hints(definition))


def known() -> Known:
    metrics = {it.name for it in all_metrics()}
    return Known(frozenset(SOURCES), lambda source: _metric_fault(source, metrics))


def parts_of_metric(source: str) -> tuple[str, dict[str, str]]:
    """Name and options of a source that begins with `metric:`."""
    name, *options = source.removeprefix(METRIC_SOURCE).split(";")
    pairs = [option.partition("=") for option in options]
    return name, {key: value for key, _equals, value in pairs}


def _metric_fault(source: str, metrics: set[str]) -> RowError | None:
    name, options = parts_of_metric(source)
    if name not in metrics:
        text = sentence("There is no metric “{value}”.")
        return RowError("unknown_metric", text, params={"value": name})
    if not _is_number(name):
        text = sentence("“{value}” is a day, no number: a scale cannot judge it.")
        return RowError("no_number", text, params={"value": name})
    window = whole(options.get("window", "28"))
    if window is None or not 1 <= window <= LONGEST_WINDOW_DAYS:
        text = sentence("The window is from 1 to {most} days.")
        return RowError("wrong_window", text, params={"most": str(LONGEST_WINDOW_DAYS)})
    event = options.get("event")
    if event is not None and not is_known_event(event):
        text = sentence("No event “{value}” has ever come: the measure would be empty.")
        return RowError("unknown_event", text, params={"value": event})
    if any(not key or not value for key, value in options.items()):
        text = sentence("Options of a metric are name=value: {value}")
        return RowError("wrong_option", text, params={"value": source})
    return None


def _audience_faults(audience: object) -> list[RowError]:
    """An audience filters by what is known before the score, never by the score itself."""
    if not isinstance(audience, str):
        text = sentence("The audience is a filter, like 1;stage.in.steady; empty: everybody.")
        return [RowError("wrong_audience", text, column="audience")]
    names = {it.name for it in FIELDS}
    try:
        asked = parse(audience)
        _check_segments(asked)
    except FilterRefused as wrong:
        return [RowError(wrong.code, wrong.message, column="audience", params=wrong.params)]
    found = []
    circular = fields_behind(asked, texts()) & OWN_OUTPUT
    for name in sorted((fields_of(asked) - names) | circular):
        if name in OWN_OUTPUT:
            text = sentence("Circular: whom a profile judges cannot depend on the score.")
        else:
            text = sentence("An audience cannot filter by “{name}”.")
        found.append(RowError("wrong_audience", text, column="audience", params={"name": name}))
    return found


def _check_segments(asked: AllOf) -> None:
    """Raises FilterRefused for a segment that is none, or not everybody's."""
    named = tuple(part for part in asked.conditions() if part.field == SEGMENT)
    compile_filter(AllOf(named), [SEGMENT_FIELD], as_of=date.min, user_id=None)


def fields_of(tree: Any) -> set[str]:
    """The names of the fields that a filter asks for."""
    names: set[str] = set()
    for part in tree.parts:
        if hasattr(part, "alternatives"):
            names |= {name for each in part.alternatives for name in fields_of(each)}
        else:
            names.add(part.field)
    return names


def _built_in(name: str) -> Source:
    it = SOURCES[name]
    row: dict[str, Any] = {"id": name, "source": name, "group": it.group, "weight": 5}
    row |= {"linear": it.scale, "outside": "clamp", "stale_days": it.stale_days}
    row |= {"usage": it.usage}
    return Source(name, it.title, it.unit, it.meaning, it.in_percent, row)


def _metric(text: str) -> Source:
    name, options = parts_of_metric(text)
    named = next((it for it in all_metrics() if it.name == name), None)
    base = named.metric.name if named else name
    in_percent = base in SHARES | CHANGES
    top = 1 if in_percent else 20
    row: dict[str, Any] = {"id": name[:40], "source": text, "group": "depth", "weight": 5}
    row |= {"linear": [[0, 0], [top, 100]], "outside": "clamp", "stale_days": 3, "usage": True}
    title = str(named.title) if named else name
    shown = " · ".join([title, *(value for key, value in options.items() if key == "event")])
    unit = "%" if in_percent else (named.unit if named else "")
    return Source(text, shown, unit, named.definition if named else "", in_percent, row)


def _is_number(name: str) -> bool:
    return name not in NO_NUMBER
