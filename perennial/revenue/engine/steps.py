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

# Signs: what begins adds, what ends takes; a pause takes what is earned, not what it is worth.
FLOWS: Final = """
CREATE TEMP VIEW flows AS
WITH counted AS (
    SELECT {unit}, start_on, until_on, unknown,
        CASE unknown WHEN '' THEN units ELSE 0 END AS units
    FROM terms
), edges AS (
    SELECT {unit}, start_on AS day, units, units AS worth, unknown, 1 AS sign FROM counted
    UNION ALL
    SELECT {unit}, until_on, -units, -units, unknown, -1 FROM counted WHERE until_on IS NOT NULL
    UNION ALL
    SELECT {unit}, first_on, -units, 0::HUGEINT, '', 0 FROM rests
    UNION ALL
    SELECT {unit}, until_on, units, 0::HUGEINT, '', 0 FROM rests WHERE until_on IS NOT NULL
)
SELECT {unit}, day, sum(units) AS units, sum(worth) AS worth,
    sum(CASE unknown WHEN 'missing_rate' THEN sign ELSE 0 END)::INTEGER AS no_rate,
    sum(CASE unknown WHEN 'split_missing' THEN sign ELSE 0 END)::INTEGER AS no_split
FROM edges GROUP BY {unit}, day
HAVING abs(sum(units)) > {tolerance} OR abs(sum(worth)) > {tolerance}
    OR no_rate <> 0 OR no_split <> 0"""

# The state after each change and before it. `left_on`: when it stopped paying, if it had ever
# paid before this change and does not now.
STEPS: Final = """
CREATE TEMP TABLE steps AS
WITH running AS (
    SELECT {unit}, day, units,
        sum(units) OVER upto AS sum_units, sum(worth) OVER upto > {tolerance} AS is_worth,
        sum(no_rate) OVER upto > 0 AS lacks_rate, sum(no_split) OVER upto > 0 AS lacks_split
    FROM flows
    WINDOW upto AS (PARTITION BY {unit} ORDER BY day ROWS UNBOUNDED PRECEDING)
), states AS (
    SELECT {unit}, day,
        CASE WHEN abs(sum_units - units) > {tolerance} THEN sum_units - units ELSE 0 END AS before,
        CASE WHEN abs(sum_units) > {tolerance} THEN sum_units ELSE 0 END AS after,
        is_worth OR lacks_rate OR lacks_split AS is_paying,
        CASE WHEN lacks_rate THEN 1 WHEN lacks_split THEN 2 ELSE 0 END::TINYINT AS is_unknown
    FROM running
), compared AS (
    SELECT *, lag(is_paying, 1, false) OVER days AS was_paying,
        lag(is_unknown, 1, 0::TINYINT) OVER days AS was_unknown
    FROM states
    WINDOW days AS (PARTITION BY {unit} ORDER BY day)
)
SELECT *, max(CASE WHEN was_paying AND NOT is_paying THEN day END) OVER (
    PARTITION BY {unit} ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS left_on
FROM compared
WHERE before <> after OR was_paying <> is_paying OR was_unknown <> is_unknown"""

READ: Final = """
SELECT {unit}, day, before::DECIMAL(38, 0) AS before, after::DECIMAL(38, 0) AS after,
    was_paying, is_paying, was_unknown, is_unknown, left_on
FROM steps"""


def make_steps(session: Session, *, unit: str) -> pa.Table:
    """The steps of all units from the session's `terms` and `rests`, in no order.

    `unit`: the columns that name one. Amounts are whole units (`amounts.UNITS`) as decimals.
    """
    for statement in (FLOWS, STEPS):
        session.run(statement.format(unit=unit, tolerance=TOLERANCE))
    return session.table(READ.format(unit=unit))
