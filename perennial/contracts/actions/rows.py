"""What an import hands to the ledger: typed rows that still know where they stood in the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from perennial.units.errors import RowError


class Recorded(StrEnum):
    """When rows without a recorded time became known (`--recorded`)."""

    EFFECTIVE = "effective"  # on their signing day; marked as assumed
    NOW = "now"  # at this import


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One row of a revenue file, parsed but not judged.

    `row` counts as a spreadsheet does. `customer_id` is the customer's external id. At most
    one of `recurring_amount` (the whole term; per `interval_months` when open-ended), `mrr`
    and `arr` is given. None means that the file has no value; the ledger fills in
    line "1", the company's currency, interval 1, signed on the start day (marked assumed), and
    the recorded time by `Recorded`. `kind` is the text of the file; the ledger refuses others.
    """

    row: int
    order_id: str
    customer_id: str
    kind: str
    start_on: date
    end_on: date | None = None  # exclusive; None: open-ended
    signed_on: date | None = None
    recurring_amount: Decimal | None = None
    mrr: Decimal | None = None
    arr: Decimal | None = None
    interval_months: int | None = None
    one_off_amount: Decimal | None = None
    currency: str | None = None
    renews: tuple[str, ...] = ()
    product: str = ""
    seats: int | None = None
    line: str = "1"
    recorded_at: datetime | None = None
    void: bool = False


@dataclass(frozen=True, slots=True)
class PauseRow:
    """One row of a pauses file. Without `order_id` the whole customer is paused."""

    row: int
    customer_id: str
    start_on: date
    end_on: date | None = None  # exclusive; None: until further notice
    order_id: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordResult:
    """`added` rows are new in the ledger; `unchanged` were known already; `errors` name the
    rows that are wrong. With errors and without `skip_bad_rows`, `added` is 0."""

    added: int
    unchanged: int
    errors: list[RowError]
