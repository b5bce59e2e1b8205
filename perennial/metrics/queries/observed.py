"""Which days were observed at all: outside them nothing is known, and nothing is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis

from perennial.customers.models import Customer
from perennial.events.store import answer, open_store
from perennial.metrics.rules.periods import DAY_ZERO

_events = ibis.table({"day": "date", "received_on": "date"}, name="activity")


@dataclass(frozen=True, slots=True)
class Observed:
    """The days from the first event to the last one received; None before there was any."""

    first_on: date | None
    last_on: date | None


def observed(*, known_by: date | None) -> Observed:
    """The days for which data are here, as known at the end of a day (None: now)."""
    bounds = _events.aggregate(
        first_on=_events.day.min(),
        last_on=ibis.greatest(_events.day.max(), _events.received_on.max()),
    )
    [row] = answer(bounds, known_by=known_by).to_pylist()
    found = [Observed(row["first_on"], row["last_on"])]
    if known_by is None:  # days that are not filled yet are here, too
        files = open_store().snapshot("events").files
        found += [Observed(file.first_on, file.last_on) for file in files]
    return Observed(
        min((it.first_on for it in found if it.first_on), default=None),
        max((it.last_on for it in found if it.last_on), default=None),
    )


def observed_until() -> dict[str, int]:
    """The last observed day (days since 1970) of customers that were watched only until then."""
    rows = Customer.objects.filter(observed_until__isnull=False)
    found = rows.values_list("external_id", "observed_until")
    return {external_id: (until - DAY_ZERO).days for external_id, until in found if until}
