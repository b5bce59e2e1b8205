"""From when until when a customer counts as lost because it does not pay (逾期).

A customer with an invoice unpaid for more than `after_days` days after its due date counts as
lost from then on, until the invoice is paid. Without invoices nobody is in arrears.
Source: metric specification section 0 (past due), A1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from perennial.revenue.rules.service import Span


class Owed(Protocol):
    """What is read of an invoice; `paid_on` None: not paid yet."""

    @property
    def customer_id(self) -> int: ...
    @property
    def amount(self) -> Decimal | Fraction: ...
    @property
    def due_on(self) -> date: ...
    @property
    def paid_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Arrears:
    """Lost at the end of each day in [start_on, end_on); None: to this day."""

    customer_id: int
    start_on: date
    end_on: date | None


def arrears(invoices: Iterable[Owed], *, after_days: int | None) -> list[Arrears]:
    """The spans that follow from the invoices; none when `after_days` is None (never)."""
    if after_days is None:
        return []
    late = timedelta(after_days + 1)
    return [
        Arrears(owed.customer_id, owed.due_on + late, owed.paid_on)
        for owed in invoices
        if owed.amount > 0 and (owed.paid_on is None or owed.paid_on > owed.due_on + late)
    ]


def first_known(*, issued_on: date, paid_on: date | None, recorded_on: date) -> date:
    """From which day on an invoice counts as known. It is one row, written again when it is paid:
    where the payment is its only record, it counts as known from the day on which it was issued.

    >>> from datetime import date
    >>> march, may = date(2026, 3, 1), date(2026, 5, 1)
    >>> first_known(issued_on=march, paid_on=may, recorded_on=may) == march
    True
    >>> first_known(issued_on=march, paid_on=None, recorded_on=may) == may
    True
    """
    return issued_on if paid_on and paid_on <= recorded_on else recorded_on


def spans(found: Iterable[Arrears]) -> dict[int, list[Span]]:
    """By customer."""
    lost: dict[int, list[Span]] = defaultdict(list)
    for one in found:
        lost[one.customer_id].append((one.start_on, one.end_on))
    return dict(lost)
