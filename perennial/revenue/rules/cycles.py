"""Cohorts by renewal cycle: what is left after the first, the second, the k-th renewal.

The rows are the same cohorts (period of the first paid day), of the customers whose first
contracts fall due. A cycle is counted along the chain of renewals, whatever the length of the
terms; contracts added later have chains of their own and do not count. Who is lost stays lost.
A cell is known once the k-th renewal of every customer of the row is decided.
Source: metric specification A5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from perennial.revenue.rules.cohorts import (
    ONE,
    ZERO,
    Cell,
    CohortMetric,
    CohortRow,
    CohortTable,
    total,
)
from perennial.revenue.rules.due_items import DueItem
from perennial.revenue.rules.state import exact_sum
from perennial.units.period import Grain, Period, periods_between


@dataclass(frozen=True, slots=True)
class Chain:
    """One customer's cycles: `start` is the yearly amount of its first due items (None: not
    known), `after[k − 1]` the one renewed at the k-th. Cycles beyond are not decided yet, or gone
    with the customer (`lost`)."""

    start: Fraction | None
    after: tuple[Fraction | None, ...]
    lost: bool
    unknown: str

    def left(self, cycle: int) -> tuple[bool, Fraction | None] | None:
        """Still there, and with how much a year, after a cycle; None: not decided yet."""
        if cycle == 0:
            return True, self.start
        if cycle <= len(self.after):
            amount = self.after[cycle - 1]
            return amount != 0, amount
        return (False, ZERO) if self.lost else None


def cycles(
    items: Iterable[DueItem],
    *,
    first_paid: Mapping[int, date],
    grain: Grain,
    metric: CohortMetric,
    from_on: date,
    to_on: date,
) -> CohortTable:
    """`items`: all due items of the customers, as known; those due after `to_on` are open."""
    theirs: dict[int, list[DueItem]] = defaultdict(list)
    for item in items:
        theirs[item.customer_id].append(item)
    members: dict[str, list[Chain]] = defaultdict(list)
    periods = list(periods_between(from_on, to_on, grain))
    for customer_id, due in theirs.items():
        first = first_paid.get(customer_id)
        period = next((it for it in periods if first and it.first_on <= first <= it.last_on), None)
        chain = _chain(due, period.last_on, to_on) if period else None
        if period and chain:
            members[period.label].append(chain)
    most = max((len(it.after) for chains in members.values() for it in chains), default=0)
    rows = [_row(period, metric, members[period.label], most) for period in periods]
    return CohortTable(metric, tuple(rows), total(rows))


def _chain(due: Sequence[DueItem], began_by: date, to_on: date) -> Chain | None:
    """None: nothing of the start ever falls due, or it goes on without an end."""
    levels = _levels(due, began_by)
    falling = {order_id for item in due for order_id in item.order_ids}
    in_chain = [item for level in levels for item in level]
    endless = (it.is_renewed and falling.isdisjoint(it.renewed_by) for it in in_chain)
    if not levels or any(endless):
        return None
    start = _sum(item.due_amount for item in levels[0])
    unknown = next((item.unknown for item in in_chain if item.unknown), "")
    after: list[Fraction | None] = []
    for level in levels:
        if any(item.is_pending or item.due_on > to_on for item in level):
            return Chain(start, tuple(after), lost=False, unknown=unknown)
        after.append(_sum(item.renewed_amount for item in level))
    return Chain(start, tuple(after), lost=True, unknown=unknown)


def _levels(due: Iterable[DueItem], began_by: date) -> list[list[DueItem]]:
    """The due items by cycle; those that belong to no chain from the start are left out."""
    ranks: dict[str, int] = {}  # of an order that renews: the cycle that it opens
    levels: list[list[DueItem]] = []
    for item in sorted(due, key=lambda it: it.due_on):
        opened = [ranks[order_id] for order_id in item.order_ids if order_id in ranks]
        if not opened and item.started_on > began_by:
            continue
        rank = max(opened, default=0)
        levels += [[] for _ in range(len(levels), rank + 1)]
        levels[rank].append(item)
        ranks.update(dict.fromkeys(item.renewed_by, rank + 1))
    return levels


def _sum(amounts: Iterable[Fraction | None]) -> Fraction | None:
    known = list(amounts)
    return None if None in known else exact_sum(it for it in known if it is not None)


def _row(period: Period, metric: CohortMetric, chains: Sequence[Chain], most: int) -> CohortRow:
    parts = tuple(_cell(metric, chains, cycle) for cycle in range(most + 1))
    start = _sum(chain.start for chain in chains)
    return CohortRow(
        period,
        size=len(chains),
        start_mrr=None if start is None else start / 12,
        cells=tuple(cell.rate for cell in parts),
        parts=parts,
        unknown=next((chain.unknown for chain in chains if chain.unknown), ""),
    )


def _cell(metric: CohortMetric, chains: Sequence[Chain], cycle: int) -> Cell:
    logo = metric is CohortMetric.LOGO
    starts = [ONE if logo else chain.start for chain in chains]
    of = exact_sum(it for it in starts if it is not None)
    left = [chain.left(cycle) for chain in chains]
    kept: list[Fraction] = []
    for chain, start, state in zip(chains, starts, left, strict=True):
        if state is None:
            return Cell(None, of)
        stays, amount = state
        now = Fraction(stays) if logo else amount
        if now is None or start is None:
            return Cell(None, of, chain.unknown)
        kept.append(min(now, start) if metric is not CohortMetric.NRR else now)
    return Cell(exact_sum(kept), of)
