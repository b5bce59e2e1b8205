"""A ledger with two customers to write into."""

from __future__ import annotations

import pytest

from perennial.contracts.actions import record_lines
from perennial.contracts.rows import OrderRow, Recorded
from perennial.contracts.tests.ledger import NOW
from perennial.customers.models import Customer


@pytest.fixture
def customers() -> dict[str, int]:
    made = [
        Customer.objects.create(external_id=name, name=name, recorded_at=NOW)
        for name in ("acme", "bolt")
    ]
    return {customer.external_id: customer.pk for customer in made}


@pytest.fixture
def record(customers):
    def write(*rows: OrderRow, batch: int = 1) -> Recorded:
        return record_lines(rows, customers=customers, batch=batch, by=None, at=NOW)

    return write
