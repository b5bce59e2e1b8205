"""From terms to steps: every day on which a customer's state changes, as `rules.history.steps`.

Instead of one row per customer and month there is one per change: what starts and ends is
summed per customer and day, and a running sum over its days is the state. Renewals without a
change cancel out before anything is sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from perennial.events.store import Session
from perennial.revenue.engine.amounts import TOLERANCE

# What begins adds, what ends takes.
EDGES: Final = """
CREATE TEMP VIEW edges AS
SELECT {unit}, start_on AS day, units FROM terms
UNION ALL
SELECT {unit}, until_on, -units FROM terms WHERE until_on IS NOT NULL"""
PLAIN: Final = {"units": "sum(units)"}

# A pause takes what is earned, not what it is worth; an unknown amount only counts heads.
MORE_EDGES: Final = """
CREATE TEMP VIEW edges AS
WITH counted AS (
    SELECT {unit}, start_on, until_on, CASE unknown WHEN 0 THEN units ELSE 0 END AS units,
        (unknown = 1)::INTEGER AS no_rate, (unknown = 2)::INTEGER AS no_split
    FROM terms
)
SELECT {unit}, start_on AS day, units, 0::HUGEINT AS rested, no_rate, no_split FROM counted
UNION ALL
SELECT {unit}, until_on, -units, 0, -no_rate, -no_split FROM counted WHERE until_on IS NOT NULL
UNION ALL
SELECT {unit}, first_on, -units, units, 0, 0 FROM rests
UNION ALL
SELECT {unit}, until_on, units, -units, 0, 0 FROM rests WHERE until_on IS NOT NULL"""
MORE: Final = PLAIN | {
    "rested": "sum(rested)",
    "no_rate": "sum(no_rate)::INTEGER",
    "no_split": "sum(no_split)::INTEGER",
}

# The state after each change and before it, as running sums.
STATES: Final = """
CREATE TEMP TABLE states AS
WITH flows AS (
    SELECT {unit}, day, {sums} FROM edges GROUP BY {unit}, day HAVING {changed}
), running AS (
    SELECT {unit}, day, {values}, {totals} FROM flows
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
    rest = session.rows(
        "SELECT 1 FROM rests UNION ALL SELECT 1 FROM terms WHERE unknown > 0 LIMIT 1"
    )
    edges, summed = (MORE_EDGES, MORE) if rest else (EDGES, PLAIN)
    session.run(edges.format(unit=unit))
    session.run(_states(unit, summed))
    session.run(
        LEFT.format(
            came_unit=", ".join(f"came.{name}" for name in columns),
            same_unit=" AND ".join(f"came.{name} = went.{name}" for name in columns),
        )
    )
    steps = session.table(READ.format(unit=unit))
    session.offer("steps", steps)
    return steps


def _states(unit: str, summed: Mapping[str, str]) -> str:
    """SQL: the running sums of these columns; the other ones are nothing all along."""
    absent = [name for name in MORE if name not in summed]
    values = [*summed, *(f"0 AS {name}" for name in absent)]
    totals = [f"sum({name}) OVER upto AS all_{name}" for name in summed]
    return STATES.format(
        unit=unit,
        sums=", ".join(f"{sql} AS {name}" for name, sql in summed.items()),
        changed=" OR ".join(
            f"abs(sum({name})) > {TOLERANCE if name in ('units', 'rested') else 0}"
            for name in summed
        ),
        values=", ".join(values),
        totals=", ".join([*totals, *(f"0 AS all_{name}" for name in absent)]),
        tolerance=TOLERANCE,
    )
