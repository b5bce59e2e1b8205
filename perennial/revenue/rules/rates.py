"""At what rates foreign money counts (汇率口径).

Plan rates never change, so that a currency alone never moves a figure. Spot rates hold from their
day on until the next one. The company's own currency is 1. A currency without a rate has no
amount: what depends on it is unknown, never guessed.
Source: metric specification section 0 (FX).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from perennial.revenue.rules.definitions import Definitions, FxPolicy

ONE = Fraction(1)
Steps = tuple[tuple[date, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Rates:
    """Units of the company's currency per one unit of a currency. `spot`: by currency the days
    from which a rate holds, in order."""

    plan: Mapping[str, Fraction] = field(default_factory=dict)
    spot: Mapping[str, Steps] = field(default_factory=dict)

    def on(self, currency: str, day: date, *, definitions: Definitions) -> Fraction | None:
        """The rate at the end of `day`; None: there is none (a plan rate is no spot rate)."""
        if currency == definitions.currency:
            return ONE
        if definitions.fx is FxPolicy.PLAN:
            return self.plan.get(currency)
        steps = self.spot.get(currency, ())
        rank = bisect_right(steps, day, key=lambda step: step[0])
        return steps[rank - 1][1] if rank else None

    def changes(self, currency: str) -> tuple[date, ...]:
        """The days on which a spot rate begins."""
        return tuple(day for day, _rate in self.spot.get(currency, ()))
