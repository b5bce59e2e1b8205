"""What falls due: everything of a customer that ends on the same day is one due item.

It falls due on the last day of service (end − 1 day). Its amount is the yearly sum of all its
lines, negative downsells included, one-off fees never. A cancelled order falls due on its
last day of service, as lost; an early renewal does not move the due day of what it renews.
Source: metric specification A4; revenue files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from perennial.contracts.rules.line import RECURRING, Kind
from perennial.contracts.rules.terms import Term
from perennial.units.period import ONE_DAY


@dataclass(frozen=True, slots=True)
class DueGroup:
    """`arr` is exact. `renewed_by` holds the renewal orders that name one of `order_ids`;
    `notice_on` is set when every line was cancelled."""

    customer_id: int
    due_on: date
    currency: str
    arr: Fraction
    order_ids: tuple[str, ...]
    renewed_by: tuple[str, ...]
    notice_on: date | None


def due_groups(terms: Iterable[Term]) -> list[DueGroup]:
    """The due items of these terms, by customer and due day. Open-ended terms fall never due."""
    groups: dict[tuple[int, date, str], list[Term]] = defaultdict(list)
    renewals: dict[str, list[str]] = defaultdict(list)
    for term in terms:
        if term.kind not in RECURRING or term.due_end_on == term.start_on:
            continue
        if term.due_end_on is not None:
            groups[term.customer_id, term.due_end_on, term.currency].append(term)
        if term.kind is Kind.RENEWAL:
            for order_id in term.renews:
                renewals[order_id].append(term.order_id)
    return [_group(key, groups[key], renewals) for key in sorted(groups)]


def _group(
    key: tuple[int, date, str], terms: list[Term], renewals: dict[str, list[str]]
) -> DueGroup:
    customer_id, end_on, currency = key
    order_ids = sorted({term.order_id for term in terms})
    notices = [term.notice_on for term in terms if term.notice_on is not None]
    return DueGroup(
        customer_id=customer_id,
        due_on=end_on - ONE_DAY,
        currency=currency,
        arr=sum((term.mrr for term in terms), Fraction(0)) * 12,
        order_ids=tuple(order_ids),
        renewed_by=tuple(sorted({by for order_id in order_ids for by in renewals[order_id]})),
        notice_on=max(notices) if len(notices) == len(terms) else None,
    )
