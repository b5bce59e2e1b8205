"""Metrics by name: the shipped ones, and those that people here defined."""

from __future__ import annotations

from dataclasses import dataclass, replace

import ibis
import pyarrow as pa
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from perennial.events.models import Feature
from perennial.events.store import answer
from perennial.metrics.catalog import METRICS, Metric, metric_named
from perennial.metrics.catalog.rows import Where
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.queries.own import own_metrics
from perennial.metrics.rules.own import OwnDefinition
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
    return [*(shipped(metric) for metric in METRICS), *(named_of(it) for it in own_metrics())]


def named_of(it: OwnDefinition) -> Named:
    """An own metric in the language that is spoken."""
    base = metric_named(it.base)
    assert base is not None, it.base
    zh = (get_language() or "").startswith("zh")
    return Named(
        name=it.name,
        title=it.title_zh if zh else it.title_en,
        unit=(it.unit_zh if zh else it.unit_en) or base.unit,
        definition=_definition(it, base),
        metric=base,
        own=True,
        event=it.event or None,
        where=it.where,
        window_days=it.window_days,
    )


def _definition(it: OwnDefinition, base: Metric) -> str:
    """What an own metric is, in a sentence of the language that is spoken."""
    parts = [str(base.title)]
    if it.event:
        parts.append(_("only %(event)s") % {"event": it.event})
    parts += [f"{name} = {value}" for name, value in it.where]
    if it.window_days:
        parts.append(_("over %(days)s days") % {"days": it.window_days})
    return pgettext("between parts of a definition", "; ").join(parts)


def figures_of(named: Named, asked: Asked) -> pa.Table:
    """The rows of `ask` for a shipped or own metric; what the question says itself goes before
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
