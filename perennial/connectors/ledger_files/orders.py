"""Orders and pauses files become the lines that the rules of the ledger take."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from perennial.connectors.kinds import ORDERS, PAUSES
from perennial.connectors.ledger_files.reading import Reading, read_file
from perennial.connectors.ledger_rows import order_row, pause_row
from perennial.contracts.rows import OrderRow, PauseRow
from perennial.contracts.rules import (
    Basis,
    Kind,
    Line,
    Pause,
    ledger_faults,
    pause_faults,
    row_faults,
    split_missing,
)
from perennial.units.dates import Dates
from perennial.units.errors import RowError
from perennial.units.mapping import Column
from perennial.units.moment import business_day
from perennial.units.sentence import sentence

_NOTHING = Fraction(0)
_KINDS = {str(kind): kind for kind in Kind}  # quicker than Kind(text), a hundred thousand times
_BASES = {str(basis): basis for basis in Basis}


@dataclass(frozen=True, slots=True)
class OrdersFile:
    """`rows`: the file's row of each line. `customers`: external ids; a line's customer_id is
    the place in it. `ignored`: columns that nothing reads; `taken`: columns with names like
    ours, and what they were read as (订单号 → order_id). `findings`: what makes figures
    unknown without being wrong. `errors`: rows left out, where that was allowed."""

    lines: list[Line]
    rows: list[int]
    customers: list[str]
    ignored: tuple[str, ...] = ()
    findings: list[RowError] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)

    @property
    def customer_ids(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.customers)}

    @property
    def owners(self) -> dict[str, int]:
        """The customer of each order."""
        return {line.order_id: line.customer_id for line in self.lines}


@dataclass(frozen=True, slots=True)
class PausesFile:
    pauses: list[Pause]
    ignored: tuple[str, ...] = ()
    errors: list[RowError] = field(default_factory=list)


def read_orders(
    path: Path,
    *,
    map: Mapping[str, Column] | None = None,
    dates: Dates | None = None,
    currency: str = "CNY",
    skip_bad_rows: bool = False,
) -> OrdersFile:
    """The lines of an orders file. `currency` stands in where the file names none.

    Raises InputRefused with everything that is wrong in `errors`; with `skip_bad_rows` the
    good rows come back and the errors stand beside them.
    """
    with _no_collection():
        return _read_orders(path, map, dates, currency, skip_bad_rows=skip_bad_rows)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Nothing that a file becomes is garbage while it is read; looking for some takes a fifth
    of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_orders(
    path: Path,
    map: Mapping[str, Column] | None,
    dates: Dates | None,
    currency: str,
    *,
    skip_bad_rows: bool,
) -> OrdersFile:
    reading = read_file(ORDERS, path, map, dates, row=partial(order_row, currency=currency))
    rows = reading.rows
    errors = [fault for row in rows for fault in row_faults(row)]
    refused = {error.row for error in errors}
    rows = [row for row in rows if row.row not in refused]
    errors += ledger_faults(rows)
    refused = {error.row for error in errors}
    reading.refuse(errors)
    left_out = reading.settle(skip_bad_rows=skip_bad_rows)
    return _orders_file([row for row in rows if row.row not in refused], reading, left_out)


def _orders_file(
    rows: list[OrderRow], reading: Reading[OrderRow], errors: list[RowError]
) -> OrdersFile:
    customers: dict[str, int] = {}
    for row in rows:
        customers.setdefault(row.customer_id, len(customers))
    zone: ZoneInfo = settings.PERENNIAL_TIME_ZONE
    findings = [found for row in rows if (found := split_missing(row))]
    return OrdersFile(
        lines=[_line(row, customers[row.customer_id], zone) for row in rows],
        rows=[row.row for row in rows],
        customers=list(customers),
        ignored=reading.plan.unused,
        findings=[
            replace(it, file=reading.title, column=reading.plan.theirs(it.column))
            for it in findings
        ],
        errors=errors,
        taken=reading.taken,
    )


def _line(row: OrderRow, customer_id: int, zone: ZoneInfo) -> Line:
    return Line(
        customer_id=customer_id,
        order_id=row.order_id,
        kind=_KINDS[row.kind],
        start_on=row.start_on,
        end_on=row.end_on,
        signed_on=row.signed_on,
        recorded_at=row.recorded_at,
        currency=row.currency,
        amount=None if row.recurring_amount is None else _exact(row.recurring_amount),
        basis=_BASES[row.basis],
        interval_months=row.interval_months,
        renews=row.renews,
        product=row.product,
        seats=row.seats,
        line=row.line,
        void=row.void,
        one_off=_exact(row.one_off_amount) if row.one_off_amount else _NOTHING,
        discount=_exact(row.discount_amount) if row.discount_amount else _NOTHING,
        discount_end_on=row.discount_end_on,
        auto_renew=row.auto_renew,
        notice_days=row.notice_days,
        recorded_on=_day(row.recorded_at, zone),
    )


# Files repeat amounts and moments; each is worked out once.
@lru_cache(maxsize=65_536)
def _exact(amount: Decimal) -> Fraction:
    return Fraction(amount)


@lru_cache(maxsize=65_536)
def _day(moment: datetime, zone: ZoneInfo) -> date:
    return business_day(moment, zone)


def read_pauses(
    path: Path,
    orders: OrdersFile,
    *,
    map: Mapping[str, Column] | None = None,
    dates: Dates | None = None,
    skip_bad_rows: bool = False,
) -> PausesFile:
    """The pauses of the customers in `orders`. Raises InputRefused like `read_orders`."""
    reading = read_file(PAUSES, path, map, dates, row=pause_row)
    rows = reading.rows
    customers, owners = orders.customer_ids, orders.owners
    errors = [
        fault for row in rows for fault in (*pause_faults(row), *_unknown(row, customers, owners))
    ]
    refused = {error.row for error in errors}
    reading.refuse(errors)
    left_out = reading.settle(skip_bad_rows=skip_bad_rows)
    pauses = [
        Pause(customers[row.customer_id], row.start_on, row.end_on, row.recorded_at, row.order_id)
        for row in rows
        if row.row not in refused
    ]
    return PausesFile(pauses, reading.plan.unused, left_out)


def _unknown(
    row: PauseRow, customers: Mapping[str, int], owners: Mapping[str, int]
) -> list[RowError]:
    if row.customer_id not in customers:
        return [unknown_customer(row.row, row.customer_id)]
    if row.order_id and owners.get(row.order_id) != customers[row.customer_id]:
        message = sentence("the customer has no order “{order}”")
        params = {"order": row.order_id}
        return [RowError("unknown_order", message, row.row, "order_id", params=params)]
    return []


def unknown_customer(row: int, name: str) -> RowError:
    message = sentence("there is no customer “{value}”")
    return RowError("unknown_customer", message, row, "customer_id", params={"value": name})
