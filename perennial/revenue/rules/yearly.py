"""Yearly amounts of terms in the company's currency, on one day's rate.

What is due and what renews it are both taken at the rate of the due day, so that a currency
alone is never an upsell. An amount that cannot be told (no rate, or a total that was not split
into recurring and one-off) is unknown: so is every sum that it belongs to.
Source: metric specification A0, A4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from perennial.contracts.rules import Term
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.state import MISSING_RATE

ZERO: Final = Fraction(0)
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A yearly sum or a share, or None and why."""

    known: Fraction | None
    unknown: str = ""

    @property
    def counts(self) -> bool:
        """Worth something, or perhaps."""
        return self.known is None or self.known > 0


WHOLE: Final = Amount(Fraction(1))
Part = tuple[Term, Amount]


@dataclass(frozen=True, slots=True)
class Yearly:
    """Turns terms into yearly amounts; `parts` are terms with the share of each that counts."""

    definitions: Definitions
    rates: Rates

    def total(self, terms: Iterable[Term], *, on: date) -> Amount:
        return self.shared(((term, WHOLE) for term in terms), on=on)

    def shared(self, parts: Iterable[Part], *, on: date) -> Amount:
        amount = ZERO
        for term, share in parts:
            one = self._one(term, on)
            if one.known is None or share.known is None:
                return Amount(None, one.unknown or share.unknown)
            amount += one.known if share is WHOLE else one.known * share.known
        return Amount(amount)

    def by_product(self, parts: Iterable[Part], *, on: date) -> Mapping[str, Fraction]:
        """What `shared` adds up, by product; '' for terms that name none."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for term, share in parts:
            found[term.product] += (self._one(term, on).known or ZERO) * (share.known or ZERO)
        return found

    def in_currency(self, amount: Fraction, currency: str, *, on: date) -> Fraction | None:
        """Any amount at the day's rate; None without one."""
        rate = self.rates.on(currency, on, definitions=self.definitions)
        return None if rate is None else amount * rate

    def _one(self, term: Term, on: date) -> Amount:
        if term.unknown:
            return Amount(None, term.unknown)
        if not term.mrr:
            return Amount(ZERO)
        known = self.in_currency(term.mrr * MONTHS, term.currency, on=on)
        return Amount(known, "" if known is not None else MISSING_RATE)
