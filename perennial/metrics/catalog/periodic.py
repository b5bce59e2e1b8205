"""A metric over calendar periods: one row per period and customer, person or product."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from perennial.events.rules.features import FeatureRule
from perennial.metrics.catalog import tables
from perennial.metrics.catalog.metric import Metric
from perennial.metrics.catalog.rows import Reading, Where, activity_rows, selected_rows
from perennial.metrics.catalog.use import Use, span_columns
from perennial.metrics.rules.periods import By


@dataclass(frozen=True, slots=True)
class Selection:
    """Some events only: of one name, or fitting a feature's rule, with these properties."""

    event: str | None = None
    rule: FeatureRule | None = None
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What an expression is made from. `days` is the longest span; `has_observed`: some
    customers were observed until a day of their own (table `observed`); `has_covered`: sources
    differ in what they cover (table `covered`)."""

    metric: Metric
    by: By
    days: int
    how: Reading
    selection: Selection | None = None
    has_observed: bool = False
    has_covered: bool = False
    has_wanted: bool = False


def periodic(asked: Question) -> ir.Table:
    """Columns period_start, period_end, `by`, value, coverage and as_of, sorted.

    A value is null where no day of its span was observed, or where the metric does not know.
    """
    rows = _rows(asked)
    dated = rows.join(tables.calendar, "day")
    people = _people(dated, asked)
    key = asked.by.value
    use = Use(people, "now", asked.days)
    past = Use(people, "past", asked.metric.before_days) if asked.metric.before_days else None
    found = people.group_by("period_start", key).agg(**asked.metric.parts(use, past))
    found = found.join(tables.periods, "period_start")
    found = _with_needs(found, rows, asked)
    observed = found.observed_days
    coverage = ibis.least(found.covered, observed / found.days)
    knows = coverage > 0
    if "deep" in asked.metric.needs and not asked.how.deep_bits:
        knows = ibis.literal(False)
    value = ibis.ifelse(knows, asked.metric.value(found), ibis.null())
    return found.select(
        period_start=found.period_start,
        period_end=found.period_end,
        **{key: found[key]},
        value=value,
        coverage=coverage,
        as_of=found.as_of,
    ).order_by("period_start", key)


def _rows(asked: Question) -> ir.Table:
    if (chosen := asked.selection) is not None:
        rows = selected_rows(asked.how, event=chosen.event, rule=chosen.rule, where=chosen.where)
    else:
        rows = activity_rows(asked.how)
    rows = rows.filter(rows[asked.by.value].notnull())
    return rows.semi_join(tables.wanted, "customer") if asked.has_wanted else rows


def _people(dated: ir.Table, asked: Question) -> ir.Table:
    """One row per period, key and person; people without an event in the span are left in, for
    the past that it is compared with."""
    columns = dict(
        span_columns(dated, name="now", days=asked.days, age=dated.age, inside=dated.is_now)
    )
    if past_days := asked.metric.before_days:
        columns |= span_columns(
            dated, name="past", days=past_days, age=dated.age, inside=~dated.is_now
        )
    keys = dict.fromkeys(("period_start", asked.by.value, "person"))
    return dated.group_by(*keys).agg(**columns)


def _with_needs(found: ir.Table, rows: ir.Table, asked: Question) -> ir.Table:
    """The columns that the metric needs beside its parts, joined."""
    key = asked.by.value
    if "first_day" in asked.metric.needs:
        first = rows.group_by(key).agg(first_on=rows.day.min())
        found = found.join(first, key)
        day = found.first_on.delta(ibis.date(1970, 1, 1), unit="day").cast("int64")
        found = found.mutate(first_day=day)
    if "seats" in asked.metric.needs:
        found = _beside(found, tables.seats, "period_start", "customer")
    if asked.has_observed and asked.by is By.CUSTOMER:
        found = _beside(found, tables.observed, "customer")
        own = ibis.greatest(found.until_day - found.from_day + 1, 0)
        # GREATEST passes over nulls: without an end of its own a customer would get none
        days = ibis.least(found.observed_days, own)
        days = ibis.ifelse(found.until_day.isnull(), found.observed_days, days)
        found = found.mutate(observed_days=days)
    if asked.has_covered and asked.by is By.CUSTOMER:
        found = _beside(found, tables.covered, "period_start", "customer")
        found = found.mutate(covered=ibis.coalesce(found.own_covered, found.covered))
    return found


def _beside(found: ir.Table, small: ir.Table, *keys: str) -> ir.Table:
    """The columns of a small table, where it has a row of these keys; null elsewhere."""
    more = [name for name in small.columns if name not in keys]
    return found.left_join(small, keys).select(*found.columns, *more)
