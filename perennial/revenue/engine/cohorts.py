"""Cohorts, set by set: as `rules.cohorts`, from the changes after each customer's first period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate, compress
from typing import Any, Final

import pyarrow as pa

from perennial.events.store import Session
from perennial.revenue.engine.amounts import amount
from perennial.revenue.rules.cohorts import Cell, CohortMetric, CohortRow, CohortTable, total
from perennial.revenue.rules.state import UNKNOWNS
from perennial.units.period import Grain, Period, period_of, periods_between

CALENDAR: Final = """
CREATE TEMP TABLE calendar AS
SELECT period, last_on, unnest(generate_series(first_on, last_on, INTERVAL 1 DAY))::DATE AS day
FROM periods"""

# Everybody's first paid period, and the state at its end.
MEMBERS: Final = """
CREATE TEMP TABLE members AS
WITH begun AS (SELECT {unit}, min(day) AS day FROM steps WHERE is_paying GROUP BY {unit})
SELECT {unit}, period AS cohort, last_on AS began_by,
    arg_max(after, steps.day) AS start, arg_max(is_paying, steps.day) AS paying,
    arg_max(is_unknown, steps.day) AS unknown
FROM begun JOIN calendar USING (day) JOIN steps USING ({unit})
WHERE steps.day <= last_on
GROUP BY {unit}, cohort, began_by"""

STARTS: Final = """
SELECT cohort, count(*) AS size, sum(start) FILTER (paying) AS start,
    sum(greatest(start, 0)) AS above_zero,
    count(*) FILTER (paying) AS paying, min(nullif(unknown, 0)) AS unknown
FROM members GROUP BY cohort"""

# What changed since, by cohort and period. `capped`: never above the start.
CHANGES: Final = """
SELECT cohort, period,
    sum(is_paying::INTEGER - was_paying::INTEGER) AS paying,
    sum(greatest(after, 0) - greatest(before, 0)) FILTER (start > 0) AS mrr,
    sum(least(greatest(after, 0), start) - least(greatest(before, 0), start))
        FILTER (start > 0) AS capped,
    sum((is_unknown = 1)::INTEGER - (was_unknown = 1)::INTEGER) FILTER (start > 0) AS rateless,
    sum((is_unknown = 2)::INTEGER - (was_unknown = 2)::INTEGER) FILTER (start > 0) AS unsplit
FROM members JOIN steps USING ({unit}) JOIN calendar ON calendar.day = steps.day
WHERE steps.day > began_by
GROUP BY cohort, period"""
_COLUMN: Final = {
    CohortMetric.LOGO: "paying",
    CohortMetric.GRR: "capped",
    CohortMetric.NRR: "mrr",
}


def cohort_table(
    session: Session,
    unit: str,
    *,
    grain: Grain,
    metric: CohortMetric,
    from_on: date,
    to_on: date,
    known_on: date | None,
) -> CohortTable:
    """The customers that began in [from_on, to_on]; reads the session's `steps`."""
    periods = list(periods_between(from_on, to_on, grain))
    _offer_periods(session, periods)
    session.run(MEMBERS.format(unit=unit))
    starts = {row["cohort"]: row for row in session.table(STARTS).to_pylist()}
    changes: dict[tuple[int, int], dict[str, Any]] = {
        (row["cohort"], row["period"]): row
        for row in session.table(CHANGES.format(unit=unit)).to_pylist()
    }
    over_on = min(to_on, known_on or to_on)
    over = sum(period_of(it.last_on, grain).last_on <= over_on for it in periods)
    rows = []
    for rank, period in enumerate(periods):
        later = [changes.get((rank, number), {}) for number in range(rank + 1, over)]
        cells = _cells(metric, starts.get(rank, {}), later if rank < over else None)
        blank = [Cell(None, cells[0].of)] * (len(periods) - len(cells))
        rows.append(_row(period, starts.get(rank, {}), (*cells, *blank)))
    return CohortTable(metric, tuple(rows), total(rows))


def _offer_periods(session: Session, periods: Sequence[Period]) -> None:
    """Make `calendar`: of each day its period, by number."""
    table = pa.table(
        {
            "period": pa.array(range(len(periods)), pa.int32()),
            "first_on": pa.array([it.first_on for it in periods], pa.date32()),
            "last_on": pa.array([it.last_on for it in periods], pa.date32()),
        }
    )
    session.offer("periods", table)
    session.run(CALENDAR)


def _cells(
    metric: CohortMetric, start: Mapping[str, Any], later: list[dict[str, Any]] | None
) -> list[Cell]:
    """One cell per period that is over, the first being the start; at least one."""
    column = _COLUMN[metric]
    logo = metric is CohortMetric.LOGO
    began = int(start.get("paying" if logo else "above_zero") or 0)
    of = Fraction(int(start.get("size") or 0)) if logo else amount(began)
    if later is None:
        return [Cell(None, of)]
    left = accumulate((int(row.get(column) or 0) for row in later), initial=began)
    if logo:
        return [Cell(Fraction(value), of) for value in left]
    blind = ("", *UNKNOWNS)[start.get("unknown") or 0]
    reasons = zip(
        accumulate((row.get("rateless") or 0 for row in later), initial=0),
        accumulate((row.get("unsplit") or 0 for row in later), initial=0),
        strict=True,
    )
    whys = [blind or next(compress(UNKNOWNS, missing), "") for missing in reasons]
    return [
        Cell(None if why else amount(value), of, why) for value, why in zip(left, whys, strict=True)
    ]


def _row(period: Period, start: Mapping[str, Any], parts: tuple[Cell, ...]) -> CohortRow:
    unknown = ("", *UNKNOWNS)[start.get("unknown") or 0]
    return CohortRow(
        period,
        size=int(start.get("size") or 0),
        start_mrr=None if unknown else amount(start.get("start")),
        cells=tuple(cell.rate for cell in parts),
        parts=parts,
        unknown=unknown,
    )
