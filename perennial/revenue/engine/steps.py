"""From terms to steps: every day on which a customer's state changes, as `rules.history.steps`.

Instead of one row per customer and month there is one per change. What starts and ends is sorted
by customer and day; a running sum over it is the state. Renewals without a change cancel out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from perennial.events.store import Session
from perennial.revenue.engine.amounts import PARTS
from perennial.revenue.engine.columns import MOST_LINES, Amounts, Flags, Ints, runs
from perennial.revenue.engine.faults import NeedsExactRoad

EPOCH: Final = date(1970, 1, 1)
NEVER: Final = -(2**31)  # in place of a day
_DAY_BITS: Final = 22  # days from before year 1 to after 9999
_DAY_ZERO: Final = 2**20

# What begins adds, what ends takes.
EDGES: Final = """
WITH edges AS (
    SELECT {unit}, start_on AS on_day, whole, part FROM terms
    UNION ALL
    SELECT {unit}, until_on, -whole, -part FROM terms WHERE until_on IS NOT NULL
)
SELECT {rank}{unit}, on_day - DATE '1970-01-01' AS day, * EXCLUDE ({unit}, on_day) FROM edges"""

# A pause takes what is earned, not what it is worth; an unknown amount only counts heads.
MORE_EDGES: Final = """
WITH counted AS (
    SELECT {unit}, start_on, until_on, CASE unknown WHEN 0 THEN whole ELSE 0 END AS whole,
        CASE unknown WHEN 0 THEN part ELSE 0 END AS part,
        (unknown = 1)::BIGINT AS no_rate, (unknown = 2)::BIGINT AS no_split
    FROM terms
), edges AS (
    SELECT {unit}, start_on AS on_day, whole, part, 0 AS rested_whole, 0 AS rested_part,
        no_rate, no_split
    FROM counted
    UNION ALL
    SELECT {unit}, until_on, -whole, -part, 0, 0, -no_rate, -no_split
    FROM counted WHERE until_on IS NOT NULL
    UNION ALL
    SELECT {unit}, first_on, -whole, -part, whole, part, 0, 0 FROM rests
    UNION ALL
    SELECT {unit}, until_on, whole, part, -whole, -part, 0, 0
    FROM rests WHERE until_on IS NOT NULL
)
SELECT {rank}{unit}, on_day - DATE '1970-01-01' AS day, * EXCLUDE ({unit}, on_day) FROM edges"""

# As a table of the engine, for questions that are asked there.
READ: Final = f"""
CREATE TEMP VIEW steps AS SELECT * EXCLUDE (
    before_whole, before_part, after_whole, after_part),
    (before_whole::HUGEINT * {PARTS} + before_part)::DECIMAL(38, 0) AS before,
    (after_whole::HUGEINT * {PARTS} + after_part)::DECIMAL(38, 0) AS after
FROM step_columns"""  # noqa: S608 - a number of ours


@dataclass(frozen=True, slots=True)
class Steps:
    """Row by row a change of a unit, sorted by unit and day. Days count from 1970-01-01.

    `left_on`, of changes that find somebody not paying: when it had stopped, if it ever had paid.
    `name`: of the product or order, where those are the units.
    """

    unit: Ints
    customer_id: Ints
    name: Any
    day: Ints
    before: Amounts
    after: Amounts
    was_paying: Flags
    is_paying: Flags
    was_unknown: Ints  # 0 known, 1 no rate, 2 no split
    is_unknown: Ints
    left_on: Ints

    def __len__(self) -> int:
        return len(self.day)

    def __getitem__(self, rows: Any) -> Steps:
        """The steps of some rows, in their order."""
        columns = (getattr(self, field.name) for field in fields(self))
        chosen: list[Any] = [None if column is None else column[rows] for column in columns]
        return Steps(*chosen)

    def offer(self, session: Session) -> None:
        """Let statements read them as `steps`; amounts in whole units, as decimals."""
        columns: dict[str, Any] = {
            "customer_id": self.customer_id,
            "day": pa.array(self.day.astype(np.int32)).cast(pa.date32()),
            "before_whole": self.before.whole,
            "before_part": self.before.part,
            "after_whole": self.after.whole,
            "after_part": self.after.part,
            "was_paying": self.was_paying,
            "is_paying": self.is_paying,
            "was_unknown": self.was_unknown,
            "is_unknown": self.is_unknown,
        }
        if self.name is not None:
            columns["name"] = pa.array(self.name, pa.string())
        session.offer("step_columns", pa.table(columns))
        session.run(READ)


def make_steps(session: Session, *, unit: str) -> Steps:
    """The steps of all units from the session's `terms` and `rests`. `unit`: the columns that
    name one. Raises NeedsExactRoad when too many lines are those of one unit."""
    more = session.rows(
        "SELECT 1 FROM rests UNION ALL SELECT 1 FROM terms WHERE unknown > 0 LIMIT 1"
    )
    is_customer = unit == "customer_id"
    rank = "" if is_customer else f"dense_rank() OVER (ORDER BY {unit}) AS unit, "
    found = session.arrays((MORE_EDGES if more else EDGES).format(unit=unit, rank=rank))
    edges = {name: np.asarray(column) for name, column in found.items()}
    if is_customer:
        edges["unit"] = edges.pop("customer_id")
    order = _in_order(edges["unit"], edges["day"])
    sorted_edges = {name: column[order] for name, column in edges.items()}
    starts = runs(sorted_edges["unit"])
    if len(starts) and np.diff(starts, append=len(order)).max() > MOST_LINES:
        raise NeedsExactRoad("lines_of_one")
    return _steps(_flows(sorted_edges))


def _in_order(unit: Ints, day: Ints) -> Ints:
    if len(unit) and unit.max() >= 2 ** (62 - _DAY_BITS):
        return np.lexsort((day, unit))
    return np.argsort((unit << _DAY_BITS) + (day + _DAY_ZERO))


@dataclass(frozen=True, slots=True)
class _Flows:
    """What changes per unit and day, where anything does."""

    rows: Mapping[str, Any]
    money: Amounts
    rested: Amounts | None
    counts: Mapping[str, Ints]  # no_rate, no_split


def _flows(edges: Mapping[str, Any]) -> _Flows:
    starts = runs(edges["unit"], edges["day"])
    money = Amounts(edges["whole"], edges["part"]).sums(starts)
    changed = ~money.is_nothing()
    rested, counts = None, {}
    if "no_rate" in edges:
        rested = Amounts(edges["rested_whole"], edges["rested_part"]).sums(starts)
        counts = {name: np.add.reduceat(edges[name], starts) for name in ("no_rate", "no_split")}
        changed |= ~rested.is_nothing()
        changed |= (counts["no_rate"] != 0) | (counts["no_split"] != 0)
        rested = rested[changed]
    rows = starts[changed]
    unit = edges["unit"][rows]
    return _Flows(
        {
            "unit": unit,
            "customer_id": edges["customer_id"][rows] if "customer_id" in edges else unit,
            "name": edges["name"][rows] if "name" in edges else None,
            "day": edges["day"][rows],
        },
        money[changed],
        rested,
        {name: column[changed] for name, column in counts.items()},
    )


def _steps(flows: _Flows) -> Steps:
    """The state after each change and before it, as running sums."""
    unit = flows.rows["unit"]
    starts = runs(unit)
    sizes = np.diff(starts, append=len(unit))

    def running(column: Ints) -> Ints:
        total = np.cumsum(column)
        found: Ints = total - np.repeat((total - column)[starts], sizes)
        return found

    def amounts(flow: Amounts) -> Amounts:
        return Amounts(running(flow.whole), running(flow.part))

    money = amounts(flows.money)
    after = money.cleared()
    is_unknown: Ints = np.zeros(len(unit), np.int8)
    is_paying = after.is_positive()
    if flows.rested is not None:
        is_unknown = _unknown({name: running(it) for name, it in flows.counts.items()})
        earned = money + amounts(flows.rested)
        is_paying = earned.cleared().is_positive() | (is_unknown > 0)
    return _told(flows.rows, starts, sizes, after, is_paying, is_unknown)


def _told(
    rows: Mapping[str, Any],
    starts: Ints,
    sizes: Ints,
    after: Amounts,
    is_paying: Flags,
    is_unknown: Ints,
) -> Steps:
    """With the state before, that is after the step before, and when somebody had left."""

    def earlier(column: Any) -> Any:
        shifted = np.zeros_like(column)
        shifted[1:] = column[:-1]
        shifted[starts] = 0
        return shifted

    was_paying, was_unknown = earlier(is_paying), earlier(is_unknown)
    went = np.where(was_paying & ~is_paying, np.arange(len(is_paying)), -1)
    last = np.maximum.accumulate(np.insert(went, 0, -1)[:-1])
    left = ~was_paying & (last >= np.repeat(starts, sizes))
    steps = Steps(
        **rows,
        before=Amounts(earlier(after.whole), earlier(after.part)),
        after=after,
        was_paying=was_paying,
        is_paying=is_paying,
        was_unknown=was_unknown,
        is_unknown=is_unknown,
        left_on=np.where(left, rows["day"][last], NEVER),
    )
    change = (after.whole != steps.before.whole) | (after.part != steps.before.part)
    change |= (was_paying != is_paying) | (was_unknown != is_unknown)
    return steps if change.all() else steps[change]


def _unknown(counts: Mapping[str, Ints]) -> Ints:
    """No rate before no split."""
    found: Ints = np.where(counts["no_rate"] > 0, 1, np.where(counts["no_split"] > 0, 2, 0)).astype(
        np.int8
    )
    return found
