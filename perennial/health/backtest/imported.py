"""Outcomes that were imported: each row is a case. Where only losses are known, each of them is
ranked against another customer that was there on the same day and was not lost.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final
from zlib import crc32

import ibis
import numpy as np
from django.db.models import Min

from perennial.contracts.models import OrderLine
from perennial.customers.models import Customer, Outcome
from perennial.events.store import answer
from perennial.health.backtest.outcomes import Days, Ended, Outcomes, columns_of
from perennial.metrics.catalog import tables

HORIZONS: Final = (30, 60, 90, 180)
CONTROLS: Final = 1  # beside each loss
NEVER: Final = np.datetime64("9999-12-31", "D")


def imported(
    from_on: date | None,
    to_on: date | None,
    *,
    seed: int,
    customers: Collection[int] | None = None,
) -> Outcomes:
    """Every outcome that occurred in [from_on, to_on] (None: no bound), churn as lost.
    `customers`: pks, None for all."""
    found = Outcome.objects.order_by("occurred_on", "customer__external_id", "outcome")
    if from_on is not None:
        found = found.filter(occurred_on__gte=from_on)
    if to_on is not None:
        found = found.filter(occurred_on__lte=to_on)
    rows = [
        Ended(external_id, on, outcome == Outcome.Kind.CHURN)
        for pk, external_id, on, outcome in found.values_list(
            "customer_id", "customer__external_id", "occurred_on", "outcome"
        )
        if customers is None or pk in customers
    ]
    only_losses = bool(rows) and all(row.lost for row in rows)
    controls = _controls(rows, seed=seed, customers=customers) if only_losses else []
    told = {"controls_per_loss": CONTROLS} if only_losses else {}
    return columns_of([*rows, *controls], horizons=HORIZONS, told=told)


def _controls(losses: list[Ended], *, seed: int, customers: Collection[int] | None) -> list[Ended]:
    """For each loss, others that had been there for a month and were not lost in the half year
    up to that day; drawn, always the same ones. Placebo losses, drawn blindly, score 0.5."""
    began = _began(customers)
    names = sorted(began)
    since = np.array([began[name] for name in names], "datetime64[D]")
    place = {name: index for index, name in enumerate(names)}
    lost = sorted(
        (row.ended_on, place[row.external_id]) for row in losses if row.external_id in place
    )
    lost_on = np.array([on for on, _ in lost], "datetime64[D]")
    whose = np.array([index for _, index in lost], "int64")
    chosen: list[Ended] = []
    for row in losses:
        open_ = _at_risk(row.ended_on, since, lost_on, whose)
        if row.external_id in place:
            open_[place[row.external_id]] = False
        found = np.flatnonzero(open_)
        key = (seed, crc32(row.external_id.encode()), row.ended_on.toordinal())
        drawn = np.random.default_rng(key).choice(found, min(CONTROLS, len(found)), replace=False)
        chosen += [Ended(names[it], row.ended_on, lost=False, control=True) for it in drawn]
    return chosen


def _at_risk(on: date, since: Days, lost_on: Days, whose: np.ndarray) -> np.ndarray:
    open_ = since <= np.datetime64(on - timedelta(days=HORIZONS[0]), "D")
    first = np.searchsorted(lost_on, np.datetime64(on - timedelta(days=HORIZONS[-1]), "D"), "right")
    last = np.searchsorted(lost_on, np.datetime64(on, "D"), "right")
    open_[whose[first:last]] = False
    return open_


def _began(customers: Collection[int] | None) -> dict[str, date]:
    """By external id, the first day that is known of a customer: its opening, order or event."""
    alive = Customer.objects.filter(merged_into__isnull=True)
    ids = {
        pk: (external_id, created_on)
        for pk, external_id, created_on in alive.values_list("pk", "external_id", "created_on")
        if customers is None or pk in customers
    }
    lines = OrderLine.objects.filter(void=False).order_by().values_list("customer_id")
    ordered = dict(lines.annotate(Min("start_on")))
    rows = tables.activity.filter(tables.activity.customer.notnull())
    used = answer(rows.group_by("customer").aggregate(first_on=ibis._.day.min()))
    seen = dict(zip(*(used[name].to_pylist() for name in ("customer", "first_on")), strict=True))
    found = {
        external_id: min(filter(None, (created_on, ordered.get(pk), seen.get(external_id))),
                         default=None)
        for pk, (external_id, created_on) in ids.items()
    }  # fmt: skip
    return {name: on for name, on in found.items() if on is not None}
