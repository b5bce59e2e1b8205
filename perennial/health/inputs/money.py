"""Invoices and contracts: what is overdue, what is due, what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from perennial.contracts.models import Invoice, OrderLine
from perennial.health.inputs.cases import Column, Flags, Floats, column
from perennial.health.inputs.scene import Scene

SEATS_DAYS: Final = 90
VALUE_DAYS: Final = 365

_OLDEST: Final = """
    SELECT "case", count(*) AS billed, coalesce(max(as_of - due_on) FILTER (
        due_on < as_of AND (paid_on IS NULL OR paid_on > as_of)), 0) AS days
    FROM cases JOIN invoices USING (customer_id)
    WHERE issued_on <= as_of AND recorded_on <= known_on GROUP BY "case" """


def agreed(scene: Scene) -> Flags:
    """Whether anybody had signed anything by the case's day."""
    return scene.any_since(OrderLine.objects.filter(void=False), "signed_on")


def overdue(scene: Scene) -> Column:
    """Days since the oldest unpaid invoice fell due; of whoever was ever billed."""
    invoices = scene.facts(Invoice.objects.all(), "issued_on", "due_on", "paid_on")
    found = scene.ask(_OLDEST, invoices=invoices)
    days = scene.placed(found, "days")
    billed = scene.since_first(invoices, "issued_on")
    return column(days, connected=billed, params={"days": days})


def due_in(scene: Scene) -> Column:
    days = scene.contracts.due_in_days
    return column(days, connected=scene.once(agreed), params={"days": days})


def seats_change(scene: Scene) -> Column:
    """Licensed seats against 90 days before, as a change: −0.2 is a fifth fewer."""
    now, before = scene.contracts.seats, scene.contracts.seats_before(SEATS_DAYS)
    return _change(scene, now, before, "seats")


def value_change(scene: Scene) -> Column:
    """The yearly contract value against a year before."""
    return _change(scene, scene.contracts.arr, scene.contracts.arr_before(VALUE_DAYS), "value")


def _change(scene: Scene, now: Floats, before: Floats, name: str) -> Column:
    rate = np.divide(now, before, out=np.full(scene.size, np.nan), where=before > 0) - 1
    return column(rate, connected=scene.once(agreed), params={name: now, "before": before})


READERS: Mapping[str, Callable[[Scene], Column]] = {
    "overdue": overdue,
    "due_in": due_in,
    "seats_change": seats_change,
    "value_change": value_change,
}
