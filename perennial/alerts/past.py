"""The past as it was known then: counts that learn, who was served, which days were announced."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from django.conf import settings

from perennial.alerts.models import QuietWindow
from perennial.alerts.rules import Flags, Floats, Ints
from perennial.contracts.models import OrderLine, Pause
from perennial.customers.models import Customer
from perennial.events.rules.feed import SILENT_DAYS, FeedState, judge_days
from perennial.health.inputs.served import Books, served
from perennial.health.rules.defaults import FEED_SILENT_DAYS
from perennial.metrics.queries.arrivals import Arrivals, arrivals, number_of
from perennial.units.moment import day_end

RHYTHM_DAYS = 182  # of the feed, before a judged day
WEEK_DAYS = 7
SAMPLED = 500  # customers, up to which only they are read of the contracts
EMPTY_DAYS = 365  # before the first event there is nothing to look at


@dataclass(slots=True)
class Past:
    """Events by customer and day (since 1970; the first column is `first`) as known on a day."""

    facts: Arrivals
    first: int
    counts: Floats
    first_day: Ints
    applied: int = 0

    @classmethod
    def read(cls, *, from_on: date, to_on: date, customers: Collection[str] | None) -> Past:
        """Of the days from `from_on`, or from a year before the first event."""
        facts = arrivals(from_on=from_on, to_on=to_on, customers=customers)
        start = int(facts.day.min()) if len(facts.day) else number_of(to_on)
        first = max(number_of(from_on), start - EMPTY_DAYS)
        counts = np.zeros((len(facts.customers), number_of(to_on) - first + 1))
        return cls(facts, first, counts, facts.first_day.copy())

    def learn(self, day: int) -> None:
        """Take in what became known until the end of `day`."""
        upto = int(np.searchsorted(self.facts.known_on, day, side="right"))
        new = slice(self.applied, upto)
        row, on, change = self.facts.row[new], self.facts.day[new], self.facts.change[new]
        np.add.at(self.counts, (row, on - self.first), change)
        np.minimum.at(self.first_day, row, on)
        self.applied = upto

    def window(self, day: int, *, days: int) -> Floats:
        """The columns of the `days` days up to `day`."""
        end = day - self.first + 1
        return self.counts[:, end - days : end]

    def feed_silent(self, day: int) -> bool:
        """Nothing came for days, or for two of the last seven: nobody can be judged. The feeds
        are taken together, as no row says any more who brought it."""
        totals = self.window(day, days=min(RHYTHM_DAYS, day - self.first + 1)).sum(axis=0)
        seen = np.flatnonzero(totals)
        if not len(seen) or len(totals) - 1 - seen[-1] > FEED_SILENT_DAYS:
            return True
        verdict = judge_days([int(total) for total in totals[seen[0] :]])
        missing = verdict.covered[-WEEK_DAYS:].count(False)
        return verdict.state is FeedState.SILENT or missing >= SILENT_DAYS


@dataclass(slots=True)
class Service:
    """Whose service had ended or rested. Looked up once a week, on Mondays, when there are
    contracts at all: they change slowly. Of a sample only its own ledgers are read, once."""

    names: list[str]
    observed_until: Ints = field(init=False)
    has_contracts: bool = field(init=False)
    monday: date | None = None
    _names: dict[int, str] = field(init=False, default_factory=dict)
    over: Flags = field(init=False)
    books: Books | None = None

    def __post_init__(self) -> None:
        never = number_of(date(9999, 12, 31))
        rows = Customer.objects.values_list("external_id", "observed_until")
        ends = {name: number_of(until) for name, until in rows if until is not None}
        self.observed_until = np.array([ends.get(name, never) for name in self.names], np.int64)
        self.has_contracts = OrderLine.objects.exists() or Pause.objects.exists()
        self.over = np.zeros(len(self.names), dtype=bool)

    def look(self, day: date) -> Flags:
        """Per customer: over or paused. Who is known by events alone counts as served."""
        monday = day - timedelta(days=day.weekday())
        if self.has_contracts and monday != self.monday:
            self.monday = monday
            books = self.books = self.books or self._read()
            there = served(monday, known=True, books=books)
            standing = {it.external_id for it in there if not it.is_paused}
            end = day_end(monday, settings.PERENNIAL_TIME_ZONE)
            with_orders = {
                self._names[pk]
                for pk, ledger in books.ledgers.items()
                if any(line.recorded_at < end for line in ledger.lines)
            }
            self.over = np.array(
                [name in with_orders and name not in standing for name in self.names], dtype=bool
            )
        return self.over

    def _read(self) -> Books:
        rows = Customer.objects.values_list("pk", "external_id")
        if len(self.names) <= SAMPLED:
            rows = rows.filter(external_id__in=self.names)
        self._names = dict(rows)
        return Books(list(self._names) if len(self.names) <= SAMPLED else None)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The announced days of little use, as they were announced by then."""

    windows: list[tuple[int, int, int, str | None]]  # known on, first, last day, customer

    @classmethod
    def read(cls) -> Quiet:
        zone = settings.PERENNIAL_TIME_ZONE
        rows = QuietWindow.objects.order_by("pk").values_list(
            "recorded_at", "from_on", "to_on", "customer__external_id"
        )
        return cls(
            [
                (number_of(at.astimezone(zone).date()), number_of(first), number_of(last), name)
                for at, first, last, name in rows
            ]
        )

    def mask(self, names: list[str], *, day: int, days: int) -> Flags | None:
        """Customers × the `days` days up to `day`; None: nothing was announced for them."""
        start = day - days + 1
        found = [it for it in self.windows if it[0] <= day and it[1] <= day and it[2] >= start]
        if not found:
            return None
        quiet = np.zeros((len(names), days), dtype=bool)
        for _known, first, last, name in found:
            inside = slice(max(first, start) - start, min(last, day) - start + 1)
            if name is None:
                quiet[:, inside] = True
            elif name in names:
                quiet[names.index(name), inside] = True
        return quiet
