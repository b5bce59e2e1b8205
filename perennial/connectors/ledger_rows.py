"""Records of orders and pauses files become the rows that the ledger judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from perennial.connectors.records import Record
from perennial.contracts.models import Basis, OrderKind
from perennial.contracts.rows import OrderRow, PauseRow
from perennial.contracts.rules import RECURRING
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

_AMOUNTS = {"recurring_amount": Basis.TERM, "mrr": Basis.MRR, "arr": Basis.ARR}
_NOTHING = Decimal(0)


def order_rows(
    records: Sequence[Record], *, currency: str
) -> tuple[list[OrderRow], list[RowError]]:
    """Order rows from records; `currency` stands in where the file names none."""
    rows: list[OrderRow] = []
    errors: list[RowError] = []
    for record in records:
        row = order_row(record, currency=currency)
        if isinstance(row, RowError):
            errors.append(row)
        else:
            rows.append(row)
    return rows, errors


def _end_on(values: Mapping[str, Any]) -> date | None:
    """The first day without service, or the day after the last one with it."""
    end_on: date | None = values.get("end_on")
    last_on: date | None = values.get("last_on")
    if end_on or last_on is None:
        return end_on
    return last_on if last_on == date.max else last_on + timedelta(days=1)


def order_row(record: Record, *, currency: str) -> OrderRow | RowError:
    amount = _amount(record)
    if isinstance(amount, RowError):
        return amount
    return _order_row(record, *amount, currency=currency)


def _amount(record: Record) -> tuple[Decimal | None, Basis] | RowError:
    """What recurs, and what for; a total counts where no other amount is given."""
    values: Mapping[str, Any] = record.values
    given = [name for name in _AMOUNTS if values.get(name) is not None]
    if len(given) > 1:
        message = sentence("Only one of recurring_amount, mrr and arr may be given.")
        return RowError("two_amounts", message, record.row, given[1])
    open_ended = _end_on(values) is None
    if given:
        basis = _AMOUNTS[given[0]]
        return values[given[0]], Basis.INTERVAL if basis is Basis.TERM and open_ended else basis
    total: Decimal | None = values.get("total_amount")
    if total is None:
        return None, Basis.NONE
    return _part_of(total, record, open_ended=open_ended)


def _part_of(
    total: Decimal, record: Record, *, open_ended: bool
) -> tuple[Decimal | None, Basis] | RowError:
    one_off: Decimal | None = record.values.get("one_off_amount")  # type: ignore[assignment]
    kind = record.values["kind"]
    if kind in RECURRING and not (total or one_off):
        return total, Basis.INTERVAL if open_ended else Basis.TERM
    if kind == OrderKind.CANCELLATION or not (total or one_off):
        return total or None, Basis.TERM if total else Basis.NONE
    if open_ended and kind != OrderKind.BUYOUT:
        message = sentence("A total needs the end of the term that it is for, in “end_on”.")
        return RowError("total_without_term", message, record.row, "end_on")
    if one_off is None and kind in RECURRING:
        return total, Basis.TOTAL
    if one_off is not None and one_off > total >= 0:
        message = sentence("The one-off share {part} is more than the total {total}.")
        params = {"part": str(one_off), "total": str(total)}
        return RowError("one_off_above_total", message, record.row, "one_off_amount", params=params)
    return total - (one_off or _NOTHING), Basis.INTERVAL if open_ended else Basis.TERM


def _order_row(
    record: Record, recurring: Decimal | None, basis: Basis, *, currency: str
) -> OrderRow:
    values: Mapping[str, Any] = record.values
    assert record.recorded_at is not None
    discount = values.get("discount_amount") or None
    return OrderRow(
        row=record.row,
        order_id=values["order_id"],
        line=values.get("line") or "1",
        customer_id=values["customer_id"],
        kind=values["kind"],
        product=values.get("product") or "",
        seats=values.get("seats"),
        start_on=values["start_on"],
        end_on=_end_on(values),
        signed_on=values.get("signed_on") or values["start_on"],
        signed_assumed=values.get("signed_on") is None,
        recurring_amount=recurring,
        basis=str(basis),
        interval_months=values.get("interval_months") or 1,
        one_off_amount=values.get("one_off_amount"),
        currency=values.get("currency") or currency,
        renews=values.get("renews") or (),
        void=bool(values.get("void")),
        recorded_at=record.recorded_at,
        recorded_given=record.recorded_given,
        recorded_assumed=record.recorded_assumed,
        discount_amount=discount,
        discount_end_on=values.get("discount_end_on") if discount else None,
        auto_renew=values.get("auto_renew"),
        notice_days=values.get("notice_days"),
    )


def pause_row(record: Record) -> PauseRow:
    values: Mapping[str, Any] = record.values
    assert record.recorded_at is not None
    return PauseRow(
        row=record.row,
        customer_id=values["customer_id"],
        order_id=values.get("order_id") or "",
        start_on=values["start_on"],
        end_on=values.get("end_on"),
        recorded_at=record.recorded_at,
        recorded_given=record.recorded_given,
        recorded_assumed=record.recorded_assumed,
    )
