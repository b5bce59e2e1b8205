"""What customers had under contract: seats, what falls due, yearly amounts, pauses.

As of a case's day; for known cases from the ledger as it was recorded by then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Min

from perennial.contracts.models import OrderLine
from perennial.contracts.queries import (
    Due,
    Ledger,
    due_among,
    entitlement_of,
    everybodys_terms,
    ledgers_of_records,
    next_due,
    terms_of,
)
from perennial.contracts.rules import DueGroup, Term, due_groups
from perennial.contracts.rules.line import known
from perennial.customers.models import Customer
from perennial.health.inputs.cases import NEVER, Cases, Days, Flags, Floats
from perennial.health.inputs.served import GRACE_DAYS
from perennial.revenue.models import Definition, FxRate
from perennial.revenue.queries import contracted_mrr_on
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.rules import History, steps
from perennial.units.moment import business_day, day_end

MONTHS = 12
MANY = 500  # customers, from which on the whole ledger is read


class Contracts:
    """Columns over cases, each made when it is first asked for."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self._days: list[date] = cases.as_of.astype(object).tolist()
        self._pks: list[int] = cases.customer.tolist()

    @cached_property
    def started_on(self) -> Days:
        """The first day of the first order; without orders, of the record."""
        if self.cases.served is not None:
            return _days([it.started_on for it in self.cases.served])
        if self.cases.known:
            begun = [self._first_line(at) for at in range(len(self.cases))]
        else:
            lines = OrderLine.objects.filter(void=False).order_by()
            first = dict(lines.values_list("customer_id").annotate(Min("start_on")))
            begun = [first.get(pk) for pk in self._pks]
        created = dict(Customer.objects.values_list("pk", "created_on"))
        pairs = zip(begun, self._pks, strict=True)
        return _days([on or created.get(pk) for on, pk in pairs])

    def _first_line(self, at: int) -> date | None:
        ledger, end = self._ledgers.get(self._pks[at]), self._end(at)
        lines = ledger.lines if ledger else []
        return min(
            (it.start_on for it in lines if not it.void and it.recorded_at < end), default=None
        )

    @cached_property
    def seats(self) -> Floats:
        """Seats licensed; nan where no order says."""
        if self.cases.served is not None:
            return _floats([it.seats for it in self.cases.served])
        return self.seats_before(0)

    def seats_before(self, days: int) -> Floats:
        """Seats some days earlier, as the case knows them."""
        found = []
        for at, day in enumerate(self._days):
            service = entitlement_of(self.terms(at), day - timedelta(days=days))
            found.append(service.seats if service else None)
        return _floats(found)

    @cached_property
    def open_due(self) -> list[Due | None]:
        """What falls due and nobody has renewed."""
        if self.cases.served is not None:
            return [it.open_due for it in self.cases.served]
        if not self.cases.known and len(set(self._days)) == 1:
            due = next_due(None, self._days[0], grace_days=GRACE_DAYS)
            found = [due.get(pk) for pk in self._pks]
        else:
            found = [
                due_among(self._due_groups(at), day - timedelta(days=GRACE_DAYS))
                for at, day in enumerate(self._days)
            ]
        return [None if it is None or it.renewed else it for it in found]

    def _due_groups(self, at: int) -> list[DueGroup]:
        key = (self._pks[at], self._grown(at) if self.cases.known else -1)
        if key not in self._groups:
            terms = self.terms(at)
            self._groups[key] = due_groups(terms) if terms else []
        return self._groups[key]

    @cached_property
    def _groups(self) -> dict[tuple[int, int], list[DueGroup]]:
        return {}

    @cached_property
    def due_in_days(self) -> Floats:
        """Days until what falls due; below zero when it is past."""
        due = _days([it.due_on if it else None for it in self.open_due])
        gap = (due - self.cases.as_of).astype("float64")
        return np.where(np.isnat(due), np.nan, gap)

    @cached_property
    def paused(self) -> Flags:
        """All of the customer's service rests."""
        if self.cases.served is not None:
            return np.array([it.is_paused for it in self.cases.served], bool)
        return np.array([self._paused(at, day) for at, day in enumerate(self._days)], bool)

    def _paused(self, at: int, day: date) -> bool:
        ledger = self._ledgers.get(self._pks[at])
        if ledger is None or not ledger.pauses:
            return False
        whole = [it for it in ledger.pauses if not it.order_id]
        return any(
            it.start_on <= day and (it.end_on is None or it.end_on > day)
            for it in known(whole, before=self._end(at) if self.cases.known else None)
        )

    @cached_property
    def arr(self) -> Floats:
        """Yearly amount of live contracts, in the company's currency; nan where one is not
        known, zero without any."""
        return self.arr_before(0)

    def arr_before(self, days: int) -> Floats:
        """The same some days earlier, as the case knows it."""
        if not self.cases.known and len(set(self._days)) == 1:  # of live contracts alone
            on = self._days[0] - timedelta(days=days)
            mrr = contracted_mrr_on(None if len(self._pks) > MANY else self._pks, on)
            values = [mrr.get(pk, 0) for pk in self._pks]
            return _floats([None if it is None else float(it * MONTHS) for it in values])
        found = []
        for at, day in enumerate(self._days):
            state = self._history(at).state(day - timedelta(days=days))
            found.append(None if state.unknown else float(state.mrr * MONTHS))
        return _floats(found)

    # Terms, as a case knows them

    def terms(self, at: int) -> Sequence[Term]:
        """The terms of a case's customer."""
        pk = self._pks[at]
        if not self.cases.known:
            return self._terms_now.get(pk, ())
        ledger, key = self._ledgers.get(pk), (pk, self._grown(at))
        if key not in self._terms_then:
            end = self._end(at)
            self._terms_then[key] = ledger.terms(known_before=end) if ledger else []
        return self._terms_then[key]

    def _history(self, at: int) -> History:
        if not self.cases.known:
            pk = self._pks[at]
            if pk not in self._histories:
                self._histories[pk] = self._made(self._terms_now.get(pk, ()), None)
            return self._histories[pk]
        rank = bisect_right(self._money_days, self._days[at])
        on = self._money_days[rank - 1] if rank else date.min + timedelta(days=1)
        key = (self._pks[at], self._grown(at), on)
        if key not in self._histories:
            self._histories[key] = self._made(self.terms(at), on)
        return self._histories[key]

    def _made(self, terms: Sequence[Term], on: date | None) -> History:
        if on not in self._rules:
            # Whoever does not pay its invoices is still there to be lost.
            definitions = replace(definitions_at(on), delinquent_after_days=None)
            self._rules[on] = (definitions, rates_at(on))
        definitions, rates = self._rules[on]
        return History(terms, steps(terms, definitions=definitions, rates=rates))

    @cached_property
    def _histories(self) -> dict[Any, History]:
        return {}

    @cached_property
    def _rules(self) -> dict[date | None, tuple[Any, Any]]:
        return {}

    @cached_property
    def _money_days(self) -> list[date]:
        """The days on which a definition or rate was recorded."""
        zone = settings.PERENNIAL_TIME_ZONE
        moments: list[datetime] = []
        for model in (Definition, FxRate):
            moments += model.objects.values_list("recorded_at", flat=True)
        return sorted({business_day(moment, zone) for moment in moments})

    @cached_property
    def _terms_now(self) -> dict[int, list[Term]]:
        return everybodys_terms() if len(self._pks) > MANY else terms_of(set(self._pks))

    @cached_property
    def _ledgers(self) -> dict[int, Ledger]:
        return ledgers_of_records(None if len(self._pks) > MANY else set(self._pks))

    @cached_property
    def _recorded(self) -> dict[int, list[date]]:
        """By customer, the days on which its ledger grew."""
        zone = settings.PERENNIAL_TIME_ZONE
        return {
            pk: sorted(
                {it.recorded_on or business_day(it.recorded_at, zone) for it in ledger.lines}
                | {business_day(it.recorded_at, zone) for it in ledger.pauses}
            )
            for pk, ledger in self._ledgers.items()
        }

    def _grown(self, at: int) -> int:
        """How far the case's ledger had grown: as far, the same terms."""
        return bisect_right(self._recorded.get(self._pks[at], []), self._days[at])

    def _end(self, at: int) -> datetime:
        day = self._days[at]
        if day not in self._ends:
            self._ends[day] = day_end(day, settings.PERENNIAL_TIME_ZONE)
        return self._ends[day]

    @cached_property
    def _ends(self) -> dict[date, datetime]:
        return {}

    @cached_property
    def _terms_then(self) -> dict[tuple[int, int], list[Term]]:
        return {}


def _days(values: Sequence[date | None]) -> Days:
    found = np.full(len(values), NEVER)
    for at, value in enumerate(values):
        if value is not None:
            found[at] = value
    return found


def _floats(values: Sequence[float | int | None]) -> Floats:
    return np.array([np.nan if it is None else it for it in values], "float64")
