"""Reads of usage metrics. Customers are external ids; figures come from daily activity alone.

They are not behind a gate: callers look up only customers that their own gate let through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.events.models import Feature
from perennial.events.store import open_store
from perennial.metrics import catalog

_DAY_ZERO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Usage of one customer at the end of a day; windows end on that day, which is included.

    Events are sums of values. `people_known` is 0 when the events name nobody: then people are
    unknown, not zero. `usage_trend_rate` is a change: −1 silent, 0 as ever, None without past.
    `features_known` counts the tracked features of the whole installation.
    """

    events_7d: float
    events_28d: float
    events_prior_84d: float
    active_people_28d: int
    active_people_prior_28d: int
    active_days_28d: int
    feature_breadth_28d: int
    people_known: int
    features_known: int
    first_seen_on: date
    last_seen_on: date
    usage_trend_rate: float | None


@dataclass(frozen=True, slots=True)
class DailyCounts:
    """Events (sums of values) by customer and day: a row per customer, a column per day."""

    customers: list[str]
    first_on: date
    counts: NDArray[np.float64]
    count_people: Callable[[], NDArray[np.float64]] = field(repr=False)

    @property
    def people(self) -> NDArray[np.float64]:
        """Active people in the same shape; read when asked for, as it costs more than events."""
        return self.count_people()


def customer_metrics(*, as_of: date, received_by: date | None = None) -> dict[str, UsageRow]:
    """Usage by customer at the end of `as_of`, for every customer with an event until then.

    `received_by`: as it was known at the end of that day; default: as known now.
    """
    store = open_store()
    key = (str(store.path), store.snapshot("activity").version, Feature.objects.count())
    return dict(_customer_metrics(as_of, received_by, key))


@lru_cache(maxsize=4)  # health, alerts, work and desk ask for the same day, one after the other
def _customer_metrics(
    as_of: date, received_by: date | None, key: tuple[str, int, int]
) -> dict[str, UsageRow]:
    """`key` says which state of the store the answer is of: path, version, features known."""
    windows = catalog.customer_windows(as_of=as_of, received_by=received_by)
    spans = catalog.customer_spans(as_of=as_of, received_by=received_by)
    from_on = as_of - timedelta(days=catalog.WINDOW_DAYS - 1)
    found = _table(windows, from_on=from_on, to_on=as_of)
    recent = {row.pop("customer"): row for row in found.to_pylist()}
    nothing = {metric.name: 0 for metric in catalog.METRICS}
    return {
        span["customer"]: _row(span, recent.get(span["customer"], nothing), as_of, key[-1])
        for span in _table(spans, to_on=as_of).to_pylist()
    }


def _row(span: dict[str, Any], window: dict[str, Any], as_of: date, features: int) -> UsageRow:
    return UsageRow(
        **window,
        features_known=features,
        first_seen_on=span["first_seen_on"],
        last_seen_on=span["last_seen_on"],
        usage_trend_rate=catalog.usage_trend_rate(
            events_28d=window["events_28d"],
            events_prior_84d=window["events_prior_84d"],
            first_seen_on=span["first_seen_on"],
            as_of=as_of,
        ),
    )


def daily_counts(
    *,
    from_on: date,
    to_on: date,
    customers: list[str] | None = None,
    received_by: date | None = None,
) -> DailyCounts:
    """Events and people per customer and day of [from_on, to_on], both included.

    Only customers with an event in that time have a row; they are sorted by id.
    """

    def read(figure: Callable[[ir.Table], ir.Table]) -> pa.Table:
        sql = _daily_sql(figure, from_on, to_on, received_by, customers is not None)
        return _run(sql, from_on=from_on, to_on=to_on, wanted=customers)

    def placed(found: pa.Table) -> NDArray[np.float64]:
        counts = np.zeros((len(names), (to_on - from_on).days + 1))
        rows = pc.index_in(found.column("customer"), pa.array(names, pa.string())).to_numpy()
        days = found.column("day").cast(pa.int32()).to_numpy() - (from_on - _DAY_ZERO).days
        counts[rows, days] = found.column("count").to_numpy()
        return counts

    events = read(catalog.events_per_day)
    names = sorted(pc.unique(events.column("customer")).to_pylist())
    return DailyCounts(names, from_on, placed(events), lambda: placed(read(catalog.people_per_day)))


@lru_cache(maxsize=16)  # the pages of all customers ask for the same days
def _daily_sql(
    figure: Callable[[ir.Table], ir.Table],
    from_on: date,
    to_on: date,
    received_by: date | None,
    wanted: bool,
) -> str:
    span = catalog.activity_of_days(
        from_on=from_on, to_on=to_on, received_by=received_by, wanted=wanted
    )
    return _sql(figure(span))


def weekly_counts(as_of: date, weeks: int = 12) -> dict[str, list[float]]:
    """Events of the last `weeks` × 7 days in weeks that end on `as_of`, oldest first."""
    found = daily_counts(from_on=as_of - timedelta(days=7 * weeks - 1), to_on=as_of)
    sums = found.counts.reshape(len(found.customers), weeks, 7).sum(axis=2)
    return dict(zip(found.customers, sums.tolist(), strict=True))


def _table(expression: ir.Table, *, to_on: date, from_on: date | None = None) -> pa.Table:
    return _run(_sql(expression), from_on=from_on, to_on=to_on)


def _sql(expression: ir.Table) -> str:
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _run(
    sql: str, *, to_on: date, from_on: date | None, wanted: list[str] | None = None
) -> pa.Table:
    """Run a statement over daily activity in the engine; `wanted` are the customers it joins."""
    with open_store().reading("activity", first_on=from_on, last_on=to_on) as session:
        if wanted is not None:
            session.offer("wanted", pa.table({"customer": pa.array(wanted, pa.string())}))
        return session.table(sql)
