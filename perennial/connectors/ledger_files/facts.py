"""Files of invoices (who is late with paying) and of survival (how many are still there)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import pgettext_lazy

from perennial.connectors.fields import Field, Type
from perennial.connectors.kinds import INVOICES
from perennial.connectors.kinds.kind import Kind
from perennial.connectors.ledger_files.orders import OrdersFile, unknown_customer
from perennial.connectors.ledger_files.reading import Reading, as_it_is, read_file
from perennial.connectors.records import Record
from perennial.units.dates import Dates
from perennial.units.errors import RowError
from perennial.units.mapping import Column
from perennial.units.moment import business_day
from perennial.units.sentence import sentence

SURVIVAL = Kind(
    "survival",
    pgettext_lazy("column", "Survival"),
    (
        Field(
            "period",
            pgettext_lazy("column", "Period"),
            Type.COUNT,
            required=True,
            alike=("year", "month", "t", "期", "期数", "年", "月"),
        ),
        Field(
            "alive",
            pgettext_lazy("column", "Still there"),
            Type.AMOUNT,
            required=True,
            least=0,
            alike=("survivors", "customers", "active", "存活", "留存", "客户数"),
        ),
    ),
    key=("period",),
)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    customer_id: int
    issued_on: date
    due_on: date
    amount: Fraction
    currency: str
    paid_on: date | None
    recorded_at: datetime
    recorded_on: date


@dataclass(frozen=True, slots=True)
class InvoicesFile:
    invoices: list[InvoiceLine] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SurvivalFile:
    """`alive[i]` customers (or shares) are left after `periods[i]`, by row `rows[i]` of the
    file; periods are 0, 1, 2 …"""

    periods: list[int]
    alive: list[Fraction]
    rows: list[int]
    ignored: tuple[str, ...] = ()


def read_invoices(
    path: Path,
    orders: OrdersFile,
    *,
    map: Mapping[str, Column] | None = None,
    dates: Dates | None = None,
) -> InvoicesFile:
    """The invoices of the customers in `orders`. Raises InputRefused with `errors`."""
    reading = read_file(INVOICES, path, map, dates, row=as_it_is)
    customers = orders.customer_ids
    for record in reading.rows:
        reading.refuse(_invoice_faults(record, customers))
    reading.settle()
    return InvoicesFile(
        [_invoice(it, customers) for it in reading.rows], ignored=reading.plan.unused
    )


def _invoice_faults(record: Record, customers: Mapping[str, int]) -> Iterator[RowError]:
    values: Mapping[str, Any] = record.values
    if values["customer_id"] not in customers:
        yield unknown_customer(record.row, values["customer_id"])
    if values["due_on"] < values["issued_on"]:
        message = sentence("it is due on {due}, before it was issued on {issued}")
        params = {"due": values["due_on"].isoformat(), "issued": values["issued_on"].isoformat()}
        yield RowError("due_before_issued", message, record.row, "due_on", params=params)


def _invoice(record: Record, customers: Mapping[str, int]) -> InvoiceLine:
    values: Mapping[str, Any] = record.values
    assert record.recorded_at is not None
    return InvoiceLine(
        customer_id=customers[values["customer_id"]],
        issued_on=values["issued_on"],
        due_on=values["due_on"],
        amount=Fraction(values["amount"]),
        currency=values["currency"],
        paid_on=values.get("paid_on"),
        recorded_at=record.recorded_at,
        recorded_on=business_day(record.recorded_at, settings.PERENNIAL_TIME_ZONE),
    )


def read_survival(path: Path, *, map: Mapping[str, Column] | None = None) -> SurvivalFile:
    """Raises InputRefused with `errors`: periods must run 0, 1, 2 … and nobody comes back."""
    reading = read_file(SURVIVAL, path, map, row=as_it_is)
    points = sorted(
        (_point(record) for record in reading.rows), key=lambda point: (point[0], point[2])
    )
    _check(points, reading)
    reading.settle()
    return SurvivalFile(
        [period for period, _alive, _row in points],
        [Fraction(alive) for _period, alive, _row in points],
        [row for _period, _alive, row in points],
        reading.plan.unused,
    )


def _point(record: Record) -> tuple[int, Decimal, int]:
    values: Mapping[str, Any] = record.values
    return values["period"], values["alive"], record.row


def _check(points: list[tuple[int, Decimal, int]], reading: Reading[Record]) -> None:
    before: Decimal | None = None
    for expected, (period, alive, row) in enumerate(points):
        if period != expected:
            message = sentence("periods run 0, 1, 2 …: here {expected} is missing before {period}")
            params = {"expected": str(expected), "period": str(period)}
            reading.refuse([RowError("missing_period", message, row, "period", params=params)])
            return
        if before is not None and alive > before:
            message = sentence("more are there than a period before ({alive} after {before})")
            params = {"alive": str(alive), "before": str(before)}
            reading.refuse([RowError("survival_rises", message, row, "alive", params=params)])
        if before is None and not alive:
            message = sentence("nobody is there at the start")
            reading.refuse([RowError("nobody_at_start", message, row, "alive")])
        before = alive
