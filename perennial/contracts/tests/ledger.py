"""Short ways to write orders in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from perennial.contracts.rows import OrderRow

NOW = datetime(2025, 1, 1, tzinfo=UTC)
DAY = date(2025, 1, 1)


def order(order_id: str, row: int = 2, **also: Any) -> OrderRow:
    given = OrderRow(
        row=row, order_id=order_id, line="1", customer_id="acme", kind="new", product="crm",
        seats=10, start_on=DAY, end_on=date(2026, 1, 1), signed_on=DAY, signed_assumed=False,
        recurring_amount=Decimal(1200), basis="term", interval_months=1, one_off_amount=None,
        currency="CNY", renews=(), void=False, recorded_at=NOW, recorded_given=False,
        recorded_assumed=True,
    )  # fmt: skip
    return replace(given, **also)


def cancellation(order_id: str, *renews: str, **also: Any) -> OrderRow:
    also = {"kind": "cancellation", "recurring_amount": None, "basis": "none"} | also
    return order(order_id, end_on=None, renews=renews, **also)
