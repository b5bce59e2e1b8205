"""Amounts of single orders and invoices in the company's currency, for the work of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from perennial.contracts.queries import Due
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.rates import Rates
from perennial.units.money import round_half_up


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates of a day, by the definitions in force."""

    on: date
    definitions: Definitions
    rates: Rates

    def amount(self, amount: Decimal | None, currency: str) -> Decimal | None:
        """In the company's currency, rounded to cents; None without a rate."""
        if amount is None or currency == self.definitions.currency:
            return amount
        rate = self.rates.on(currency, self.on, definitions=self.definitions)
        return None if rate is None else round_half_up(Fraction(amount) * rate)

    def dues(self, dues: Mapping[int, Due]) -> dict[int, Due]:
        """What falls due by customer, with the amounts of all in one currency."""
        ours = self.definitions.currency
        return {
            pk: replace(due, amount=self.amount(due.amount, due.currency), currency=ours)
            for pk, due in dues.items()
        }


def exchange(on: date) -> Exchange:
    return Exchange(on, definitions_at(), rates_at())
