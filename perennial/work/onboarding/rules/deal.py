"""Who brings a new customer in, by the size of the deal.

1. Any order with implementation or custom work: the implementation team, then a handover.
2. The yearly amount of the first paid order is above the upper limit: the implementation team.
3. It is below the lower limit: sales.
4. Everybody between, both limits included: a CSM. So is who has no known amount, and we say why.
Source: product specification E4 (below 2万, 2–10万, above 10万).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

SALES, CSM, IMPLEMENTATION = "sales", "csm", "implementation"


class Why(StrEnum):
    """What decided it."""

    WORK = "work"
    ABOVE = "above"
    BELOW = "below"
    BETWEEN = "between"
    UNKNOWN = "unknown"
    NO_ORDER = "no_order"


@dataclass(frozen=True, slots=True)
class Deal:
    """The first paid order. `arr`: yearly, in the company's currency, None when not known;
    `work` names implementation or custom work of any order; `has_order`: something is paid."""

    arr: Decimal | None
    work: str = ""
    has_order: bool = True


@dataclass(frozen=True, slots=True)
class Brings:
    """Sales, a CSM or the implementation team, and what decided it."""

    owner_kind: str
    why: Why


def brought_in_by(deal: Deal, *, sales_below: Decimal, team_above: Decimal) -> Brings:
    if deal.work:
        return Brings(IMPLEMENTATION, Why.WORK)
    if not deal.has_order:
        return Brings(CSM, Why.NO_ORDER)
    if deal.arr is None:
        return Brings(CSM, Why.UNKNOWN)
    if deal.arr > team_above:
        return Brings(IMPLEMENTATION, Why.ABOVE)
    if deal.arr < sales_below:
        return Brings(SALES, Why.BELOW)
    return Brings(CSM, Why.BETWEEN)


def names_work(product: str, *, one_off: bool, is_bought_out: bool, words: tuple[str, ...]) -> bool:
    """Is a line of an order implementation or custom work? Every amount that is paid once is,
    but for a licence bought out; and every product whose name says so."""
    lowered = product.lower()
    return (one_off and not is_bought_out) or any(word.lower() in lowered for word in words)
