"""A metric of a few made-up events, without a store: for the pages of formulas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import pyarrow as pa

from perennial.events.store import table_session
from perennial.events.store.functions import DUCKDB
from perennial.metrics.catalog import metric_named
from perennial.metrics.catalog.periodic import Question, periodic
from perennial.metrics.catalog.rows import Reading
from perennial.metrics.rules.periods import DAY_ZERO, By, Grain, Span, calendar, spans

Event = tuple[str, str, str]  # day, person, feature
_DEEP = 0  # the first feature is the deep one


def example(name: str, events: Sequence[Event], *, month: str, seats: int | None = None) -> object:
    """One customer's figure of a month (2026-06); everything before its end was observed.

    The feature that stands first is a deep one.
    """
    metric = metric_named(name)
    assert metric is not None, name
    first_on = date.fromisoformat(f"{month}-01")
    [span] = spans(first_on, first_on, Grain.MONTH)
    days = calendar([span], before_days=metric.before_days)
    offered = {
        "activity": _activity(events),
        "calendar": [
            {"day": it.day, "period_start": it.first_on, "age": it.age, "is_now": it.is_now}
            for it in days
        ],
        "periods": [_period(span)],
        "licensed": [{"period_start": span.first_on, "customer": "c", "seats": seats}],
    }
    asked = Question(metric, By.CUSTOMER, span.days, Reading(deep_bits=1 << _DEEP))
    with table_session() as session:
        for definition in DUCKDB:
            session.run(definition)
        for table, rows in offered.items():
            session.offer(table, pa.Table.from_pylist(rows))
        found = session.table(str(ibis.to_sql(periodic(asked), dialect="duckdb")))
    value: list[object] = found.column("value").to_pylist()
    return value[0] if value else None


def _activity(events: Sequence[Event]) -> list[dict[str, object]]:
    bits = {it: bit for bit, it in enumerate(dict.fromkeys(feature for _, _, feature in events))}
    return [
        {
            "day": date.fromisoformat(day),
            "customer": "c",
            "person": person,
            "product": None,
            "value": 1.0,
            "features": 1 << bits[feature],
            "deep": float(bits[feature] == _DEEP),
            "bot": False,
        }
        for day, person, feature in events
    ]


def _period(span: Span) -> dict[str, object]:
    return {
        "period_start": span.first_on,
        "period_end": span.last_on,
        "days": span.days,
        "observed_days": span.days,
        "covered": 1.0,
        "from_day": (span.from_on - DAY_ZERO).days,
        "as_of": span.last_on,
    }
