"""What one row of a revenue file must hold to, and the sentence that says what is wrong.

New orders, renewals, add-ons and usage cannot be negative, downsells cannot be positive, trials
and cancellations have no amount, what recurs needs one, a cancellation names the order that it
ends, a term ends after it starts, and a time-limited discount ends within it. A total without
its one-off share is no fault but a finding: what recurs is not known then (拆分缺失).
Source: revenue files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from perennial.contracts.rows import OrderRow, PauseRow
from perennial.contracts.rules.line import RECURRING, SPLIT_MISSING, Basis, Kind
from perennial.units.currency import ISO_4217
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

KINDS: Final = frozenset(Kind)
PLACES: Final = 6  # decimals that the ledger keeps
LIMIT: Final = Decimal(10) ** 14
COLUMNS: Final[dict[str, str]] = {Basis.MRR: "mrr", Basis.ARR: "arr", Basis.TOTAL: "total_amount"}
ONE_TIME: Final = frozenset({"one_off_amount", "discount_amount"})
DISCOUNTED: Final = frozenset({Kind.NEW, Kind.RENEWAL, Kind.ADDON})


def row_faults(row: OrderRow) -> list[RowError]:
    """Everything that is wrong in the row itself, without looking at others."""
    if row.kind not in KINDS:
        params = {"value": row.kind}
        return [
            RowError(
                "unknown_kind", "“{value}” is not a kind of order", row.row, "kind", params=params
            )
        ]
    if row.void:
        return [*_identity(row), *_ends_after_start(row.row, row.start_on, row.end_on)]
    return [
        *_identity(row),
        *_ends_after_start(row.row, row.start_on, row.end_on),
        *_digits(row),
        *_signs(row),
        *_missing(row),
        *_quantities(row),
        *_discount(row),
        *_links(row),
    ]


def split_missing(row: OrderRow) -> RowError | None:
    """The finding that the recurring part of the row's total is not known."""
    if row.void or row.basis != Basis.TOTAL:
        return None
    return RowError(
        SPLIT_MISSING,
        sentence(
            "how much of the total {value} is one-off is not said, so what recurs is not known; "
            "fill in one_off_amount"
        ),
        row.row,
        "one_off_amount",
        params={"value": str(row.recurring_amount)},
    )


def pause_faults(row: PauseRow) -> list[RowError]:
    return list(_ends_after_start(row.row, row.start_on, row.end_on))


def _identity(row: OrderRow) -> Iterator[RowError]:
    if not row.order_id:
        yield RowError("missing", "the order has no id", row.row, "order_id")
    elif len(row.order_id) > 200 or len(row.line) > 50:
        yield RowError("too_long", "the id of the order or line is too long", row.row, "order_id")


def _ends_after_start(row: int, start_on: date, end_on: date | None) -> Iterator[RowError]:
    if end_on is not None and end_on <= start_on:
        yield RowError(
            "ends_before_start",
            "it ends on {end}, which is not after its start on {start}",
            row,
            "end_on",
            params={"start": start_on.isoformat(), "end": end_on.isoformat()},
        )


def _amounts(row: OrderRow) -> Iterator[tuple[str, Decimal]]:
    if row.recurring_amount is not None:
        yield COLUMNS.get(row.basis, "recurring_amount"), row.recurring_amount
    if row.one_off_amount is not None:
        yield "one_off_amount", row.one_off_amount
    if row.discount_amount is not None:
        yield "discount_amount", row.discount_amount


def _digits(row: OrderRow) -> Iterator[RowError]:
    for column, amount in _amounts(row):
        if abs(amount) >= LIMIT or amount != round(amount, PLACES):
            yield RowError(
                "amount_digits",
                "{value} has more digits than the ledger can keep exactly",
                row.row,
                column,
                params={"value": str(amount)},
            )


def _signs(row: OrderRow) -> Iterator[RowError]:
    for column, amount in _amounts(row):
        params = {"value": str(amount)}
        recurs = column not in ONE_TIME
        if row.kind == Kind.CANCELLATION or (row.kind == Kind.TRIAL and recurs):
            if amount:
                message = sentence(
                    "a trial or a cancellation has no amount, but this row says {value}"
                )
                yield RowError("unexpected_amount", message, row.row, column, params=params)
        elif row.kind == Kind.DOWNSELL and recurs:
            if amount > 0:
                message = sentence("a downsell takes away: its amount cannot be positive ({value})")
                yield RowError("positive_downsell", message, row.row, column, params=params)
        elif amount < 0:
            message = sentence("this amount cannot be negative ({value})")
            yield RowError("negative_amount", message, row.row, column, params=params)


def _missing(row: OrderRow) -> Iterator[RowError]:
    """What recurs has an amount, 0 when it is free: an empty cell is no price."""
    if row.kind in RECURRING and not row.void and not any(_amounts(row)):
        yield RowError(
            "missing_amount",
            sentence("no amount is given; fill in recurring_amount, mrr or arr: 0 when it is free"),
            row.row,
            "recurring_amount",
        )


def _quantities(row: OrderRow) -> Iterator[RowError]:
    if row.currency not in ISO_4217:
        yield RowError(
            "unknown_currency",
            "“{value}” is not a currency; use a code such as CNY or USD",
            row.row,
            "currency",
            params={"value": row.currency},
        )
    if row.seats is not None and row.seats < 0:
        params = {"value": str(row.seats)}
        yield RowError(
            "negative_seats", "seats cannot be negative ({value})", row.row, "seats", params=params
        )
    if row.interval_months < 1:
        yield RowError("interval", "an interval has at least one month", row.row, "interval_months")


def _discount(row: OrderRow) -> Iterator[RowError]:
    """A discount has an amount and an end, both within a term, and leaves no negative price."""
    if not row.discount_amount or row.discount_amount < 0:
        return
    column = "discount_end_on"
    if row.kind not in DISCOUNTED:
        message = sentence("only a new order, a renewal or an add-on has a discount")
        yield RowError("unexpected_amount", message, row.row, "discount_amount")
    elif row.end_on is None:
        message = sentence(
            "a time-limited discount is spread over a term: give end_on, "
            "or record the discount as a downsell of its own"
        )
        yield RowError("discount_without_term", message, row.row, "end_on")
    elif row.discount_end_on is None:
        message = sentence("a discount needs the day on which it ends, in “discount_end_on”")
        yield RowError("discount_without_end", message, row.row, column)
    elif not row.start_on < row.discount_end_on <= row.end_on:
        message = sentence("the discount ends on {end}, which is outside of the term")
        params = {"end": row.discount_end_on.isoformat()}
        yield RowError("discount_outside", message, row.row, column, params=params)


def _links(row: OrderRow) -> Iterator[RowError]:
    if row.kind == Kind.CANCELLATION and not row.renews:
        message = sentence("a cancellation names the order that it ends, in “renews”")
        yield RowError("cancels_nothing", message, row.row, "renews")
    if row.order_id in row.renews:
        message = sentence("an order cannot name itself in “renews”")
        yield RowError("renews_itself", message, row.row, "renews")
