"""The fast road: the figures of `rules.histories`, set by set in the analytical engine.

The steps of all units are made once and kept as columns that nobody changes, so that threads may
share a book; each figure is a question to them. Equal to the exact road to the
cent (docs/decisions/0005-two-roads.md); what the engine leaves to it raises NeedsExactRoad.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.contracts.rules import Term, resolve
from perennial.events.store import Session, table_session
from perennial.revenue.engine.amounts import amount
from perennial.revenue.engine.cohorts import cohort_table
from perennial.revenue.engine.faults import NeedsExactRoad
from perennial.revenue.engine.portions import make_portions, unit_columns
from perennial.revenue.engine.reports import movements_of, retention_of
from perennial.revenue.engine.states import first_paid, moves, states
from perennial.revenue.engine.steps import Steps, make_steps
from perennial.revenue.engine.sums import Level, Moved, levels, moved, period_sums, reason
from perennial.revenue.engine.tables import LedgerTables, lines_of, pauses_of
from perennial.revenue.engine.terms import due_customers, make_due, make_terms, offer_lines
from perennial.revenue.rules import (
    DEFAULT,
    Base,
    Definitions,
    Histories,
    Move,
    Movement,
    Movements,
    Rates,
    Report,
    RetentionReport,
    State,
    Unit,
    histories,
)
from perennial.revenue.rules.arrears import Arrears
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable
from perennial.revenue.rules.definitions import FxPolicy, MergedBase
from perennial.revenue.rules.due_items import due_items
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.renewal import RenewalReport, report
from perennial.units.period import ONE_DAY, Grain, Period

NO_RATES = Rates()


@dataclass(frozen=True, slots=True)
class FastBook:
    """Made by `fast_book`. `steps`: every change of every unit; `days` and `levels`: what stands
    at the end of each day on which anything changes."""

    tables: LedgerTables
    definitions: Definitions
    rates: Rates
    known_before: datetime | None
    steps: Steps
    metered: Sequence[Term]
    days: Sequence[date]
    levels: Sequence[Level]
    customers: frozenset[int] | None = None  # of a segment
    arrears: Sequence[Arrears] = ()
    _first_paid: dict[Unit, date] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        return unit_columns(self.definitions.level)

    def only(self, customer_ids: Collection[int]) -> FastBook:
        """The same for some customers: the figures of a segment."""
        steps = self.steps[np.isin(self.steps.customer_id, list(customer_ids))]
        days, stand = levels(steps)
        theirs = [term for term in self.metered if term.customer_id in customer_ids]
        return replace(
            self,
            steps=steps,
            metered=theirs,
            days=days,
            levels=stand,
            customers=frozenset(customer_ids),
            _first_paid={},
        )

    def level(self, day: date) -> Level:
        """What stands at the end of `day`, in whole units."""
        rank = bisect_right(self.days, day)
        return self.levels[rank - 1] if rank else Level()

    def base(self, day: date) -> Base:
        level = self.level(day)
        return Base(
            amount(level.mrr), amount(level.above_zero), level.customers, unknown=reason(level)
        )

    def keys(self) -> Collection[Unit]:
        """The units that ever paid."""
        return self._first().keys()

    def first_paid(self, key: Unit) -> date | None:
        """The first day of its whole history on which it was a paying one."""
        return self._first().get(key)

    def _first(self) -> dict[Unit, date]:
        if not self._first_paid:
            self._first_paid.update(first_paid(self.steps))
        return self._first_paid

    def states(self, day: date) -> dict[Unit, State]:
        """At the end of `day`; those who pay nothing are left out."""
        return states(self.steps, day)

    def net(self, period: Period) -> list[Move]:
        """Per unit, what changed between the ends of the period."""
        return moves(self._moved([period], Report.NET))

    def daily(self, period: Period) -> list[Move]:
        """Every daily net movement inside the period."""
        return moves(self._moved([period], Report.ACTIVITY), daily=True)

    def _moved(self, periods: Sequence[Period], report: Report) -> Moved:
        window_days = self.definitions.reactivation_window_days
        return moved(self.steps, periods, report, window_days=window_days)

    def movers(
        self, period: Period, kind: Movement | None = None, report: Report = Report.NET
    ) -> list[Move]:
        """The movements that a report of the period sums up (those of one kind), the largest
        first."""
        made = self.daily(period) if report is Report.ACTIVITY else self.net(period)
        found = [move for move in made if move.kind and kind in (None, move.kind)]
        return sorted(found, key=lambda move: (-abs(move.amount), str(move.key)))

    def movements(self, period: Period, report: Report = Report.NET) -> Movements:
        """The period's report: from the end of the day before it to the end of its last day."""
        return self.many([period], report)[0]

    def many(self, periods: Sequence[Period], report: Report = Report.NET) -> list[Movements]:
        """The reports of periods that do not overlap, in one pass."""
        sums = self._sums(periods, report)
        return [
            movements_of(self, period, sums.get(rank, {}), daily=report is Report.ACTIVITY)
            for rank, period in enumerate(periods)
        ]

    def retention(self, first_on: date, last_on: date) -> RetentionReport:
        """Between the ends of two days."""
        return self.retentions([Period("", first_on + ONE_DAY, last_on)])[0]

    def retentions(self, periods: Sequence[Period]) -> list[RetentionReport]:
        """Between the ends of each period, in one pass; they do not overlap."""
        sums = self._sums(periods, Report.NET)
        return [
            retention_of(self, period, sums.get(rank, {})) for rank, period in enumerate(periods)
        ]

    def _sums(self, periods: Sequence[Period], report: Report) -> dict[int, dict[str, Any]]:
        return period_sums(self._moved(periods, report))

    def terms(self, customer_ids: Collection[int]) -> list[Term]:
        """The terms of a few customers, on the exact road."""
        lines, pauses = self.tables.of(customer_ids)
        return resolve(lines, pauses, known_before=self.known_before)

    def exact(self, customer_ids: Collection[int]) -> Histories:
        """A few customers on the exact road: their histories, and the parts of their moves."""
        return histories(
            self.terms(customer_ids),
            definitions=self.definitions,
            rates=self.rates,
            arrears=self.arrears,
        )

    def renewals(
        self,
        *,
        from_on: date,
        to_on: date,
        known_on: date,
        exclusions: Iterable[Exclusion] = (),
    ) -> RenewalReport:
        """As `rules.renewal.renewals`: the engine finds whose contracts fall due, and whose
        base may move there; their items are made on the exact road."""
        left_out = list(exclusions)
        with table_session() as session:
            offer_lines(session, self.tables.lines)
            make_due(session, definitions=self.definitions, known_before=self.known_before)
            wanted = due_customers(session, from_on, to_on)
        wanted |= self.tables.customers_of({it.order_id for it in left_out})
        wanted |= {it.survivor_id for it in left_out if it.survivor_id is not None}
        terms = self.terms(wanted if self.customers is None else wanted & self.customers)
        moves = bool(left_out) and self.definitions.merged_base is MergedBase.MOVE
        items = due_items(
            terms,
            known_on=known_on,
            definitions=self.definitions,
            rates=self.rates,
            from_on=date.min if moves else from_on,
            to_on=date.max if moves else to_on,
        )
        return report(items, left_out, from_on=from_on, to_on=to_on, definitions=self.definitions)

    def cohorts(
        self,
        *,
        grain: Grain,
        metric: CohortMetric,
        from_on: date,
        to_on: date,
        known_on: date | None = None,
    ) -> CohortTable:
        """As `rules.cohorts.cohorts`."""
        with table_session() as session:
            self.steps.offer(session)
            return cohort_table(
                session, self.unit, grain=grain, metric=metric, from_on=from_on, to_on=to_on,
                known_on=known_on,
            )  # fmt: skip


def fast_book(
    tables: LedgerTables,
    *,
    definitions: Definitions = DEFAULT,
    rates: Rates = NO_RATES,
    known_before: datetime | None = None,
    arrears: Sequence[Arrears] = (),
) -> FastBook:
    """The book of a ledger as it was known before a moment (None: now). Raises NeedsExactRoad."""
    if definitions.fx is FxPolicy.SPOT:
        raise NeedsExactRoad("fx_spot")
    with table_session() as session:
        offer_lines(session, tables.lines)
        make_due(session, definitions=definitions, known_before=known_before)
        make_terms(session, definitions=definitions, rates=rates)
        return book_of_terms(
            session,
            tables,
            definitions=definitions,
            rates=rates,
            known_before=known_before,
            arrears=arrears,
        )


def book_of_terms(
    session: Session,
    tables: LedgerTables,
    *,
    definitions: Definitions = DEFAULT,
    rates: Rates = NO_RATES,
    known_before: datetime | None = None,
    arrears: Sequence[Arrears] = (),
) -> FastBook:
    """The second half of `fast_book`: from the session's `terms` and `services`."""
    session.offer("pauses", tables.pauses)
    make_portions(session, definitions=definitions, known_before=known_before, arrears=arrears)
    steps = make_steps(session, unit=unit_columns(definitions.level))
    days, stand = levels(steps)
    metered = _metered(tables, known_before)
    return FastBook(
        tables,
        definitions,
        rates,
        known_before,
        steps,
        metered,
        days=days,
        levels=stand,
        arrears=arrears,
    )


def _metered(tables: LedgerTables, known_before: datetime | None) -> list[Term]:
    """The terms of metered lines, told beside the committed revenue."""
    kinds = tables.lines["kind"]
    if not pc.any(pc.equal(kinds, "usage")).as_py():
        return []
    wanted = pc.is_in(kinds, pa.array(["usage", "cancellation"]))
    lines = lines_of(tables.lines.filter(wanted))
    terms = resolve(lines, pauses_of(tables.pauses), known_before=known_before)
    return [term for term in terms if term.usage]
