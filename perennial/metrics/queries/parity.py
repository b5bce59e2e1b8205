"""Every kind of question that the catalogue can be asked: what two engines must agree on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from perennial.metrics.catalog import METRICS
from perennial.metrics.queries.asked import Asked, Prepared, prepare
from perennial.metrics.rules.periods import Grain

LONG_WINDOW_DAYS = 90  # longer than the bits of one number


def catalogue_queries(
    *, from_on: date, to_on: date, today: date, event: str, where: tuple[str, str]
) -> Iterator[tuple[str, Prepared]]:
    """Each metric by each of its kinds of id and grains, plainly; and once with each option:
    windows, one event, a property, what was received by a day, bots, some customers only."""
    for metric in METRICS:
        base = Asked(metric, Grain.MONTH, metric.by[0], from_on, to_on, today)
        asked = {f"by {by}": replace(base, by=by) for by in metric.by}
        asked |= {f"per {grain}": replace(base, grain=grain) for grain in metric.grains}
        asked |= {
            "28 days": replace(base, grain=Grain.WEEK, window_days=28),
            "a long window": replace(base, window_days=LONG_WINDOW_DAYS),
            "one event": replace(base, event=event),
            "a property": replace(base, where=(where,)),
            "as received": replace(base, received_by=from_on),
            "with bots": replace(base, with_bots=True),
            "some customers": replace(base, customers=frozenset({"c1", "甲"})),
        }
        for name, question in asked.items():
            yield f"{metric.name}, {name}", prepare(question)
