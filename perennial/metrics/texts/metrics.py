"""Own metrics as text."""

from __future__ import annotations

from typing import Any

from perennial.metrics.actions import define_metric, metric_faults, retire_metric
from perennial.metrics.queries.own import own_metrics
from perennial.metrics.rules.own import OwnDefinition
from perennial.units.definitions import Field, Kind, Plain, both, text, texts, whole

_NO_UNIT = {"zh": "", "en": ""}


def _make(values: Any) -> OwnDefinition:
    return OwnDefinition(
        name=values["name"],
        title_zh=values["title"]["zh"],
        title_en=values["title"]["en"],
        base=values["base"],
        event=values["event"],
        where=tuple(values["where"].items()),
        window_days=values["window_days"],
        unit_zh=values["unit"]["zh"],
        unit_en=values["unit"]["en"],
    )


def _plain(it: OwnDefinition) -> Plain:
    return {
        "name": it.name,
        "title": {"zh": it.title_zh, "en": it.title_en},
        "base": it.base,
        "event": it.event,
        "where": dict(it.where),
        "window_days": it.window_days,
        "unit": {"zh": it.unit_zh, "en": it.unit_en},
    }


METRICS: Kind[OwnDefinition] = Kind(
    name="metrics",
    fields=(
        Field("name", text),
        Field("title", both),
        Field("base", text),
        Field("event", text, ""),
        Field("where", texts, {}),
        Field("window_days", whole, None),
        Field("unit", both, _NO_UNIT),
    ),
    make=_make,
    plain=_plain,
    known=own_metrics,
    faults=lambda it, _all: metric_faults(it),
    keep=lambda it, by, at: define_metric(it, by=by, at=at),
    drop=lambda it, by, at: retire_metric(it.name, by=by, at=at),
)
