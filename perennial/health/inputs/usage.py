"""Measures of usage against the customer's own past, seats and people.

Usage of a paused service says nothing. What a silent feed would have said is not zero: such a
value is stale. Events that name nobody leave people unknown; no events at all mean nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from perennial.contracts.models import OrderLine
from perennial.events.models import Feature
from perennial.health.inputs.cases import Column, Flags, Floats, column
from perennial.health.inputs.scene import Scene, days_between

BREADTH_FEATURES: Final = 3  # a feed with one or two events says nothing about breadth
PRIOR_MONTHS: Final = 3  # the 84 days before, in months of 28

Params = Mapping[str, NDArray[Any]]


def heard_of(scene: Scene) -> Flags:
    """Customers that have a past at all and whose service does not rest."""
    found: Flags = ~np.isnat(scene.usage.last_seen_on) & ~scene.contracts.paused
    return found


def any_usage(scene: Scene) -> Flags:
    """Whether anybody was ever seen here by the case's day."""
    found: Flags = ~np.isnat(scene.used_on)
    return found


def usage_column(
    scene: Scene, value: Floats, params: Params, *, connected: Flags | None = None
) -> Column:
    """A value of usage with the day that the feed reached and whether it had fallen silent."""
    reached = np.fmin(scene.used_on, scene.observed_until)
    return column(
        np.where(heard_of(scene), value, np.nan),
        as_of_on=reached,
        stale=scene.silent,
        connected=any_usage(scene) if connected is None else any_usage(scene) & connected,
        params=params,
    )


def active_days(scene: Scene) -> Column:
    days = scene.usage.active_days_28d
    return usage_column(scene, days, {"days": days})


def volume_trend(scene: Scene) -> Column:
    now, before = scene.usage.events_28d, scene.usage.events_prior_84d
    gone = now == 0  # it has a past, and nothing is left of it
    rate = np.where(gone, -1.0, scene.usage.usage_trend_rate)
    return usage_column(
        scene, rate, {"count": np.round(now), "usual": np.round(before / PRIOR_MONTHS)}
    )


def last_seen(scene: Scene) -> Column:
    days = days_between(scene.cases.as_of, scene.usage.last_seen_on)
    return usage_column(scene, days, {"days": days})


def features_known(scene: Scene) -> Floats:
    """Tracked features of the installation; of a past day those used by then."""
    if scene.cases.known:
        return scene.heard.features.astype(float)
    return np.full(scene.size, float(Feature.objects.count()))


def breadth(scene: Scene) -> Column:
    used, features = scene.usage.feature_breadth_28d, features_known(scene)
    rate = np.divide(used, features, out=np.full(scene.size, np.nan), where=features > 0)
    return usage_column(
        scene,
        rate,
        {"count": used, "features": features},
        connected=features >= BREADTH_FEATURES,
    )


def people_now(scene: Scene) -> Floats:
    usage = scene.usage
    unknown = (usage.people_known == 0) & (usage.events_28d != 0)
    return np.where(unknown, np.nan, usage.active_people_28d)


def seat_use(scene: Scene) -> Column:
    people, seats = people_now(scene), scene.contracts.seats
    rate = np.divide(people, seats, out=np.full(scene.size, np.nan), where=seats > 0)
    counted = scene.any_since(OrderLine.objects.filter(void=False, seats__gt=0), "signed_on")
    return usage_column(scene, rate, {"people": people, "seats": seats}, connected=counted)


def people_trend(scene: Scene) -> Column:
    people, before = people_now(scene), scene.usage.active_people_prior_28d
    change = np.divide(people, before, out=np.full(scene.size, np.nan), where=before > 0) - 1
    change = np.where(people == 0, -1.0, change)
    return usage_column(scene, change, {"people": people, "before": before})


READERS: Mapping[str, Callable[[Scene], Column]] = {
    "active_days": active_days,
    "volume_trend": volume_trend,
    "last_seen": last_seen,
    "breadth": breadth,
    "seat_use": seat_use,
    "people_trend": people_trend,
}
