"""What milestones are reached by, of many customers at once: touches, usage, seats."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.conf import settings

from perennial.contracts.queries import entitlements
from perennial.customers.models import Touch
from perennial.customers.queries import survivors
from perennial.customers.upsert import chunks
from perennial.events.store import open_store
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.metrics.queries.cases import ALWAYS, UsageColumns, asking, usage_columns
from perennial.units.moment import day_end, day_start
from perennial.work.onboarding.rules.milestones import Facts, Talk, Use

EARLY_DAYS, RECENT_DAYS = 92, 31  # after the start, and before the day: there the day is looked for


@dataclass(frozen=True, slots=True)
class Way:
    """A way in, as far as facts are looked up by it."""

    customer_id: int
    external_id: str
    started_on: date


def is_connected() -> bool:
    """Has any usage ever arrived? Without it nothing is known of anybody's use."""
    return bool(open_store().snapshot("activity").rows)


def facts_of(ways: Collection[Way], day: date) -> dict[int, Facts]:
    """By customer what is known at the end of `day`; a question per source."""
    usage = customer_metrics(as_of=day) if ways and is_connected() else {}
    seats = {pk: it.seats for pk, it in entitlements([it.customer_id for it in ways], day).items()}
    talks = talks_of(ways, day)
    return {
        it.customer_id: Facts(
            day,
            _use(usage.get(it.external_id)),
            seats.get(it.customer_id),
            talks.get(it.customer_id, ()),
        )
        for it in ways
    }


def _use(row: UsageRow | None) -> Use | None:
    if row is None:
        return None
    known = row.people_known or not row.events_28d  # events that name nobody: people unknown
    return Use(
        row.first_seen_on,
        row.last_seen_on,
        row.active_people_28d if known else None,
        row.active_days_28d,
        row.feature_breadth_28d,
    )


def talks_of(ways: Iterable[Way], day: date) -> dict[int, list[Talk]]:
    """The touches since each start until the end of `day`, in the order of their days."""
    zone = settings.PERENNIAL_TIME_ZONE
    since = {it.customer_id: it.started_on for it in ways}
    if not since:
        return {}
    first_at = day_start(min(since.values()), zone)
    found: dict[int, list[Talk]] = {}
    for part in chunks(list(since)):
        rows = Touch.objects.filter(
            customer__in=part, happened_at__gte=first_at, happened_at__lt=day_end(day, zone)
        ).order_by("happened_at", "pk")
        names = ("customer_id", "happened_at", "kind", "person__grade", "person__name")
        for pk, at, kind, grade, person, trained in rows.values_list(*names, "people_trained"):
            on = at.astimezone(zone).date()
            if on >= since[pk]:
                found.setdefault(pk, []).append(Talk(on, kind, grade or "", person or "", trained))
    return found


def past_uses(ways: Collection[Way], day: date) -> dict[int, list[tuple[date, Use | None]]]:
    """By customer the usage at the end of each day from its start to `day`, in their order: to
    find the exact day of what is fulfilled today. What a run of every day would have found long
    ago is left out: days neither soon after the start nor recent."""
    absorbed: dict[str, list[str]] = {}
    for name, under in survivors().items():
        absorbed.setdefault(under, []).append(name)
    places: list[tuple[int, date]] = []
    names: list[str] = []
    case: list[int] = []
    for way in ways:
        length = (day - way.started_on).days + 1
        for at in range(length):
            if EARLY_DAYS <= at < length - RECENT_DAYS:
                continue
            for name in (way.external_id, *absorbed.get(way.external_id, ())):
                names.append(name)
                case.append(len(places))
            places.append((way.customer_id, way.started_on + timedelta(days=at)))
    if not places:
        return {}
    days = np.array([places[at][1] for at in case], "datetime64[D]")
    known = np.full(len(case), ALWAYS)
    asked = asking(names, days, known, np.array(case, np.int64), size=len(places))
    columns = usage_columns(asked)
    found: dict[int, list[tuple[date, Use | None]]] = {}
    for at, (pk, on) in enumerate(places):
        found.setdefault(pk, []).append((on, _use_at(columns, at)))
    return found


def _use_at(columns: UsageColumns, at: int) -> Use | None:
    first, last = columns.first_seen_on[at], columns.last_seen_on[at]
    if np.isnat(last):
        return None
    known = columns.people_known[at] or not columns.events_28d[at]
    return Use(
        first.astype(date),
        last.astype(date),
        int(columns.active_people_28d[at]) if known else None,
        int(columns.active_days_28d[at]),
        int(columns.feature_breadth_28d[at]),
    )
