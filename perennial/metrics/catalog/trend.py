"""The usage trend as an expression; the same rule in plain Python is metrics.rules.trend."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from perennial.metrics.catalog.metric import Parts
from perennial.metrics.catalog.use import Use
from perennial.metrics.rules.trend import LEAST_PRIOR_DAYS, PRIOR_DAYS


def trend_parts(use: Use, past: Use | None) -> Parts:
    assert past is not None
    return {
        "now": use.value.sum().fill_null(0),
        "before": past.value.sum().fill_null(0),
    }


def trend_value(row: ir.Table) -> ir.Value:
    past_days = ibis.least(row.from_day - row.first_day, PRIOR_DAYS)
    known = (past_days >= LEAST_PRIOR_DAYS) & (row.before > 0) & (row.observed_days > 0)
    rate = (row.now / row.observed_days) / (row.before / past_days) - 1
    return ibis.ifelse(known, rate, ibis.null("float64"))
