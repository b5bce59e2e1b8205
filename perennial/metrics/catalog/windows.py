"""The windows that health, alerts, work and the customer list read: 7, 28 and 84 days up to a
day, of the catalogue's own metrics, for all customers in one pass."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from perennial.metrics.catalog import ACTIVE_DAYS, ACTIVE_PEOPLE, EVENT_COUNT, FEATURE_BREADTH
from perennial.metrics.catalog.metric import Metric
from perennial.metrics.catalog.rows import Reading, activity_rows
from perennial.metrics.catalog.tables import wanted
from perennial.metrics.catalog.use import Use, span_columns
from perennial.metrics.rules.trend import PRIOR_DAYS

WEEK_DAYS, MONTH_DAYS = 7, 28
WINDOW_DAYS = MONTH_DAYS + PRIOR_DAYS

# Columns of UsageRow: the metric, and the span (name, its first and last age in days).
_WEEK = ("week", 0, WEEK_DAYS - 1)
_MONTH = ("month", 0, MONTH_DAYS - 1)
_BEFORE = ("before", MONTH_DAYS, 2 * MONTH_DAYS - 1)
_PRIOR = ("prior", MONTH_DAYS, WINDOW_DAYS - 1)
COLUMNS: tuple[tuple[str, Metric, tuple[str, int, int]], ...] = (
    ("events_7d", EVENT_COUNT, _WEEK),
    ("events_28d", EVENT_COUNT, _MONTH),
    ("events_prior_84d", EVENT_COUNT, _PRIOR),
    ("active_people_28d", ACTIVE_PEOPLE, _MONTH),
    ("active_people_prior_28d", ACTIVE_PEOPLE, _BEFORE),
    ("active_days_28d", ACTIVE_DAYS, _MONTH),
    ("feature_breadth_28d", FEATURE_BREADTH, _MONTH),
)


def rows_until(as_of: date, how: Reading) -> ir.Table:
    """Activity of customers up to a day, both included."""
    rows = activity_rows(how)
    return rows.filter(rows.day <= as_of, rows.customer.notnull())


def customer_windows(*, as_of: date, how: Reading) -> ir.Table:
    """COLUMNS and `people_known`, one row per customer with an event in 112 days."""
    rows = rows_until(as_of, how)
    rows = rows.filter(rows.day > as_of - timedelta(days=WINDOW_DAYS))
    rows = rows.mutate(age=ibis.literal(as_of).delta(rows.day, unit="day").cast("int64"))
    return windows_of(rows, "customer")


def windows_of(rows: ir.Table, key: str) -> ir.Table:
    """COLUMNS and `people_known`, one row per `key`, of rows that know their `age` in days."""
    columns: dict[str, ir.Value] = {}
    for name, first, last in (_WEEK, _MONTH, _BEFORE, _PRIOR):
        inside = (rows.age >= first) & (rows.age <= last)
        columns |= span_columns(
            rows, name=name, days=last - first + 1, age=rows.age - first, inside=inside
        )
    people = rows.group_by(key, "person").agg(**columns)
    return people.group_by(key).agg(
        **{
            column: metric.parts(Use(people, name, last - first + 1), None)["value"]
            for column, metric, (name, first, last) in COLUMNS
        },
        people_known=people.person.count(),
    )


def customer_spans(*, as_of: date, how: Reading) -> ir.Table:
    """First and last day with an event, one row per customer with any event ever."""
    rows = rows_until(as_of, how)
    return rows.group_by("customer").agg(first_seen_on=rows.day.min(), last_seen_on=rows.day.max())


def activity_of_days(
    *, from_on: date, to_on: date, how: Reading, of_wanted: bool = False
) -> ir.Table:
    """Activity of [from_on, to_on]; `of_wanted`: of the customers in the table `wanted` only."""
    rows = rows_until(to_on, how)
    rows = rows.filter(rows.day >= from_on)
    return rows.semi_join(wanted, "customer") if of_wanted else rows


def events_per_day(rows: ir.Table) -> ir.Table:
    """Sum of values (`events`) per customer and day."""
    return rows.group_by("customer", "day").agg(events=rows.value.sum())


def people_per_day(rows: ir.Table) -> ir.Table:
    """Different people (`people`) per customer and day."""
    return rows.group_by("customer", "day").agg(people=rows.person.nunique())


def events_and_people_per_day(rows: ir.Table) -> ir.Table:
    """Both (`events`, `people`) at one reading: for a few customers that is what costs."""
    return rows.group_by("customer", "day").agg(
        events=rows.value.sum(), people=rows.person.nunique()
    )
