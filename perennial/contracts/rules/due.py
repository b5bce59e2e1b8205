"""What falls due: everything of a customer that ends on the same day is one due item.

It falls due on the last day of service (end − 1 day). Its amount is the yearly sum of all its
lines, negative downsells included, one-off fees never. A cancelled order falls due on its
last day of service, as lost; an early renewal does not move the due day of what it renews.
Trials, buy-outs and metered revenue never fall due.
Source: metric specification A4; revenue files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from perennial.contracts.rules.line import RECURRING, Kind
from perennial.contracts.rules.terms import Ending, Term
from perennial.units.period import ONE_DAY


@dataclass(frozen=True, slots=True)
class DueGroup:
    """`arr` is exact; `unknown` says why it cannot be told. `renewed_by` holds the renewal orders
    that name one of `order_ids`; `notice_on` is set when every line was cancelled. Notice can
    be given up to `notice_until_on`, the first such day of any line (None: none agreed)."""

    customer_id: int
    due_on: date
    currency: str
    arr: Fraction
    order_ids: tuple[str, ...]
    renewed_by: tuple[str, ...]
    notice_on: date | None
    notice_until_on: date | None = None
    unknown: str = ""


def committed(terms: Iterable[Term]) -> list[Term]:
    """The terms that can fall due or renew: recurring, and not cancelled before they began."""
    return [term for term in terms if term.kind in RECURRING and term.due_end_on != term.start_on]


def falling_due(terms: Iterable[Term]) -> dict[tuple[int, date], list[Term]]:
    """The committed terms of each due group, by customer and due day. Open-ended ones never
    fall due."""
    groups: dict[tuple[int, date], list[Term]] = defaultdict(list)
    for term in terms:
        if term.due_end_on is not None:
            groups[term.customer_id, term.due_end_on - ONE_DAY].append(term)
    return {key: _without_replaced(group) for key, group in groups.items()}


def _without_replaced(group: list[Term]) -> list[Term]:
    """Without what a renewal of the same group took over before the due day: a contract that
    was rewritten half-way to the same end falls due once, as rewritten."""
    rewrites = {
        (named, term.start_on)
        for term in group
        if term.kind is Kind.RENEWAL
        for named in term.renews
    }
    if not rewrites:
        return group
    starts = {start for named, start in rewrites if any(named == it.order_id for it in group)}
    return [
        term for term in group if term.ending is not Ending.RENEWED or term.end_on not in starts
    ]


def due_groups(terms: Iterable[Term]) -> list[DueGroup]:
    """The due items of these terms, by customer, due day and currency."""
    live = committed(terms)
    renewals: dict[str, list[str]] = defaultdict(list)
    for term in live:
        if term.kind is Kind.RENEWAL:
            for order_id in term.renews:
                renewals[order_id].append(term.order_id)
    found = falling_due(live)
    return [
        _group(key, currency, group, renewals)
        for key in sorted(found)
        for currency, group in _by_currency(found[key])
    ]


def _by_currency(group: Sequence[Term]) -> list[tuple[str, list[Term]]]:
    return [
        (currency, [term for term in group if term.currency == currency])
        for currency in sorted({term.currency for term in group})
    ]


def _group(
    key: tuple[int, date], currency: str, terms: list[Term], renewals: dict[str, list[str]]
) -> DueGroup:
    customer_id, due_on = key
    order_ids = sorted({term.order_id for term in terms})
    renewed_by = {by for order_id in order_ids for by in renewals[order_id]}
    return DueGroup(
        customer_id=customer_id,
        due_on=due_on,
        currency=currency,
        arr=sum((term.mrr for term in terms), Fraction(0)) * 12,
        order_ids=tuple(order_ids),
        renewed_by=tuple(sorted(renewed_by.difference(order_ids))),
        notice_on=notice_of(terms),
        notice_until_on=min(
            (it.notice_until_on for it in terms if it.notice_until_on is not None), default=None
        ),
        unknown=next((term.unknown for term in terms if term.unknown), ""),
    )


def notice_of(group: Sequence[Term]) -> date | None:
    """The last notice by which everything of a group was cancelled; None: not everything."""
    notices = [term.notice_on for term in group if term.notice_on is not None]
    return max(notices) if notices and len(notices) == len(group) else None
