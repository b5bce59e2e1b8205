"""A time-limited discount, shown while it lasts instead of spread over the term.

What was agreed is a list price and a sum off it for the first part of the term. Spread, the
customer pays one even amount. Dated, it pays the list price, and a negative amount beside it
until the discount ends, which is an expansion then. Over the term both come to the same money.
Source: metric specification, section 0 (discounts).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from perennial.contracts.rules.line import ZERO, Kind
from perennial.contracts.rules.terms import Term, earlier
from perennial.units.period import term_months


def dated_discounts(terms: Iterable[Term]) -> list[Term]:
    """Each term with a discount as two: the list price, and a delta (kind downsell, line
    `LINE/discount`) that ends with the discount. Other terms are left as they are.

    A delta that ends before its term does falls due never: `due_end_on` is None.
    """
    found: list[Term] = []
    for term in terms:
        if not term.discount or term.discount_end_on is None or term.scheduled_end_on is None:
            found.append(term)
            continue
        off_until = min(term.discount_end_on, term.scheduled_end_on)
        months = term_months(term.start_on, term.scheduled_end_on)
        found.append(replace(term, mrr=term.mrr + term.discount / months, discount=ZERO))
        to_the_end = term.due_end_on is not None and off_until >= term.due_end_on
        found.append(
            replace(
                term,
                line=f"{term.line}/discount",
                kind=Kind.DOWNSELL,
                seats=None,
                end_on=earlier(term.end_on, off_until),
                scheduled_end_on=off_until,
                due_end_on=term.due_end_on if to_the_end else None,
                mrr=-term.discount / term_months(term.start_on, off_until),
                one_off=ZERO,
                discount=ZERO,
            )
        )
    return found
