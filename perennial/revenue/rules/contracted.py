"""What one contract is worth: by the year (ACV) and in all (TCV, 合同总额).

ACV: the recurring value of one contract year. TCV: what recurs over the whole term as it was
signed, and the one-off fees. A contract without an end has no TCV, one whose split is missing has
neither. CMRR stands in committed.py. Source: metric specification A1.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from perennial.contracts.rules import Term
from perennial.revenue.rules.state import exact_sum
from perennial.units.period import term_months


def acv(terms: Collection[Term]) -> Fraction | None:
    """Of the lines of one contract, in their currency."""
    if any(term.unknown for term in terms):
        return None
    return exact_sum(term.mrr for term in terms) * 12


def tcv(terms: Collection[Term]) -> Fraction | None:
    """Of the lines of one contract, in their currency; cancellations do not change what was
    signed."""
    amounts = []
    for term in terms:
        if term.unknown or (term.scheduled_end_on is None and term.mrr):
            return None
        amounts.append(term.one_off)
        if term.scheduled_end_on is not None:
            amounts.append(term.mrr * term_months(term.start_on, term.scheduled_end_on))
    return exact_sum(amounts)
