"""What the engine adds up of the steps: per day, per period, per cohort. Whole units, exact.

A unit that did not change in a period has no row in it: only changes are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, Final

import pyarrow as pa

from perennial.events.store import Session
from perennial.revenue.engine.amounts import TOLERANCE
from perennial.revenue.rules.movement import Movement, Report
from perennial.revenue.rules.state import MISSING_RATE, SPLIT_MISSING
from perennial.units.period import Period

TOTALS: Final = """
SELECT day, sum(after - before) AS mrr,
    sum(greatest(after, 0) - greatest(before, 0)) AS above_zero,
    sum(is_paying::INTEGER - was_paying::INTEGER) AS customers,
    sum((is_unknown = 1)::INTEGER - (was_unknown = 1)::INTEGER) AS no_rate,
    sum((is_unknown = 2)::INTEGER - (was_unknown = 2)::INTEGER) AS no_split
FROM steps GROUP BY day ORDER BY day"""

CALENDAR: Final = """
CREATE TEMP TABLE calendar AS
SELECT period, last_on, unnest(generate_series(first_on, last_on, INTERVAL 1 DAY))::DATE AS day
FROM periods"""

WORST: Final = (
    "CASE is_unknown WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 0 END"  # the one told is the larger
)

DATED: Final = """
CREATE TEMP VIEW dated AS
SELECT {unit}, day, period, before, after, was_paying, is_paying, was_unknown, is_unknown, left_on,
    CASE WHEN is_paying THEN day END AS back_on, {unknown} AS worst,
    greatest(after - before, 0) AS won, greatest(before - after, 0) AS lost
FROM steps JOIN calendar USING (day)"""

# One row per unit and period in which its state changed; `won` and `lost` add up its days. Most
# change once: only the others need to be grouped.
BUSY: Final = """
CREATE TEMP TABLE busy AS
SELECT {unit}, period FROM dated GROUP BY {unit}, period HAVING count(*) > 1"""
NET: Final = """
CREATE TEMP VIEW moved AS
SELECT * EXCLUDE (day) FROM dated ANTI JOIN busy USING ({unit}, period)
UNION ALL BY NAME
SELECT {unit}, period,
    arg_min(before, day) AS before, arg_max(after, day) AS after,
    arg_min(was_paying, day) AS was_paying, arg_max(is_paying, day) AS is_paying,
    arg_min(was_unknown, day) AS was_unknown, arg_max(is_unknown, day) AS is_unknown,
    arg_min_null(left_on, day) AS left_on, min(back_on) AS back_on, max(worst) AS worst,
    sum(won) AS won, sum(lost) AS lost
FROM dated SEMI JOIN busy USING ({unit}, period)
GROUP BY {unit}, period"""

KIND: Final = """CASE
    WHEN is_paying AND NOT was_paying THEN
        CASE WHEN left_on IS NULL {late} THEN 'new' ELSE 'reactivation' END
    WHEN was_paying AND NOT is_paying THEN 'churn'
    WHEN abs(after - before) <= {tolerance} THEN NULL
    WHEN after > before THEN 'expansion' ELSE 'contraction' END"""

_KINDS: Final = ",\n".join(
    f"    sum(after - before) FILTER (kind = '{kind}') AS {kind},\n"
    f"    count(*) FILTER (kind = '{kind}') AS {kind}_count"
    for kind in Movement
)
PERIODS: Final = f"""
SELECT period,
{_KINDS},
    sum(greatest(after, 0) - before) FILTER (before > 0) AS changed,
    sum(least(greatest(after, 0), before) - before) FILTER (before > 0) AS shrunk,
    sum(won) FILTER (before > 0) AS won, sum(lost) FILTER (before > 0) AS lost,
    sum(after) FILTER (kind = 'reactivation') AS returned,
    count(*) FILTER (NOT was_paying AND back_on IS NOT NULL) AS came,
    count(*) FILTER (NOT was_paying AND back_on IS NOT NULL AND NOT is_paying) AS came_and_gone,
    max(worst) AS worst
FROM (SELECT *, {{kind}} AS kind FROM moved) GROUP BY period"""  # noqa: S608 - names of ours


@dataclass(frozen=True, slots=True)
class Level:
    """What stands at the end of a day, in whole units; `no_rate`, `no_split`: how many units of
    the level have an unknown amount, for which reason."""

    mrr: int = 0
    above_zero: int = 0
    customers: int = 0
    no_rate: int = 0
    no_split: int = 0

    def __add__(self, other: Level) -> Level:
        return Level(
            self.mrr + other.mrr,
            self.above_zero + other.above_zero,
            self.customers + other.customers,
            self.no_rate + other.no_rate,
            self.no_split + other.no_split,
        )


def levels(session: Session) -> tuple[list[date], list[Level]]:
    """The days on which anything changes, and what stands at the end of each."""
    rows = session.rows(TOTALS)
    changes = (Level(*(int(value) for value in values)) for _day, *values in rows)
    return [row[0] for row in rows], list(accumulate(changes))


def offer_periods(session: Session, periods: Sequence[Period]) -> None:
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


def make_moved(session: Session, report: Report, *, unit: str) -> None:
    """Make `moved`: the net changes of each period, or the changes of each day."""
    session.run(DATED.format(unit=unit, unknown=WORST))
    if report is Report.ACTIVITY:
        session.run("CREATE TEMP VIEW moved AS FROM dated")
        return
    session.run(BUSY.format(unit=unit))
    session.run(NET.format(unit=unit))


def kind_sql(window_days: int | None) -> str:
    """SQL: the kind of a movement of `moved`, as `rules.movement.kind_of`."""
    late = "" if window_days is None else f"OR back_on - left_on > {int(window_days)}"
    return KIND.format(late=late, tolerance=TOLERANCE)


def period_sums(session: Session, *, kind: str) -> dict[int, dict[str, Any]]:
    """By number of the period, what its movements add up to; periods without any are absent."""
    rows = session.table(PERIODS.format(kind=kind)).to_pylist()
    return {row["period"]: row for row in rows}


def reason(level: Level) -> str:
    """Why the amounts of a level are only its known part, or empty."""
    if level.no_rate:
        return MISSING_RATE
    return SPLIT_MISSING if level.no_split else ""
