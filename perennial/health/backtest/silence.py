"""Outcomes from plain events: a customer in use on the first of a month is lost when it is
silent for N days from then on.

In use: at least 20 events in the 180 days up to the day, and one in the last 90. Whether it fell
silent must have been observable: the N days end before its feed did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.customers.models import Customer
from perennial.customers.queries import survivors
from perennial.events.store import answer
from perennial.health.backtest.outcomes import Days, Ended, Floats, Ints, Outcomes, columns_of
from perennial.metrics.catalog.rows import Reading, activity_rows
from perennial.metrics.queries.merged import merged_table

ENOUGH_EVENTS: Final = 20
BEFORE_DAYS: Final = 180
RECENT_DAYS: Final = 90
SPAN: Final = 10**7  # more days than there are
HORIZON: Final = (0,)

_arrived = ibis.table(
    {"customer": "string", "source": "string", "received_on": "date"}, name="events"
)


@dataclass(frozen=True, slots=True)
class Used:
    """Days with events of all customers in one run: `key` rises with customer and day."""

    names: list[str]
    key: Ints  # index of the customer × SPAN + day
    before: Floats  # events before each of them; one longer than `key`
    first_on: date
    last_on: date

    def days(self, after: np.datetime64, until: np.datetime64) -> Ints:
        """Of every customer, the days with events in (after, until]."""
        return self._place(until) - self._place(after)

    def events(self, after: np.datetime64, until: np.datetime64) -> Floats:
        return self.before[self._place(until)] - self.before[self._place(after)]

    def _place(self, day: np.datetime64) -> Ints:
        ends = np.arange(len(self.names)) * SPAN + day.astype("int64")
        place: Ints = np.searchsorted(self.key, ends, side="right")
        return place


def silences(
    days: int,
    from_on: date | None,
    to_on: date | None,
    *,
    customers: Collection[str] | None = None,
) -> Outcomes:
    """Cases with the state at the end of the firsts of months in [from_on, to_on] (None: as far
    as the events go). `customers`: external ids, None for all."""
    used = _used(customers)
    if used is None:
        return columns_of([], horizons=HORIZON)
    firsts = list(_firsts(max(from_on or used.first_on, used.first_on), to_on or used.last_on))
    until = _observed_until()
    watched = np.array([until.get(name, date.min) for name in used.names], "datetime64[D]")
    rows = [
        Ended(used.names[index], first, bool(silent))
        for first in firsts
        for index, silent in _on(used, np.datetime64(first, "D"), days, watched)
    ]
    return columns_of(rows, horizons=HORIZON)


def _on(used: Used, day: np.datetime64, days: int, watched: Days) -> Iterator[tuple[int, bool]]:
    """Who was in use on a day and watched for long enough, and whether it fell silent."""
    half_year, quarter, after = (
        day + np.timedelta64(it, "D") for it in (-BEFORE_DAYS, -RECENT_DAYS, days)
    )
    in_use = (used.events(half_year, day) >= ENOUGH_EVENTS) & (used.days(quarter, day) > 0)
    chosen = np.flatnonzero(in_use & (watched >= after))
    silent = used.days(day, after) == 0
    yield from zip(chosen.tolist(), silent[chosen].tolist(), strict=True)


def _used(customers: Collection[str] | None) -> Used | None:
    """Events by customer and day; people's, not bots', and merged ones under their survivor."""
    merged = survivors()
    rows = activity_rows(Reading(has_merged=bool(merged)))
    rows = rows.filter(rows.customer.notnull())
    daily = rows.group_by("customer", "day").aggregate(events=rows.value.sum())
    found = answer(daily, offered={"merged": merged_table(merged)} if merged else {})
    if customers is not None:
        wanted = pa.array(sorted(customers), pa.string())
        found = found.filter(pc.is_in(found["customer"], wanted))
    if not found.num_rows:
        return None
    whose = found["customer"].combine_chunks().dictionary_encode()
    names = np.array(whose.dictionary.to_pylist(), object)
    rank = np.argsort(np.argsort(names))
    day = found["day"].to_numpy().astype("datetime64[D]")
    key = rank[whose.indices.to_numpy()] * SPAN + day.astype("int64")
    order = np.argsort(key)
    before = np.concatenate(([0.0], np.cumsum(found["events"].to_numpy()[order])))
    return Used(sorted(names), key[order], before, day.min().item(), day.max().item())


def _firsts(from_on: date, to_on: date) -> Iterator[date]:
    """The firsts of months in [from_on, to_on]."""
    year, month = from_on.year, from_on.month
    while (first := date(year, month, 1)) <= to_on:
        if first >= from_on:
            yield first
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _observed_until() -> dict[str, date]:
    """By external id, the last day on which it was watched: what its record says, else the last
    day on which anything was received from its sources."""
    seen = _arrived.filter(_arrived.customer.notnull())
    arrived = seen.group_by("customer", "source").aggregate(last_on=seen.received_on.max())
    rows = answer(arrived).to_pylist()
    last: dict[str | None, date] = {}
    for row in rows:
        last[row["source"]] = max(row["last_on"], last.get(row["source"], date.min))
    merged = survivors()
    until: dict[str, date] = {}
    for row in rows:
        name = merged.get(row["customer"], row["customer"])
        until[name] = max(last[row["source"]], until.get(name, date.min))
    said = Customer.objects.filter(observed_until__isnull=False)
    pairs = said.values_list("external_id", "observed_until")
    return until | {name: on for name, on in pairs if on is not None}
