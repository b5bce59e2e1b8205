"""What falls due is told in the company's currency, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from perennial.contracts.queries import Due
from perennial.revenue.actions.definitions import set_rate
from perennial.revenue.queries.exchange import exchange

ON = date(2026, 6, 30)
AT = datetime(2026, 6, 1, tzinfo=UTC)


def due(amount: str | None, currency: str) -> Due:
    return Due(ON, Decimal(amount) if amount else None, currency, ("A",), False, None)


@pytest.mark.django_db
def test_amounts_due_are_in_one_currency():
    set_rate("USD", rate=Decimal("7.105"), by=None, at=AT)
    dues = {1: due("10.01", "USD"), 2: due("5", "CNY"), 3: due("5", "EUR"), 4: due(None, "CNY")}
    found = exchange(ON).dues(dues)
    assert {pk: it.amount for pk, it in found.items()} == {
        1: Decimal("71.12"),
        2: Decimal(5),
        3: None,
        4: None,
    }
    assert {it.currency for it in found.values()} == {"CNY"}
