"""When it became known how much a customer did on a day: what a replay of the past reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from perennial.customers.queries import survivors
from perennial.events.store import answer
from perennial.metrics.catalog import tables, windows
from perennial.metrics.catalog.rows import Reading, standing
from perennial.metrics.queries.merged import merged_table
from perennial.units.period import ONE_DAY

Ints = NDArray[np.int64]
_DAY_ZERO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Changes of what is known, in the order in which it became known.

    On day `known_on` (since 1970) customer `row` turned out to have `change` more events (fewer,
    where rows were replaced) on `day`. `first_day`: each customer's first day before all these,
    or the day after them.
    """

    customers: list[str]
    known_on: Ints
    row: Ints
    day: Ints
    change: NDArray[np.float64]
    first_day: Ints


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - _DAY_ZERO).days


def arrivals(*, from_on: date, to_on: date, customers: Collection[str] | None = None) -> Arrivals:
    """Events of [from_on, to_on], both included, with what became known of them until `to_on`.

    Customers are external ids, sorted; those with events only before are not among them.
    """
    merged = tuple(sorted(survivors(to_on).items()))
    how = Reading(has_merged=bool(merged))
    offered = {"merged": merged_table(dict(merged))} if merged else {}
    known = _known_days(how, to_on)
    before = windows.customer_spans(as_of=from_on - ONE_DAY, how=how)
    if customers is not None:
        offered["wanted"] = pa.table({"customer": pa.array(sorted(customers), pa.string())})
        known = known.semi_join(tables.wanted, "customer")
        before = before.semi_join(tables.wanted, "customer")
    rows = answer(known, first_on=from_on, last_on=to_on, offered=offered, ever=True)
    names: list[str] = sorted(pc.unique(rows.column("customer")).to_pylist())
    place = pc.index_in(rows.column("customer"), pa.array(names, pa.string()))
    spans = answer(before, last_on=from_on - ONE_DAY, offered=offered).to_pylist()
    first = {span["customer"]: number_of(span["first_seen_on"]) for span in spans}
    late = number_of(to_on) + 1
    since, row, day, change = _changes(rows, place.to_numpy().astype(np.int64), until=to_on)
    order = np.lexsort((change, day, row, since))
    return Arrivals(
        names,
        since[order],
        row[order],
        day[order],
        change[order],
        np.array([first.get(name, late) for name in names], dtype=np.int64),
    )


def _known_days(how: Reading, to_on: date) -> ir.Table:
    rows = standing(tables.activity_ever, how)
    rows = rows.filter(rows.customer.notnull(), rows.received_on <= to_on)
    return rows.group_by("customer", "day", "received_on", "replaced_on").agg(
        count=rows.value.sum()
    )


def _changes(
    rows: pa.Table, place: Ints, *, until: date
) -> tuple[Ints, Ints, Ints, NDArray[np.float64]]:
    """Every row once when it arrived, and once with the opposite sign when it was replaced."""
    count = rows.column("count").to_numpy().astype(float)
    day = rows.column("day").cast(pa.int32()).to_numpy().astype(np.int64)
    come = rows.column("received_on").cast(pa.int32()).to_numpy().astype(np.int64)
    never = number_of(until) + 1
    gone = pc.fill_null(rows.column("replaced_on").cast(pa.int32()), never)
    left = gone.to_numpy().astype(np.int64)
    out = left <= number_of(until)
    return (
        np.concatenate([come, left[out]]),
        np.concatenate([place, place[out]]),
        np.concatenate([day, day[out]]),
        np.concatenate([count, -count[out]]),
    )
