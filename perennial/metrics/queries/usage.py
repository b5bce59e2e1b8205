"""Reads of usage metrics. Customers are external ids; figures come from daily activity alone.

They are not behind a gate: callers look up only customers that their own gate let through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.customers.queries import survivors
from perennial.events.models import Feature
from perennial.events.store import answer, open_store
from perennial.metrics.catalog import windows
from perennial.metrics.catalog.rows import Reading
from perennial.metrics.queries.merged import merged_table
from perennial.metrics.rules.trend import usage_trend_rate

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
    merged = tuple(sorted(survivors(received_by).items()))
    return dict(_customer_metrics(as_of, received_by, key, merged))


@lru_cache(maxsize=4)  # health, alerts, work and desk ask for the same day, one after the other
def _customer_metrics(
    as_of: date,
    received_by: date | None,
    key: tuple[str, int, int],
    merged: tuple[tuple[str, str], ...],
) -> dict[str, UsageRow]:
    """`key` says which state of the store the answer is of: path, version, features known."""
    how, offered = _reading(merged)
    recent = windows.customer_windows(as_of=as_of, how=how)
    spans = windows.customer_spans(as_of=as_of, how=how)

    def read(figures: ir.Table, first_on: date | None) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = answer(
            figures, first_on=first_on, last_on=as_of, known_by=received_by, offered=offered
        ).to_pylist()
        return rows

    from_on = as_of - timedelta(days=windows.WINDOW_DAYS - 1)
    by_customer = {row.pop("customer"): row for row in read(recent, from_on)}
    nothing = {name: 0 for name in recent.columns if name != "customer"}
    return {
        span["customer"]: _row(span, by_customer.get(span["customer"], nothing), as_of, key[-1])
        for span in read(spans, None)
    }


def _reading(merged: tuple[tuple[str, str], ...]) -> tuple[Reading, dict[str, pa.Table]]:
    how = Reading(has_merged=bool(merged))
    return how, {"merged": merged_table(dict(merged))} if merged else {}


def _row(span: dict[str, Any], window: dict[str, Any], as_of: date, features: int) -> UsageRow:
    return UsageRow(
        **window,
        features_known=features,
        first_seen_on=span["first_seen_on"],
        last_seen_on=span["last_seen_on"],
        usage_trend_rate=usage_trend_rate(
            now=window["events_28d"],
            now_days=windows.MONTH_DAYS,
            before=window["events_prior_84d"],
            from_on=as_of - timedelta(days=windows.MONTH_DAYS - 1),
            first_seen_on=span["first_seen_on"],
        ),
    )


def daily_counts(
    *,
    from_on: date,
    to_on: date,
    customers: list[str] | None = None,
    received_by: date | None = None,
    with_people: bool = False,
) -> DailyCounts:
    """Events and people per customer and day of [from_on, to_on], both included. `with_people`:
    they will be asked for, so that one reading brings both.

    Only customers with an event in that time have a row; they are sorted by id.
    """

    how, offered = _reading(tuple(sorted(survivors(received_by).items())))
    if customers is not None:
        offered["wanted"] = pa.table({"customer": pa.array(customers, pa.string())})

    def read(figure: Callable[[ir.Table], ir.Table]) -> pa.Table:
        asked = _daily(figure, from_on, to_on, how, customers is not None)
        return answer(asked, first_on=from_on, last_on=to_on, known_by=received_by, offered=offered)

    def placed(found: pa.Table, column: str) -> NDArray[np.float64]:
        counts = np.zeros((len(names), (to_on - from_on).days + 1))
        rows = pc.index_in(found.column("customer"), pa.array(names, pa.string())).to_numpy()
        days = found.column("day").cast(pa.int32()).to_numpy() - (from_on - _DAY_ZERO).days
        counts[rows, days] = found.column(column).to_numpy()
        return counts

    found = read(windows.events_and_people_per_day if with_people else windows.events_per_day)
    names = sorted(pc.unique(found.column("customer")).to_pylist())

    def people() -> NDArray[np.float64]:
        return placed(found if with_people else read(windows.people_per_day), "people")

    return DailyCounts(names, from_on, placed(found, "events"), people)


@lru_cache(maxsize=16)  # the pages of all customers ask for the same days
def _daily(
    figure: Callable[[ir.Table], ir.Table],
    from_on: date,
    to_on: date,
    how: Reading,
    of_wanted: bool,
) -> ir.Table:
    return figure(
        windows.activity_of_days(from_on=from_on, to_on=to_on, how=how, of_wanted=of_wanted)
    )


def weekly_counts(as_of: date, weeks: int = 12) -> dict[str, list[float]]:
    """Events of the last `weeks` × 7 days in weeks that end on `as_of`, oldest first."""
    found = daily_counts(from_on=as_of - timedelta(days=7 * weeks - 1), to_on=as_of)
    sums = found.counts.reshape(len(found.customers), weeks, 7).sum(axis=2)
    return dict(zip(found.customers, sums.tolist(), strict=True))
