"""What a file says about orders and pauses, read but not yet believed.

The importer turns text into these; `contracts.actions` checks them against each other and the
ledger, and writes them. The same rows feed the revenue commands without a home.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perennial.units.errors import RowError


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of an order. `row` is the file's row (the header is row 1); `customer_id` is
    the customer's external id. `basis` is a value of contracts.models.Basis: a
    `recurring_amount` column gives `term` (with end_on) or `interval` (open-ended); `total`
    when the file has only a total and no one-off share (`recurring_amount` is the total then).
    `discount_amount` is the whole discount of [start_on, discount_end_on), taken off already.

    `recorded_given`: the file itself had recorded_at; otherwise a row equal in contents to
    what the ledger already knows is no news, whatever its recorded_at.
    """

    row: int
    order_id: str
    line: str
    customer_id: str
    kind: str
    product: str
    seats: int | None
    start_on: date
    end_on: date | None
    signed_on: date
    signed_assumed: bool
    recurring_amount: Decimal | None
    basis: str
    interval_months: int
    one_off_amount: Decimal | None
    currency: str
    renews: tuple[str, ...]
    void: bool
    recorded_at: datetime
    recorded_given: bool
    recorded_assumed: bool
    discount_amount: Decimal | None = None
    discount_end_on: date | None = None
    auto_renew: bool | None = None
    notice_days: int | None = None


@dataclass(frozen=True, slots=True)
class PauseRow:
    """Service paused over [start_on, end_on); `order_id` '' pauses the whole customer."""

    row: int
    customer_id: str
    order_id: str
    start_on: date
    end_on: date | None
    recorded_at: datetime
    recorded_given: bool
    recorded_assumed: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """What writing came to: rows added, rows that said nothing new, rows refused."""

    added: int
    same: int
    errors: list[RowError]
