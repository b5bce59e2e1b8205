"""Metered revenue inside a period: told beside the committed one, whether or not it counts there.

A usage line is spread evenly over its months, so that the periods of a line add up to its amount.
Source: metric specification section 0 (usage).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Term
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.state import MISSING_RATE
from perennial.units.period import ONE_DAY, Period, term_months


def usage_revenue(
    terms: Iterable[Term], period: Period, *, definitions: Definitions, rates: Rates
) -> tuple[Fraction, str]:
    """What was metered in the period, and why that is not all of it (or empty). A term counts
    at the rate of its last day inside the period."""
    total, reason = Fraction(0), ""
    for term in terms:
        until = min(term.end_on or date.max, period.last_on + ONE_DAY)
        if not term.usage or until <= max(term.start_on, period.first_on):
            continue
        rate = rates.on(term.currency, until - ONE_DAY, definitions=definitions)
        if rate is None:
            reason = MISSING_RATE
        else:
            months = _months(term.start_on, until) - _months(term.start_on, period.first_on)
            total += term.usage * months * rate
    return total, reason


def _months(start: date, until: date) -> Fraction:
    return term_months(start, until) if until > start else Fraction(0)
