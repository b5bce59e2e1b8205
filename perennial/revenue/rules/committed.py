"""What will recur of what is signed today (CMRR, 已签约收入).

MRR, plus what is signed and has not begun, minus what was cancelled and has not ended, minus
what a signed renewal will replace. A term that simply runs out is not a loss yet.
Source: metric specification A1.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Ending, Kind, Term
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.service import worth
from perennial.revenue.rules.state import exact_sum


def committed_change(
    terms: Iterable[Term], day: date, *, definitions: Definitions, rates: Rates
) -> Fraction | None:
    """What one customer's contracts signed by `day` will add to its MRR of that day, negative
    when they will take; None when an amount among them is not known."""
    signed = [term for term in terms if term.signed_on <= day]
    ahead = [term for term in signed if term.start_on > day and term.end_on != term.start_on]
    renewed = {name for term in ahead if term.kind is Kind.RENEWAL for name in term.renews}
    ends = {term.due_end_on for term in signed if term.order_id in renewed and term.due_end_on}
    going = [
        term
        for term in signed
        if term.live_on(day) and (_notified(term, day) or _replaced(term, renewed, ends))
    ]
    amounts = []
    for term, sign in [*((term, 1) for term in ahead), *((term, -1) for term in going)]:
        rate = rates.on(term.currency, day, definitions=definitions)
        amount = worth(term, definitions)
        if term.unknown or (amount and rate is None):
            return None
        amounts.append(sign * amount * (rate or 0))
    return exact_sum(amounts)


def _notified(term: Term, day: date) -> bool:
    if term.ending is not Ending.CANCELLED:
        return False
    return term.notice_on is not None and term.notice_on <= day


def _replaced(term: Term, renewed: set[str], ends: set[date]) -> bool:
    """A renewal renews the orders that it names and all that was to end with them."""
    return term.order_id in renewed or term.due_end_on in ends
