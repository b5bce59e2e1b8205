"""`perennial metrics query`: one metric over calendar periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import ibis.expr.types as ir
import pyarrow as pa

from perennial.customers.queries import survivors
from perennial.events.store import Fresh, answer, open_store
from perennial.metrics.activity import Definitions, stale_days, unfilled
from perennial.metrics.catalog import Metric
from perennial.metrics.catalog.periodic import Question, Selection, periodic
from perennial.metrics.catalog.rows import Reading, Where
from perennial.metrics.queries.definitions import definitions, rule_named
from perennial.metrics.queries.licensed import licensed_seats
from perennial.metrics.queries.merged import merged_table
from perennial.metrics.queries.observed import (
    Covered,
    Observed,
    covered,
    observed,
    observed_until,
)
from perennial.metrics.rules.periods import (
    DAY_ZERO,
    By,
    Grain,
    Span,
    calendar,
    observed_days,
    spans,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question. `received_by` None: everything received until `today`, which is included.

    `customers`: external ids that the asker may see; None: all.
    """

    metric: Metric
    grain: Grain
    by: By
    from_on: date
    to_on: date
    today: date
    window_days: int | None = None
    event: str | None = None
    where: Where = ()
    received_by: date | None = None
    with_bots: bool = False
    customers: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An expression and everything that the door's `answer` takes with it."""

    expression: ir.Table
    first_on: date | None
    last_on: date
    known_by: date | None
    offered: Mapping[str, pa.Table]
    fresh: Mapping[str, Fresh]


def ask(asked: Asked) -> pa.Table:
    """Columns period_start, period_end, customer|person|product, value, coverage, as_of.

    Sorted by period and id. Periods without events are absent, as are those that have not begun.
    """
    ready = prepare(asked)
    rows = answer(
        ready.expression,
        first_on=ready.first_on,
        last_on=ready.last_on,
        known_by=ready.known_by,
        offered=ready.offered,
        fresh=ready.fresh,
    )
    return rows.sort_by([("period_start", "ascending"), (asked.by.value, "ascending")])


def prepare(asked: Asked) -> Prepared:
    """The question as an engine takes it."""
    known_on = min(asked.received_by or asked.today, asked.today)
    found = [
        span
        for span in spans(asked.from_on, asked.to_on, asked.grain, window_days=asked.window_days)
        if span.first_on <= known_on
    ] or spans(asked.from_on, asked.from_on, asked.grain, window_days=asked.window_days)
    defined = definitions(asked.today)
    question, offered = _question(asked, found, defined)
    cover = covered(
        found,
        by=asked.by,
        known_on=known_on,
        known_by=asked.received_by,
        kept_from=defined.kept_from,
    )
    offered["covered"] = cover.by_customer
    question = replace(question, has_covered=cover.by_customer.num_rows > 0)
    seen = observed(known_by=asked.received_by)
    offered["periods"] = _periods(found, cover, seen, known_on)
    offered["calendar"] = _calendar(found, asked.metric)
    return Prepared(
        periodic(question),
        None if "first_day" in asked.metric.needs else min(span.from_on for span in found),
        max(span.last_on for span in found),
        asked.received_by,
        offered,
        _fresh(asked, defined),
    )


def _fresh(asked: Asked, defined: Definitions) -> dict[str, Fresh]:
    """Days that are not filled yet, from their events."""
    store = open_store()
    stale = stale_days(store, defined)
    if stale == set():
        return {}
    return {"activity": unfilled(store, stale, defined, known_by=asked.received_by)}


def _question(
    asked: Asked, found: Sequence[Span], defined: Definitions
) -> tuple[Question, dict[str, pa.Table]]:
    """The expression's ingredients, and the small tables that go with it."""
    merged = survivors(asked.received_by)
    until = observed_until() if asked.by is By.CUSTOMER else {}
    offered = {"features": defined.masks(), "merged": merged_table(merged)}
    offered["observed"] = pa.table({"customer": list(until), "until_day": list(until.values())})
    if asked.customers is not None:
        offered["wanted"] = pa.table({"customer": pa.array(asked.customers, pa.string())})
    if "seats" in asked.metric.needs:
        offered["licensed"] = licensed_seats(found)
    selection = None
    if asked.event is not None or asked.where:
        rule = rule_named(asked.event) if asked.event else None
        selection = Selection(asked.event, rule, asked.where)
    question = Question(
        metric=asked.metric,
        by=asked.by,
        days=max(span.days for span in found),
        how=Reading(asked.with_bots, bool(merged), defined.deep_bits, defined.rules),
        selection=selection,
        has_observed=bool(until),
        has_wanted=asked.customers is not None,
    )
    return question, offered


def _periods(found: Sequence[Span], cover: Covered, seen: Observed, known_on: date) -> pa.Table:
    rows = [
        {
            "period_start": span.first_on,
            "period_end": span.last_on,
            "days": span.days,
            "observed_days": observed_days(
                span, first_on=seen.first_on, last_on=min(seen.last_on or known_on, known_on)
            ),
            "covered": cover.rates[span.first_on],
            "from_day": (span.from_on - DAY_ZERO).days,
            "as_of": min(span.last_on, known_on),
        }
        for span in found
    ]
    return pa.Table.from_pylist(rows)


def _calendar(found: Sequence[Span], metric: Metric) -> pa.Table:
    days = list(calendar(found, before_days=metric.before_days))
    return pa.table(
        {
            "day": pa.array([it.day for it in days], pa.date32()),
            "period_start": pa.array([it.first_on for it in days], pa.date32()),
            "age": pa.array([it.age for it in days], pa.int64()),
            "is_now": pa.array([it.is_now for it in days], pa.bool_()),
        }
    )
