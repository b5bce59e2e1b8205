"""Outcomes of the ledger: every renewal that fell due, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from django.conf import settings

from perennial.health.backtest.outcomes import Ended, Outcomes, columns_of
from perennial.health.queries.outcomes import labelled_renewals

HORIZONS: Final = (30, 60, 90, 180)


def renewed(
    from_on: date | None,
    to_on: date | None,
    *,
    known_on: date,
    customers: Collection[int] | None = None,
) -> Outcomes:
    """Decided renewals due in [from_on, to_on] (None: no bound), as known by the end of
    `known_on`. `customers`: pks, None for all."""
    found = labelled_renewals(
        from_on or date.min, to_on or known_on, known_on=known_on, customers=customers
    )
    rows = [Ended(row.external_id, row.due_on, row.lost, row.amount) for row in found.rows]
    return columns_of(
        rows,
        horizons=HORIZONS,
        left_out={"excluded": found.excluded, "pending": found.pending},
        told={"currency": settings.PERENNIAL_CURRENCY, "known_on": known_on.isoformat()},
    )
