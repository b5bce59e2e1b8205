"""Metrics by name: the shipped ones, and those that people here defined."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis
import pyarrow as pa
from django.utils.functional import Promise

from perennial.events.models import Feature
from perennial.events.store import answer
from perennial.metrics.catalog import METRICS, Metric
from perennial.metrics.catalog.rows import Where
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.rules.periods import By, Grain


@dataclass(frozen=True, slots=True)
class Named:
    """A metric as it is asked for: a shipped one, or an own one of some events."""

    name: str
    title: str | Promise
    unit: str | Promise
    definition: str | Promise
    metric: Metric
    own: bool = False
    event: str | None = None
    where: Where = ()
    window_days: int | None = None

    @property
    def by(self) -> tuple[By, ...]:
        return self.metric.by

    @property
    def grains(self) -> tuple[Grain, ...]:
        return self.metric.grains


def shipped(metric: Metric) -> Named:
    return Named(metric.name, metric.title, metric.unit, metric.definition, metric)


def all_metrics() -> list[Named]:
    """The whole catalogue, shipped ones first."""
    return [shipped(metric) for metric in METRICS]


def figures(named: Named, asked: Asked) -> pa.Table:
    """The rows of `ask` for a metric of any kind; what the question says itself goes before
    what an own metric brings, and conditions add up."""
    return ask(
        replace(
            asked,
            metric=named.metric,
            event=asked.event if asked.event is not None else named.event,
            where=(*named.where, *asked.where),
            window_days=asked.window_days or named.window_days,
        )
    )


def is_known_event(name: str) -> bool:
    """Whether there is a feature, or was ever an event, of this name."""
    if Feature.objects.filter(name=name).exists():
        return True
    events = ibis.table({"event": "string"}, name="events")
    found = answer(events.filter(events.event == name).limit(1))
    return bool(found.num_rows)
