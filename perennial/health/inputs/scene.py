"""What the readers of the sources share: the cases, the ids behind them, what was heard.

Everything is read when it is first asked for, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db.models import Min, QuerySet

from perennial.customers.models import Customer, Merge
from perennial.customers.queries import survivors
from perennial.events.queries.feeds import brought, feed_states
from perennial.events.queries.quality import DEPENDS_RATE, Feeds
from perennial.events.store import table_session
from perennial.health.inputs.cases import NEVER, Cases, Column, Days, Flags, Floats, Ints
from perennial.health.inputs.contracts import Contracts
from perennial.health.inputs.loaded import loaded
from perennial.health.models import Opinion
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.metrics.queries.cases import (
    ALWAYS,
    Asking,
    Heard,
    UsageColumns,
    asking,
    columns_of,
    heard,
    usage_columns,
)
from perennial.units.moment import business_day, day_end

Made = TypeVar("Made")


class Scene:
    """Cases, and what is read of them on the way."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self.size = len(cases)
        self.rows_read = self.rows_assumed = 0
        self.columns: dict[str, Column] = {}  # by source, what was read of it so far
        self._made: dict[Callable[[Scene], Any], Any] = {}

    # Who

    @cached_property
    def known_on(self) -> Days:
        """The day by whose end things count as known."""
        return self.cases.as_of if self.cases.known else np.full(self.size, ALWAYS)

    @cached_property
    def days(self) -> list[date]:
        """The different days, in order."""
        return [day for day in np.unique(self.cases.as_of).astype(object) if day is not None]

    @cached_property
    def last_on(self) -> date:
        return self.days[-1] if self.days else date.min

    @cached_property
    def ids(self) -> tuple[Ints, Ints, list[str]]:
        """Case, customer and external id: of the company that a case is of on its day, and of
        every customer that stands under it then."""
        every = np.arange(self.size)
        customer, names = self.cases.customer, list(self.cases.external_id)
        changes = self._merge_days()
        if not len(changes):
            return every, customer, names
        pks = dict(Customer.objects.values_list("external_id", "pk"))
        states = np.searchsorted(changes, self.known_on.astype("datetime64[D]"), side="right")
        case: list[int] = []
        whose: list[int] = []
        under: list[str] = []
        for state in np.unique(states):
            on = None if not self.cases.known else self._first_of(changes, state)
            merged = survivors(on) if on or not self.cases.known else {}
            behind: dict[str, list[str]] = defaultdict(list)
            for one, survivor in merged.items():
                behind[survivor].append(one)
            for at in np.flatnonzero(states == state).tolist():
                company = merged.get(names[at], names[at])
                theirs = dict.fromkeys((company, *behind.get(company, ())))
                case += [at] * len(theirs)
                under += theirs
                own = {names[at]: int(customer[at])}
                whose += [own.get(it, pks.get(it, -1)) for it in theirs]
        return np.array(case, "int64"), np.array(whose, "int64"), under

    def _merge_days(self) -> Days:
        """The days on which somebody began or ceased to stand under another; without any, or
        with what is known now alone, at most one state."""
        rows = loaded(Merge.objects.all(), "merged_at", "undone_at")
        days = [rows.column(name).to_numpy() for name in rows.column_names]
        found = np.unique(np.concatenate(days).astype("datetime64[D]"))
        happened: Days = found[~np.isnat(found)]
        return happened

    @staticmethod
    def _first_of(changes: Days, state: int) -> date | None:
        found: date | None = changes[state - 1].astype(object) if state else None
        return found

    @cached_property
    def observed_until(self) -> Days:
        """The last day on which the customer was watched; NaT: it still is."""
        rows = Customer.objects.filter(observed_until__isnull=False)
        ends = dict(rows.values_list("external_id", "observed_until"))
        found = np.full(self.size, NEVER)
        if ends:
            for at, name in enumerate(self.cases.external_id):
                if (end := ends.get(name)) is not None:
                    found[at] = end
        return found

    @cached_property
    def contracts(self) -> Contracts:
        return Contracts(self.cases)

    # What they use

    @cached_property
    def asking(self) -> Asking:
        case, _, names = self.ids
        return asking(names, self.cases.as_of[case], self.known_on[case], case, size=self.size)

    @cached_property
    def _rows_of_day(self) -> dict[str, UsageRow] | None:
        """Of cases of one day, as known now, the figures that alerts, work and desk read, too:
        they are computed once for all. The same as `usage_columns` would say, which is tested."""
        if self.cases.known or len(self.days) != 1:
            return None
        return customer_metrics(as_of=self.days[0])

    @cached_property
    def usage(self) -> UsageColumns:
        rows = self._rows_of_day
        if rows is None:
            return usage_columns(self.asking)
        merged = survivors()
        names = self.cases.external_id
        return columns_of([rows.get(merged.get(name, name)) for name in names])

    @cached_property
    def heard(self) -> Heard:
        return heard(self.cases.as_of, self.known_on)

    @cached_property
    def used_on(self) -> Days:
        """The last day until the case's with an event of anybody's."""
        rows = self._rows_of_day
        if rows is None:
            return self.heard.used_on
        last_on = max((row.last_seen_on for row in rows.values()), default=None)
        return np.full(self.size, NEVER if last_on is None else np.datetime64(last_on, "D"))

    @cached_property
    def silent(self) -> Flags:
        """What brings the customer's events had fallen silent by then."""
        found = np.zeros(self.size, bool)
        partly: dict[date, Feeds] = {}
        for day, feeds in feed_states(self.days, known=self.cases.known).items():
            if feeds.all_silent:
                found[self.cases.as_of == np.datetime64(day, "D")] = True
            elif feeds.silent:
                partly[day] = feeds
        if partly:
            days: list[date] = self.cases.as_of.astype(object).tolist()
            asked = self.asking.rows
            concerned = pc.is_in(asked.column("as_of"), pa.array(partly, pa.date32()))
            for case, by_source in brought(asked.filter(concerned)).items():
                found[case] = partly[days[case]].silent_share(by_source) >= DEPENDS_RATE
        return found

    # Facts

    def once(self, make: Callable[[Scene], Made]) -> Made:
        """What a reader makes of the scene, kept for the next one that needs it."""
        if make not in self._made:
            self._made[make] = make(self)
        found: Made = self._made[make]
        return found

    def facts(self, rows: QuerySet[Any], *fields: str) -> pa.Table:
        """`loaded` rows of a table of facts: customer_id, the fields and recorded_on, of what
        was recorded by the last day."""
        if self.cases.known:
            end = day_end(self.last_on, settings.PERENNIAL_TIME_ZONE)
            rows = rows.filter(recorded_at__lt=end)
            fields = (*fields, "recorded_at", "recorded_assumed")
            if rows.model is Opinion:  # said now, never imported
                fields = fields[:-1]
        found = loaded(rows, "customer_id", *fields)
        if "recorded_assumed" in fields:
            self.rows_read += found.num_rows
            self.rows_assumed += found.column("recorded_assumed").to_pylist().count(True)
        if not self.cases.known:
            long_ago = pa.repeat(pa.scalar(date.min, pa.date32()), found.num_rows)
            found = found.append_column("recorded_on", long_ago)
        return found

    def ask(self, sql: str, **tables: pa.Table) -> pa.Table:
        """An answer over Arrow tables; `cases` has case, customer_id, as_of and known_on: a row
        per case and customer that stands under it. Columns case and figures, a row per case."""
        with table_session() as session:
            session.offer("cases", self._case_table)
            for name, table in tables.items():
                session.offer(name, table)
            return session.table(sql)

    @cached_property
    def _case_table(self) -> pa.Table:
        case, customer, _ = self.ids
        return pa.table(
            {
                "case": pa.array(case),
                "customer_id": pa.array(customer),
                "as_of": pa.array(self.cases.as_of[case], pa.date32()),
                "known_on": pa.array(self.known_on[case], pa.date32()),
            }
        )

    def placed(self, found: pa.Table, name: str, *, absent: float = np.nan) -> Floats:
        """A figure of `ask` over all cases."""
        column = np.full(self.size, absent)
        values = found.column(name).cast(pa.float64()).to_numpy()
        column[found.column("case").to_numpy()] = values
        return column

    def placed_days(self, found: pa.Table, name: str) -> Days:
        """A day of `ask` over all cases; NaT where there is none."""
        column = np.full(self.size, NEVER)
        column[found.column("case").to_numpy()] = found.column(name).to_numpy()
        return column

    def since_first(self, table: pa.Table, day: str) -> Flags:
        """Whether the installation had any of these facts by the case's day: a source that
        never said anything is not connected."""
        if not table.num_rows:
            return np.zeros(self.size, bool)
        happened: Days = table.column(day).to_numpy().astype("datetime64[D]")
        if self.cases.known:
            happened = np.fmax(happened, table.column("recorded_on").to_numpy())
        found: Flags = self.cases.as_of >= happened.min()
        return found

    def any_since(self, rows: QuerySet[Any], day: str) -> Flags:
        """The same of a table of which nothing else is needed; `day` is a day or moment of it."""
        if self.cases.known:
            return self.since_first(self.facts(rows, day), day.replace("_at", "_on"))
        first = rows.order_by().aggregate(first=Min(day))["first"]
        if isinstance(first, datetime):
            first = business_day(first, settings.PERENNIAL_TIME_ZONE)
        if first is None:
            return np.zeros(self.size, bool)
        found: Flags = self.cases.as_of >= np.datetime64(first, "D")
        return found


def days_between(later: Days, earlier: Days) -> Floats:
    """Days from the one to the other; nan where one is unknown."""
    found = (later - earlier).astype("float64")
    return np.where(np.isnat(later) | np.isnat(earlier), np.nan, found)
