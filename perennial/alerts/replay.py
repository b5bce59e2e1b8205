"""Which drops would have been raised when, and how they would have ended: day by day, each with
what was known by its end. The same detector and the same life as the day's run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from perennial.alerts.past import Past, Quiet, Service
from perennial.alerts.rules import HISTORY_DAYS, Judged, Kind, judge
from perennial.alerts.rules.lived import Lived, Lives, Standing
from perennial.alerts.rules.recovery import forgotten_before
from perennial.metrics.queries.arrivals import number_of
from perennial.metrics.queries.own import activity_rule
from perennial.units.progress import Progress, silent

WARM_UP_DAYS = HISTORY_DAYS  # alerts raised before still rest, or are open, in the days asked for
DAY_ZERO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as it would have been. `customer` None: all of them. Sorted by day raised."""

    customer: str | None
    kind: Kind
    raised_on: date
    days: int
    expected: float
    observed: float
    probability: float | None
    resolved_on: date | None
    by_itself: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    alerts: list[Raised]
    customer_years: float


def replay(
    *,
    from_on: date,
    to_on: date,
    customers: Collection[str] | None = None,
    progress: Progress = silent,
) -> Replayed:
    """The drops raised on days of [from_on, to_on]; `customers`: of these external ids only.

    Customer-years are counted from the later of `from_on` and the first event.
    """
    if from_on > to_on:
        return Replayed([], 0.0)
    begin = from_on - timedelta(days=WARM_UP_DAYS)
    past = Past.read(
        from_on=begin - timedelta(days=HISTORY_DAYS - 1), to_on=to_on, customers=customers
    )
    begin = max(begin, _day(past.first + HISTORY_DAYS - 1))
    service, quiet, lives = Service(past.facts.customers), Quiet.read(), Lives()
    silent_days, since = activity_rule().silent_days, np.full(len(past.counts), -(10**9))
    watched_days = 0
    total = (to_on - begin).days + 1
    for step in range(total):
        day = begin + timedelta(days=step)
        number = number_of(day)
        past.learn(number)
        standing, rows = _standing(past, service, day=day, silent_days=silent_days)
        found = _judge(past, rows, since=since, quiet=quiet, number=number)
        for row in lives.step(number, found, standing):
            since[row] = forgotten_before(lives.newest[row].raised)
        if day >= from_on:
            watched_days += int((past.first_day <= number).sum())
        progress(step + 1, total)
    names = past.facts.customers
    asked = [it for it in lives.alerts if it.raised >= number_of(from_on)]
    found_ = [_raised(it, names) for it in asked]
    found_.sort(key=lambda it: (it.raised_on, it.customer or "", it.kind))
    return Replayed(found_, watched_days / 365.25)


def _standing(
    past: Past, service: Service, *, day: date, silent_days: int
) -> tuple[Standing, NDArray[np.int64]]:
    """Who is what on this day, and the rows that are judged."""
    number, names = number_of(day), len(past.counts)
    over, feed_silent = service.look(day), past.feed_silent(number)
    seen = past.first_day <= number
    rows = np.flatnonzero(seen & ~over & (service.observed_until >= number) & (not feed_silent))
    judged = np.full(names, -1)
    judged[rows] = np.arange(len(rows))
    recent = past.window(number, days=min(silent_days, number - past.first + 1)).any(axis=1)
    return Standing(judged, over | ((judged >= 0) & ~recent), feed_silent), rows


def _judge(
    past: Past, rows: NDArray[np.int64], *, since: NDArray[np.int64], quiet: Quiet, number: int
) -> Judged:
    """The detector's look at these rows; findings name rows of the past."""
    if not len(rows):
        return Judged([], np.zeros(0), np.zeros(0))
    first = np.maximum(past.first_day, since)[rows] - (number - HISTORY_DAYS + 1)
    mask = quiet.mask(past.facts.customers, day=number, days=HISTORY_DAYS)
    found = judge(
        past.window(number, days=HISTORY_DAYS)[rows],
        first_day=first,
        quiet=None if mask is None else mask[rows],
    )
    named = [it if it.row is None else replace(it, row=int(rows[it.row])) for it in found.findings]
    return Judged(named, found.week, found.month)


def _raised(it: Lived, names: list[str]) -> Raised:
    found = it.finding
    return Raised(
        None if found.row is None else names[found.row],
        found.kind,
        _day(it.raised),
        found.days,
        round(found.expected, 4),
        round(found.observed, 4),
        None if found.probability is None else float(f"{found.probability:.6g}"),
        None if it.resolved is None else _day(it.resolved),
        it.by_itself,
    )


def _day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)
