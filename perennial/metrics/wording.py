"""Figures of metrics as people read them."""

from __future__ import annotations

from datetime import date

from perennial.metrics.queries.named import Named
from perennial.metrics.rules.book import CHANGES, SHARES
from perennial.web.formats import day, number, percent


def shown(named: Named, value: float | date | None) -> str:
    """A value in the metric's unit; a dash when it is unknown."""
    if isinstance(value, date):
        return day(value)
    if named.metric.name in SHARES:
        return percent(value)
    if named.metric.name in CHANGES:
        return percent(value, sign=True)
    whole = value is None or float(value).is_integer()
    return number(value, decimals=0 if whole else 1)
