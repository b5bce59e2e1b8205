"""Which days were observed at all: outside them nothing is known, and nothing is not zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import pyarrow as pa

from perennial.customers.models import Customer
from perennial.events.queries.quality import coverage
from perennial.events.store import answer, open_store
from perennial.metrics.rules.periods import DAY_ZERO, By, Span

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


@dataclass(frozen=True, slots=True)
class Covered:
    """Share of each span's days for which the sources' data are here, by its first day; and by
    customer (columns period_start, customer, own_covered) where sources differ."""

    rates: dict[date, float]
    by_customer: pa.Table


def covered(
    found: Sequence[Span],
    *,
    by: By,
    known_on: date,
    known_by: date | None,
    kept_from: date | None,
) -> Covered:
    """What the feeds cover of these spans, as of a day. Spans that all feeds cover fully, which
    are nearly all, are not looked at customer by customer; nor are those before `kept_from`,
    whose events a retention has taken away."""
    feeds = coverage(
        first_on=min(span.from_on for span in found),
        last_on=max(span.last_on for span in found),
        as_of=known_on,
        known_by=known_by,
    )
    rates = {
        span.first_on: 1.0
        if (kept_from and span.from_on < kept_from) or feeds.is_full(span.from_on, span.last_on)
        else feeds.rate(None, span.from_on, span.last_on)
        for span in found
    }
    columns: dict[str, list[object]] = {name: [] for name in _COVERED.names}
    if by is By.CUSTOMER and len(feeds.feeds) > 1:
        for span in found:
            if 0 < rates[span.first_on] < 1:
                for customer in feeds.brought:
                    rate = feeds.rate(customer, span.from_on, span.last_on)
                    for name, value in zip(columns, (span.first_on, customer, rate), strict=True):
                        columns[name].append(value)
    return Covered(rates, pa.table(columns, _COVERED))


_COVERED = pa.schema(
    [("period_start", pa.date32()), ("customer", pa.string()), ("own_covered", pa.float64())]
)
