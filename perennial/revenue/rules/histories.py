"""The exact road: every figure of recurring revenue, straight from the terms, under all
definitions (口径).

Each customer (or product, or subscription) has a history of steps; a day's states, a period's
movements and the retention between two days are read from the histories. Figures that depend on
an amount that cannot be known say so instead of guessing.
Source: metric specification sections 0, A1–A3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Term
from perennial.revenue.rules.arrears import Arrears, spans
from perennial.revenue.rules.definitions import DEFAULT, Definitions
from perennial.revenue.rules.history import NO_RATES, History, steps
from perennial.revenue.rules.levels import customer_of, units
from perennial.revenue.rules.movement import (
    Move,
    Movement,
    Movements,
    Report,
    Unit,
    kind_of,
)
from perennial.revenue.rules.movement import movements as summed
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.retention_report import (
    KNOWN,
    RetentionReport,
    Unknown,
    retention_report,
    unknown_figures,
)
from perennial.revenue.rules.state import NOTHING, ZERO, Base, State, base, first_reason
from perennial.revenue.rules.subkinds import SubKind, subkinds
from perennial.revenue.rules.usage import usage_revenue
from perennial.units.period import ONE_DAY, Period


def histories(
    terms: Iterable[Term],
    *,
    definitions: Definitions = DEFAULT,
    rates: Rates = NO_RATES,
    arrears: Iterable[Arrears] = (),
) -> Histories:
    """The histories that follow from all terms of each customer."""
    given = list(terms)
    lost = spans(arrears)
    found: dict[Unit, History] = {}
    for key, theirs in units(given, definitions.level).items():
        away = lost.get(customer_of(key), ())
        changes = steps(theirs, definitions=definitions, rates=rates, lost=away)
        found[key] = History(theirs, changes)
    metered = [term for term in given if term.usage]
    return Histories(found, definitions=definitions, rates=rates, metered=metered)


@dataclass(slots=True)
class Histories:
    """Histories by unit, and what is read from them. States that were read once serve all
    figures; make it for one piece of work, and let it go."""

    _histories: Mapping[Unit, History]
    definitions: Definitions
    rates: Rates
    metered: Collection[Term] = ()
    _states: dict[date, dict[Unit, State]] = field(default_factory=dict)
    _bases: dict[date, Base] = field(default_factory=dict)
    _net: dict[tuple[date, date], list[Move]] = field(default_factory=dict)
    _reports: dict[tuple[date, date], Movements] = field(default_factory=dict)
    _all_known: bool | None = None  # worked out when it is asked for

    def keys(self) -> Collection[Unit]:
        """The units of the level: customers, or (customer, product or subscription)."""
        return self._histories.keys()

    def history(self, key: Unit) -> History:
        return self._histories[key]

    def first_paid(self, key: Unit) -> date | None:
        """The first day of its whole history on which it was a paying one."""
        return self._histories[key].first_paid

    def only(self, customer_ids: Collection[int]) -> Histories:
        """The same for some customers: the figures of a segment."""
        return Histories(
            {key: it for key, it in self._histories.items() if customer_of(key) in customer_ids},
            definitions=self.definitions,
            rates=self.rates,
            metered=[term for term in self.metered if term.customer_id in customer_ids],
        )

    def states(self, day: date) -> dict[Unit, State]:
        """At the end of `day`; those who pay nothing are left out."""
        found = self._states.get(day)
        if found is None:
            found = {}
            for key, history in self._histories.items():
                state = history.state(day)
                if state.paying or state.mrr:
                    found[key] = state
            self._states[day] = found
        return found

    def base(self, day: date) -> Base:
        found = self._bases.get(day)
        if found is None:
            found = self._bases[day] = base(self.states(day).values())
        return found

    def net(self, period: Period) -> list[Move]:
        """Per unit, what changed between the ends of the period."""
        ends = period.eve_on, period.last_on
        found = self._net.get(ends)
        if found is None:
            found = self._net[ends] = list(self._compared(*ends))
        return found

    def _compared(self, eve: date, last: date) -> Iterable[Move]:
        before, after = self.states(eve), self.states(last)
        for key in before.keys() | after.keys():
            was, is_ = before.get(key, NOTHING), after.get(key, NOTHING)
            if was is not is_ and (was != is_ or was.foreign):
                move = self._move(key, was, is_, eve, last)
                if move.fx or was != is_:
                    yield move

    def daily(self, period: Period) -> list[Move]:
        """Every daily net movement inside the period, by unit and day."""
        return [
            replace(
                self._move(key, step.before, step.after, step.on - ONE_DAY, step.on), on=step.on
            )
            for key, history in self._histories.items()
            for step in history.between(period.eve_on, period.last_on)
        ]

    def _move(self, key: Unit, before: State, after: State, eve: date, last: date) -> Move:
        fx = self._fx(before, after, eve, last)
        paid = True
        if after.paying and not before.paying:
            window = self.definitions.reactivation_window_days
            paid = not self._histories[key].is_new(eve, window)
        kind = kind_of(before, after, paid_before=paid, fx=fx)
        if isinstance(key, int):
            return Move(key, before, after, kind, fx=fx)
        return Move(key[0], before, after, kind, unit=key[1], fx=fx)

    def _fx(self, before: State, after: State, eve: date, last: date) -> Fraction:
        """What only the rates changed: who comes or leaves has no such line, everybody else
        moves at the rates of the first day and is valued anew at those of the last."""
        if not after.foreign or before.paying is not after.paying:
            return ZERO
        total = ZERO
        for currency, amount in after.foreign:
            was, is_ = (
                self.rates.on(currency, day, definitions=self.definitions) for day in (eve, last)
            )
            if was is not None and is_ is not None:
                total += amount * (is_ - was)
        return total

    def movements(self, period: Period, report: Report = Report.NET) -> Movements:
        """The period's report: from the end of the day before it to the end of its last day."""
        if report is Report.ACTIVITY:
            return self._report(period, daily=True)
        found = self._compared_report(period)
        return found if found.period == period else replace(found, period=period)

    def _compared_report(self, period: Period) -> Movements:
        """The net report of these two days, under whatever label it was made first."""
        ends = period.eve_on, period.last_on
        found = self._reports.get(ends)
        if found is None:
            found = self._reports[ends] = self._report(period, daily=False)
        return found

    def _report(self, period: Period, *, daily: bool) -> Movements:
        unknown = unknown_figures(self._unknown(period), daily=daily)
        metered, reason = ZERO, ""
        if self.metered:
            metered, reason = usage_revenue(
                self.metered, period, definitions=self.definitions, rates=self.rates
            )
        return summed(
            period,
            self.base(period.eve_on),
            self.daily(period) if daily else self.net(period),
            usage_revenue=metered,
            unknown=unknown | {"usage_revenue": reason} if reason else unknown,
        )

    def _unknown(self, period: Period) -> Unknown:
        if self._all_known is None:
            steps = (step for history in self._histories.values() for step in history.steps)
            self._all_known = not any(step.after.unknown for step in steps)
        if self._all_known:
            return KNOWN
        start, end = self.base(period.eve_on).unknown, self.base(period.last_on).unknown
        between = {
            step.after.unknown
            for history in self._histories.values()
            for step in history.between(period.eve_on, period.last_on)
        }
        return Unknown(
            start, end, ends=first_reason({start, end}), days=first_reason({start, end} | between)
        )

    def retention(self, first_on: date, last_on: date) -> RetentionReport:
        """Between the ends of two days."""
        period = Period("", first_on + ONE_DAY, last_on)
        start, net, daily = self.base(first_on), self.net(period), self.daily(period)
        return retention_report(
            self._compared_report(period),
            start,
            before=self.states(first_on),
            after=self.states(last_on),
            net=net,
            daily=daily,
            unknown=self._unknown(period),
            definitions=self.definitions,
        )

    def movers(
        self, period: Period, kind: Movement | None = None, report: Report = Report.NET
    ) -> list[Move]:
        """The movements that a report of the period sums up (those of one kind), the largest
        first."""
        moves = self.daily(period) if report is Report.ACTIVITY else self.net(period)
        found = [move for move in moves if move.kind and kind in (None, move.kind)]
        return sorted(found, key=lambda move: (-abs(move.amount), str(move.key)))

    def parts(self, move: Move, period: Period) -> Mapping[SubKind, Fraction]:
        """What an expansion or contraction of the period consists of; sums to its amount."""
        theirs = self._histories[move.key].terms
        return subkinds(
            theirs, period.eve_on, period.last_on, definitions=self.definitions, rates=self.rates
        )
