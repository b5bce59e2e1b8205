"""What kind of upsell an order is: more seats, a higher plan, a higher price, another product.

The terms of the customer are compared between the eve of the order's start and that day; the
largest gain gives the order its kind. After a gap (a renewal within the grace) the eve is the
last day of service before it. Source: product row F6; metric specification A2.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from perennial.contracts.rules import Term
from perennial.revenue.rules.attribution import Upsell
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.subkinds import SubKind, subkinds
from perennial.units.period import ONE_DAY

KINDS: Final = (
    SubKind.SEATS, SubKind.PLAN, SubKind.PRICE, SubKind.CROSS_SELL, SubKind.CO_TERM,
    SubKind.DISCOUNT,
)  # fmt: skip


def kind_of(
    upsell: Upsell, terms: Sequence[Term], *, definitions: Definitions, rates: Rates
) -> SubKind | None:
    """`terms`: all of the customer. None when nothing was gained on that day, for example because
    a downsell began with it."""
    eve = _eve(upsell.start_on, terms)
    found = subkinds(terms, eve, upsell.start_on, definitions=definitions, rates=rates)
    gains = [(found.get(kind, 0), kind) for kind in KINDS if found.get(kind, 0) > 0]
    return max(gains, key=lambda pair: pair[0])[1] if gains else None


def _eve(start_on: date, terms: Sequence[Term]) -> date:
    """The last day of service before an order begins; its eve when there was none."""
    eve = start_on - ONE_DAY
    ends = [
        min(term.end_on - ONE_DAY, eve) if term.end_on else eve
        for term in terms
        if term.start_on <= eve and term.end_on != term.start_on
    ]
    return max(ends, default=eve)
