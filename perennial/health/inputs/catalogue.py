"""Any metric of the catalogue as a measure, and the north-star goals that are met.

`metric:event_count;window=28;event=login;plan=pro`: the window in days, an event, and further
conditions on its properties. A metric that was retired has no value, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from django.utils.translation import gettext_noop

from perennial.events.models import Feature
from perennial.health.inputs.cases import Column, Floats, empty
from perennial.health.inputs.scene import Scene
from perennial.health.inputs.usage import any_usage, usage_column
from perennial.metrics.catalog import NORTH_STAR_MET
from perennial.metrics.models import Goal
from perennial.metrics.queries.cases import figure_column
from perennial.metrics.queries.named import Named, all_metrics, is_known_event
from perennial.metrics.queries.own import goals
from perennial.metrics.queries.segments import members
from perennial.units.whole import whole

PREFIX: Final = "metric:"
WINDOW_DAYS: Final = 28
NO_METRIC: Final = gettext_noop("there is no such metric any more")
NO_EVENT: Final = gettext_noop("no such event has ever come")
NO_FEATURE: Final = gettext_noop("no feature is marked as deep")


@dataclass(frozen=True, slots=True)
class MetricSource:
    """A metric as a source names it."""

    name: str
    window_days: int | None
    event: str | None
    where: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, text: str) -> MetricSource:
        """Reads the text of a source; what it cannot read has no meaning and is left out."""
        name, *options = text.removeprefix(PREFIX).split(";")
        pairs = dict(option.split("=", 1) for option in options if "=" in option)
        window, event = whole(pairs.pop("window", "")), pairs.pop("event", None)
        return cls(name, window, event, tuple(pairs.items()))


def metric(scene: Scene, source: str) -> Column:
    """A metric of every case, over its window up to the case's day."""
    asked = MetricSource.of(source)
    named = next((it for it in all_metrics() if it.name == asked.name), None)
    if named is None:
        return empty(scene.size, connected=any_usage(scene), why=NO_METRIC)
    event = asked.event or named.event
    if event and not is_known_event(event):
        return empty(scene.size, connected=any_usage(scene), why=NO_EVENT)
    if "deep" in named.metric.needs and not Feature.objects.filter(deep=True).exists():
        return empty(scene.size, connected=any_usage(scene), why=NO_FEATURE)
    chosen = replace(named, event=event, where=(*named.where, *asked.where))
    if named.metric.name == NORTH_STAR_MET.name:
        return goals_met(scene)
    window = asked.window_days or named.window_days or WINDOW_DAYS
    value = figures(scene, chosen, window)
    return usage_column(scene, value, {"value": value, "days": np.full(scene.size, window)})


def figures(scene: Scene, named: Named, days: int) -> Floats:
    """A metric of every case with its usual meaning; nan where it is not known."""
    no_seats = np.full(scene.size, np.nan)
    return figure_column(
        named,
        scene.asking,
        days=days,
        seats=scene.contracts.seats if "seats" in named.metric.needs else no_seats,
        heard=scene.heard,
        until=scene.observed_until,
    )


def goals_met(scene: Scene) -> Column:
    """Share of the north-star goals meant for the customer that are met, each in its own window.
    A goal that was set or changed after the case's day is none of that day."""
    known = {it.name: it for it in all_metrics()}
    set_on = {
        name: np.datetime64(at.date(), "D")
        for name, at in Goal.objects.values_list("name", "changed_at")
    }
    meant, met = np.zeros(scene.size), np.zeros(scene.size)
    some = np.zeros(scene.size, bool)
    for goal in goals():
        if goal.metric not in known:
            continue
        named = known[goal.metric]
        inside = scene.known_on >= set_on[goal.name]
        some |= inside
        wanted = members(goal.segment, as_of=scene.last_on)
        if wanted is not None:
            inside = inside & np.array([it in wanted for it in scene.cases.external_id], bool)
        value = figures(scene, named, goal.window_days)
        inside = inside & ~np.isnan(value)
        meant += inside
        reached = np.array([goal.is_met(it) for it in value.tolist()], bool)
        met += inside & reached
    share = np.divide(met, meant, out=np.full(scene.size, np.nan), where=meant > 0)
    return usage_column(scene, share, {"count": met, "goals": meant}, connected=some)
