"""The usage metrics, each declared once: what it is called, what it means, how it is computed.

Expressions are Ibis: the same ones run on DuckDB and, when outgrown, on Spark. Windows are
exact, not sketches: `per_person` keeps for each person of a customer one bit per day, so that
people and days are counted by counting bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WEEK_DAYS, MONTH_DAYS, PRIOR_DAYS = 7, 28, 84
WINDOW_DAYS = MONTH_DAYS + PRIOR_DAYS
LEAST_PRIOR_DAYS = 14  # less past than this is no past to compare with

activity = ibis.table(
    {
        "day": "date",
        "received_on": "date",
        "customer": "string",
        "person": "string",
        "product": "string",
        "n": "int64",
        "value": "float64",
        "features": "int64",
    },
    name="activity",
)


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def bit_or(bits: int) -> int:
    """Bits set in any row; Ibis 12 lacks it on Spark, the engines call it by this name."""
    raise NotImplementedError  # only its signature is used


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def bit_count(bits: int) -> int:
    """How many bits are set."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure per customer. `value` aggregates the rows of `per_person`."""

    name: str
    title: Promise
    unit: Promise
    definition: Promise
    value: Callable[[ir.Table], ir.Value]
    grain: str = "customer"


def known(*, as_of: date, received_by: date | None) -> ir.Table:
    """Activity up to a day, as it was known at the end of another (both included)."""
    rows = activity.filter(activity.day <= as_of, activity.customer.notnull())
    return rows if received_by is None else rows.filter(rows.received_on <= received_by)


def per_person(*, as_of: date, received_by: date | None = None) -> ir.Table:
    """One row per customer and person of the last 112 days, with sums and bits per window.

    `days` and `days_before` have bit i set when the person was active i days before the end of
    the last 28 days, and of the 28 before these; `features` has the bits of the registry.
    """
    rows = known(as_of=as_of, received_by=received_by)
    rows = rows.filter(rows.day > as_of - timedelta(days=WINDOW_DAYS))
    rows = rows.mutate(age=ibis.literal(as_of).delta(rows.day, unit="day").cast("int64"))
    age, one, none = rows.age, ibis.literal(1, "int64"), ibis.literal(0, "int64")
    month = age < MONTH_DAYS
    before = (age >= MONTH_DAYS) & (age < 2 * MONTH_DAYS)
    return rows.group_by("customer", "person").agg(
        events_7d=rows.value.sum(where=age < WEEK_DAYS),
        events_28d=rows.value.sum(where=month),
        events_prior_84d=rows.value.sum(where=~month),
        days=bit_or(ibis.ifelse(month, one << age, none)),
        days_before=bit_or(ibis.ifelse(before, one << (age - MONTH_DAYS), none)),
        features=bit_or(ibis.ifelse(month, rows.features, none)),
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        "events_7d",
        _("Events, 7 days"),
        pgettext_lazy("unit", "events"),
        _("Sum of the events' values in the last 7 days."),
        lambda people: people.events_7d.sum().fill_null(0),
    ),
    Metric(
        "events_28d",
        _("Events, 28 days"),
        pgettext_lazy("unit", "events"),
        _("Sum of the events' values in the last 28 days."),
        lambda people: people.events_28d.sum().fill_null(0),
    ),
    Metric(
        "events_prior_84d",
        _("Events, the 84 days before"),
        pgettext_lazy("unit", "events"),
        _("Sum of the events' values in the 84 days before the last 28."),
        lambda people: people.events_prior_84d.sum().fill_null(0),
    ),
    Metric(
        "active_people_28d",
        _("Active people, 28 days"),
        pgettext_lazy("unit", "people"),
        _("People with at least one event in the last 28 days."),
        lambda people: people.person.count(where=people.days != 0),
    ),
    Metric(
        "active_people_prior_28d",
        _("Active people, the 28 days before"),
        pgettext_lazy("unit", "people"),
        _("People with at least one event in the 28 days before the last 28."),
        lambda people: people.person.count(where=people.days_before != 0),
    ),
    Metric(
        "active_days_28d",
        _("Active days, 28 days"),
        pgettext_lazy("unit", "days"),
        _("Days of the last 28 on which anybody was active."),
        lambda people: bit_count(bit_or(people.days)),
    ),
    Metric(
        "feature_breadth_28d",
        _("Features used, 28 days"),
        pgettext_lazy("unit", "features"),
        _("Different tracked features that anybody used in the last 28 days."),
        lambda people: bit_count(bit_or(people.features)),
    ),
    Metric(
        "people_known",
        _("People known"),
        pgettext_lazy("unit", "people"),
        _("People named by the events of the last 112 days; none when events name nobody."),
        lambda people: people.person.count(),
    ),
)


def customer_windows(*, as_of: date, received_by: date | None = None) -> ir.Table:
    """Every metric of the catalogue, one row per customer with an event in 112 days."""
    people = per_person(as_of=as_of, received_by=received_by)
    return people.group_by("customer").agg(
        **{metric.name: metric.value(people) for metric in METRICS}
    )


def customer_spans(*, as_of: date, received_by: date | None = None) -> ir.Table:
    """First and last day with an event, one row per customer with any event ever."""
    rows = known(as_of=as_of, received_by=received_by)
    return rows.group_by("customer").agg(first_seen_on=rows.day.min(), last_seen_on=rows.day.max())


def activity_of_days(
    *, from_on: date, to_on: date, received_by: date | None = None, wanted: bool = False
) -> ir.Table:
    """Activity of [from_on, to_on]; `wanted`: of the customers in the table of that name only."""
    rows = known(as_of=to_on, received_by=received_by)
    rows = rows.filter(rows.day >= from_on)
    customers = ibis.table({"customer": "string"}, name="wanted")
    return rows.semi_join(customers, "customer") if wanted else rows


def events_per_day(rows: ir.Table) -> ir.Table:
    """Sum of values (`count`) per customer and day."""
    return rows.group_by("customer", "day").agg(count=rows.value.sum())


def people_per_day(rows: ir.Table) -> ir.Table:
    """Different people (`count`) per customer and day."""
    return rows.group_by("customer", "day").agg(count=rows.person.nunique())


def usage_trend_rate(
    *, events_28d: float, events_prior_84d: float, first_seen_on: date, as_of: date
) -> float | None:
    """Events per day in the last 28 days against the 84 before: −1 silent, 0 as ever, 1 doubled.

    A younger customer's past counts from its first day (counts scaled by what was observed,
    fight-churn 7.8). None without events or with under 14 days of past.
    """
    prior_end = as_of - timedelta(days=MONTH_DAYS - 1)
    past_days = min((prior_end - first_seen_on).days, PRIOR_DAYS)
    if past_days < LEAST_PRIOR_DAYS or events_prior_84d <= 0:
        return None
    return (events_28d / MONTH_DAYS) / (events_prior_84d / past_days) - 1
