"""From terms to steps: every day on which a customer's state changes, as `rules.history.steps`.

Instead of one row per customer and month there is one per change: what starts and ends is
summed per customer and day, and a running sum over its days is the state. Renewals without a
change cancel out before anything is sorted.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from perennial.events.store import Session
from perennial.revenue.engine.amounts import TOLERANCE

# What begins adds, what ends takes; a pause takes what is earned, not what it is worth.
FLOWS: Final = """
CREATE TEMP VIEW flows AS
WITH edges AS (
    SELECT {unit}, start_on AS day, CASE unknown WHEN 0 THEN units ELSE 0 END AS units,
        0::HUGEINT AS rested, (unknown = 1)::INTEGER AS no_rate, (unknown = 2)::INTEGER AS no_split
    FROM terms
    UNION ALL
    SELECT {unit}, until_on, CASE unknown WHEN 0 THEN -units ELSE 0 END, 0,
        -(unknown = 1)::INTEGER, -(unknown = 2)::INTEGER
    FROM terms WHERE until_on IS NOT NULL
    UNION ALL
    SELECT {unit}, first_on, -units, units, 0, 0 FROM rests
    UNION ALL
    SELECT {unit}, until_on, units, -units, 0, 0 FROM rests WHERE until_on IS NOT NULL
)
SELECT {unit}, day, sum(units) AS units, sum(rested) AS rested,
    sum(no_rate)::INTEGER AS no_rate, sum(no_split)::INTEGER AS no_split
FROM edges GROUP BY {unit}, day
HAVING abs(sum(units)) > {tolerance} OR abs(sum(rested)) > {tolerance}
    OR sum(no_rate) <> 0 OR sum(no_split) <> 0"""

# The state after each change and before it, as running sums.
STATES: Final = """
CREATE TEMP TABLE states AS
WITH running AS (
    SELECT {unit}, day, units, rested, no_rate, no_split,
        sum(units) OVER upto AS all_units, sum(rested) OVER upto AS all_rested,
        sum(no_rate) OVER upto AS all_no_rate, sum(no_split) OVER upto AS all_no_split
    FROM flows
    WINDOW upto AS (PARTITION BY {unit} ORDER BY day ROWS UNBOUNDED PRECEDING)
), compared AS (
    SELECT {unit}, day,
        CASE WHEN abs(all_units - units) > {tolerance} THEN all_units - units ELSE 0 END AS before,
        CASE WHEN abs(all_units) > {tolerance} THEN all_units ELSE 0 END AS after,
        all_units + all_rested > {tolerance} OR all_no_rate > 0 OR all_no_split > 0 AS is_paying,
        all_units + all_rested - units - rested > {tolerance}
            OR all_no_rate > no_rate OR all_no_split > no_split AS was_paying,
        CASE WHEN all_no_rate > 0 THEN 1 WHEN all_no_split > 0 THEN 2 ELSE 0 END::TINYINT
            AS is_unknown,
        CASE WHEN all_no_rate > no_rate THEN 1 WHEN all_no_split > no_split THEN 2
            ELSE 0 END::TINYINT AS was_unknown
    FROM running
)
FROM compared
WHERE before <> after OR was_paying <> is_paying OR was_unknown <> is_unknown"""

# `left_on`, of changes that find somebody not paying: when it had stopped, if it ever had paid.
LEFT: Final = """
CREATE TEMP TABLE gone AS
SELECT {came_unit}, came.day, went.day AS left_on
FROM (FROM states WHERE NOT was_paying) AS came
ASOF JOIN (FROM states WHERE was_paying AND NOT is_paying) AS went
    ON {same_unit} AND came.day > went.day"""

READ: Final = """
SELECT {unit}, day, before::DECIMAL(38, 0) AS before, after::DECIMAL(38, 0) AS after,
    was_paying, is_paying, was_unknown, is_unknown, left_on
FROM states LEFT JOIN gone USING ({unit}, day)"""


def make_steps(session: Session, *, unit: str) -> pa.Table:
    """The steps of all units from the session's `terms` and `rests`, in no order; also a table
    `steps` of the session.

    `unit`: the columns that name one. Amounts are whole units (`amounts.UNITS`) as decimals.
    """
    columns = unit.split(", ")
    for statement in (FLOWS, STATES):
        session.run(statement.format(unit=unit, tolerance=TOLERANCE))
    session.run(
        LEFT.format(
            came_unit=", ".join(f"came.{name}" for name in columns),
            same_unit=" AND ".join(f"came.{name} = went.{name}" for name in columns),
        )
    )
    steps = session.table(READ.format(unit=unit))
    session.offer("steps", steps)
    return steps
