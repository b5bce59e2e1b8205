"""A line of the ledger is what was agreed, as it was known from a moment on.

The same (order_id, line) recorded again later replaces the earlier row from then on; `void`
withdraws it. Nothing is ever rewritten, so every past view of the ledger can be had again.
Amounts are exact fractions. Source: revenue files and metric specification A0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final, Protocol, TypeVar

from perennial.units.period import term_months

ZERO: Final = Fraction(0)


class Kind(StrEnum):
    NEW = "new"
    RENEWAL = "renewal"
    ADDON = "addon"
    DOWNSELL = "downsell"
    TRIAL = "trial"
    BUYOUT = "buyout"
    USAGE = "usage"
    CANCELLATION = "cancellation"


# What is committed: metered usage is not, however regular.
RECURRING = frozenset({Kind.NEW, Kind.RENEWAL, Kind.ADDON, Kind.DOWNSELL})


class Basis(StrEnum):
    """What a recurring amount is for."""

    TERM = "term"
    INTERVAL = "interval"
    MRR = "mrr"
    ARR = "arr"
    TOTAL = "total"  # with a one-off share that nobody entered: what recurs is not known
    NONE = "none"


SPLIT_MISSING: Final = "split_missing"  # 拆分缺失, a reason for an unknown amount


@dataclass(frozen=True, slots=True)
class Line:
    """One version of one line. `end_on` is exclusive, None is open-ended.

    `discount` is the whole time-limited discount of [start_on, discount_end_on), already taken
    off `amount`. `recorded_on` is the business day of `recorded_at` (None: its own date).
    """

    customer_id: int
    order_id: str
    kind: Kind
    start_on: date
    end_on: date | None
    signed_on: date
    recorded_at: datetime
    currency: str
    amount: Fraction | None = None
    basis: Basis = Basis.NONE
    interval_months: int = 1
    renews: tuple[str, ...] = ()
    product: str = ""
    seats: int | None = None
    line: str = "1"
    void: bool = False
    one_off: Fraction = ZERO
    discount: Fraction = ZERO
    discount_end_on: date | None = None
    auto_renew: bool | None = None
    notice_days: int | None = None
    recorded_on: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.order_id, self.line


@dataclass(frozen=True, slots=True)
class Pause:
    """Service paused in [start_on, end_on): of one order, or (order_id "") of the customer."""

    customer_id: int
    start_on: date
    end_on: date | None
    recorded_at: datetime
    order_id: str = ""

    @property
    def key(self) -> tuple[int, str, date]:
        return self.customer_id, self.order_id, self.start_on


class Recorded(Protocol):
    @property
    def key(self) -> tuple[object, ...]: ...
    @property
    def recorded_at(self) -> datetime: ...


R = TypeVar("R", bound=Recorded)


def known(rows: Iterable[R], *, before: datetime | None) -> list[R]:
    """The newest version of each row among those recorded before a moment (None: all).

    'Known on day K' is `before` = the first moment after K. Voided rows are still among them.
    """
    latest: dict[tuple[object, ...], R] = {}
    for row in rows:
        if before is not None and row.recorded_at >= before:
            continue
        held = latest.get(row.key)
        if held is None or row.recorded_at > held.recorded_at:
            latest[row.key] = row
    return list(latest.values())


def monthly(line: Line) -> Fraction:
    """The line's exact amount per month: committed, or metered (kind `usage`); zero for what
    never recurs and for what is not known.

    Two years for 400,000 from a leap day on are 24 months, never 731 / 365 (A0.4).
    """
    if line.amount is None or (line.kind not in RECURRING and line.kind is not Kind.USAGE):
        return ZERO
    match line.basis:
        case Basis.MRR:
            return line.amount
        case Basis.ARR:
            return line.amount / 12
        case Basis.INTERVAL:
            return line.amount / line.interval_months
        case Basis.TERM if line.end_on is not None:
            return line.amount / term_months(line.start_on, line.end_on)
    return ZERO


def dated(line: Line, spread: Fraction) -> tuple[Fraction, Fraction]:
    """What a line with a time-limited discount pays a month while it lasts, and afterwards;
    zeros without one. Over the term both come to what `spread`, its even amount, comes to."""
    if not line.discount or line.discount_end_on is None or line.end_on is None:
        return ZERO, ZERO
    full = spread + line.discount / term_months(line.start_on, line.end_on)
    return full - line.discount / term_months(line.start_on, line.discount_end_on), full


def one_time(line: Line) -> Fraction:
    """What is paid once: the one-off share, and the whole price of a buy-out."""
    price = line.amount if line.kind is Kind.BUYOUT else None
    return line.one_off if price is None else line.one_off + price


def unknown(line: Line) -> str:
    """Why the line's recurring amount is not known; '' when it is."""
    return SPLIT_MISSING if line.basis is Basis.TOTAL and line.kind in RECURRING else ""
