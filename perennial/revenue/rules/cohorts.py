"""Cohorts (同期群): of the customers that began together, how much is left k periods later.

A cohort is everybody whose first paid day lies in a period, also those gone before its end.
logo: share of its customers still paying · grr: of their MRR at the end of that first period,
each capped at it · nrr: uncapped. Cell k is the state at the end of the k-th period after; one
that is not over yet is unknown. The total weighs cohorts by their start, those old enough only.
By cycle, cell k is what is left after the k-th renewal instead of after k periods.
Source: metric specification A5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final, Protocol

from perennial.revenue.rules.movement import Unit
from perennial.revenue.rules.state import NOTHING, State, exact_sum, first_reason
from perennial.units.money import ratio
from perennial.units.period import Grain, Period, period_of, periods_between

ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class CohortMetric(StrEnum):
    LOGO = "logo"
    GRR = "grr"
    NRR = "nrr"


@dataclass(frozen=True, slots=True)
class Cell:
    """What is left (customers or MRR) of what there was; `left` None: the period is not over,
    or an amount is not known (`unknown` says why)."""

    left: Fraction | None
    of: Fraction
    unknown: str = ""

    @property
    def rate(self) -> Fraction | None:
        return None if self.left is None else ratio(self.left, self.of)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """`start_mrr` is exact, None when an amount in it is unknown (`unknown` says why)."""

    period: Period
    size: int
    start_mrr: Fraction | None
    cells: tuple[Fraction | None, ...]
    parts: tuple[Cell, ...]  # behind the cells
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class CohortTable:
    """One row per period, all equally long. `total[k]` is over the cohorts that reached k."""

    metric: CohortMetric
    rows: tuple[CohortRow, ...]
    total: tuple[Fraction | None, ...]


class States(Protocol):
    """What cohorts need of a book."""

    def keys(self) -> Collection[Unit]: ...
    def first_paid(self, key: Unit) -> date | None: ...
    def states(self, day: date) -> Mapping[Unit, State]: ...


def cohorts(
    book: States,
    *,
    grain: Grain,
    metric: CohortMetric,
    from_on: date,
    to_on: date,
    known_on: date | None = None,
) -> CohortTable:
    """The customers that began in [from_on, to_on], both days included, followed to the last
    period that is over by `to_on` and by `known_on`."""
    periods = list(periods_between(from_on, to_on, grain))
    members = _members(book, periods)
    over_on = min(to_on, known_on or to_on)
    ends = [period.last_on for period in periods]
    states = {end: book.states(end) for end in ends}
    over = [whole.last_on <= over_on for whole in (period_of(end, grain) for end in ends)]
    rows = []
    for rank, period in enumerate(periods):
        keys = members[period.label]
        start = {key: states[ends[rank]].get(key, NOTHING) for key in keys}
        later = [
            {key: states[end].get(key, NOTHING) for key in keys} if done else None
            for end, done in zip(ends[rank:], over[rank:], strict=True)
        ]
        rows.append(_row(period, metric, start, [*later, *[None] * rank]))
    return CohortTable(metric, tuple(rows), total(rows))


def _members(book: States, periods: Sequence[Period]) -> Mapping[str, list[Unit]]:
    found: dict[str, list[Unit]] = defaultdict(list)
    labels = [(period.first_on, period.last_on, period.label) for period in periods]
    for key in book.keys():  # noqa: SIM118 - a book is no mapping
        first = book.first_paid(key)
        if first is not None and labels and labels[0][0] <= first <= labels[-1][1]:
            found[next(label for _, last, label in labels if first <= last)].append(key)
    return found


Kept = Mapping[Unit, State]


def _row(
    period: Period, metric: CohortMetric, start: Kept, later: Sequence[Kept | None]
) -> CohortRow:
    unknown = first_reason({state.unknown for state in start.values()} - {""})
    parts = tuple(_cell(metric, start, states, unknown) for states in later)
    start_mrr = (
        None if unknown else exact_sum(state.mrr for state in start.values() if state.paying)
    )
    rates = tuple(cell.rate for cell in parts)
    return CohortRow(period, len(start), start_mrr, rates, parts, unknown)


def _cell(metric: CohortMetric, start: Kept, later: Kept | None, unknown: str) -> Cell:
    if metric is CohortMetric.LOGO:
        paying = None if later is None else Fraction(sum(it.paying for it in later.values()))
        return Cell(paying, of=Fraction(len(start)))
    began = {key: state.mrr for key, state in start.items() if state.mrr > 0}
    of = exact_sum(began.values())
    if later is None:
        return Cell(None, of)
    if why := unknown or first_reason({later[key].unknown for key in began} - {""}):
        return Cell(None, of, why)
    now = {key: max(later[key].mrr, ZERO) for key in began}
    if metric is CohortMetric.GRR:
        now = {key: min(mrr, began[key]) for key, mrr in now.items()}
    return Cell(exact_sum(now.values()), of)


def total(rows: Iterable[CohortRow]) -> tuple[Fraction | None, ...]:
    """Per column, over the cohorts that reached it, weighted by their start; None where an
    amount of one of them is not known."""
    columns = zip(*(row.parts for row in rows), strict=True)
    found: list[Fraction | None] = []
    for column in columns:
        if any(cell.unknown for cell in column):
            found.append(None)
            continue
        known = [(cell.left, cell.of) for cell in column if cell.left is not None]
        left, of = exact_sum(left for left, _ in known), exact_sum(of for _, of in known)
        found.append(ratio(left, of))
    return tuple(found)
