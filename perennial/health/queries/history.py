"""Scores of past days, as they were judged then: a change of definition never rewrites them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from perennial.customers.models import Customer
from perennial.events.store import open_store
from perennial.health.record import judged
from perennial.health.rules import Judged

LOOK_BACK_DAYS = 7  # a missed day or two does not lose the day before
RECORD = ("parts", "profile", "version", "override", "band")


def newest_before(
    day: date, *, columns: Sequence[str], customers: list[str] | None = None
) -> pa.Table:
    """The rows of the last evaluated day within the week that ends on `day`, included."""
    table = open_store().health(
        from_on=day - timedelta(days=LOOK_BACK_DAYS - 1),
        to_on=day,
        customers=customers,
        columns=["day", "customer", *columns],
    )
    if not table.num_rows:
        return table
    return table.filter(pc.equal(table["day"], pc.max(table["day"])))


def scores_on(day: date) -> dict[str, float | None]:
    """Scores by external id at the end of `day` (or the last day before it within a week)."""
    table = newest_before(day, columns=["score"])
    return dict(zip(table["customer"].to_pylist(), table["score"].to_pylist(), strict=True))


def history(customer: Customer, *, from_on: date, to_on: date) -> list[tuple[date, float | None]]:
    """The scores of one customer day by day, oldest first."""
    table = open_store().health(
        from_on=from_on,
        to_on=to_on,
        customers=[customer.external_id],
        columns=["day", "score"],
    )
    return sorted(zip(table["day"].to_pylist(), table["score"].to_pylist(), strict=True))


def judged_on(customers: Sequence[str], day: date) -> dict[str, tuple[date, Judged]]:
    """How customers (external ids) were judged at the end of `day`, or on the last day before
    it within a week; who was not evaluated is left out."""
    table = newest_before(day, columns=RECORD, customers=list(customers))
    return {row["customer"]: (row["day"], judged_of_row(row)) for row in table.to_pylist()}


def judged_of_row(row: dict[str, Any]) -> Judged:
    """The judgement in a row of the history."""
    return judged(json.loads(row["parts"]), profile=row["profile"], version=row["version"])
