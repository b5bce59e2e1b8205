"""Seats licensed at the end of each period, from contracts."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from perennial.contracts.queries import entitlement_of, terms_of
from perennial.customers.models import Customer
from perennial.metrics.rules.periods import Span

_SCHEMA = pa.schema(
    [("period_start", pa.date32()), ("customer", pa.string()), ("seats", pa.int64())]
)


def licensed_seats(found: Sequence[Span]) -> pa.Table:
    """Columns period_start, customer, seats (null where no order says); only customers with
    service on the period's last day have a row."""
    names = dict(Customer.objects.values_list("pk", "external_id"))
    columns: dict[str, list[object]] = {name: [] for name in _SCHEMA.names}
    for pk, terms in terms_of(None).items():
        for span in found:
            service = entitlement_of(terms, span.last_on)
            if service is not None and service.seats is not None:
                columns["period_start"].append(span.first_on)
                columns["customer"].append(names[pk])
                columns["seats"].append(service.seats)
    return pa.table(columns, _SCHEMA)
