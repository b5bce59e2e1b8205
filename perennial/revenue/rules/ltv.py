"""What a customer is worth over its life (LTV), by every formula in use, each with its name.

L1 = ARPA ÷ churn. L2 = ARPA × gross margin ÷ churn. L3 adds a linear expansion: a/c + m(1−c)/c².
L4 = ACV × cycles, as the seed article counts. L5 lets customers differ (sBG) and discounts.
Nobody left: churn is zero and L1–L4 are unknown, not infinite; Stripe puts 1.67 % in its place.
Amounts are exact; L5 is a statistical estimate.
Sources: metric specification A6; ChartMogul (L1), Stripe (cap), Skok (L3), seed s0 (L4),
Fader & Hardie 2007 (L5) and their note 024 (constant retention).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import Final

from perennial.units.sentence import sentence

STRIPE_ZERO_CHURN: Final = Fraction("0.0167")  # per month, when nobody left
DIGITS: Final = 50

FORMULAS: Final = {
    "l1": sentence("ARPA ÷ monthly logo churn"),
    "l2": sentence("ARPA × gross margin ÷ monthly logo churn"),
    "l3": sentence("a ÷ c + m × (1 − c) ÷ c², with a linear expansion m per month"),
    "l4": sentence("ACV × cycles; cycles = 1 ÷ yearly logo churn"),
    "l5": sentence("yearly margin × discounted expected lifetime (sBG)"),
}


class Discounting(StrEnum):
    """The three textbook forms of discounted constant retention, by when is paid."""

    START = "start"  # at the start of each period, the first payment included
    RENEWALS = "renewals"  # as `start`, without the first payment
    END = "end"  # at the end of each period, by everyone who began it


def rescaled_churn(rate: Fraction, *, of: Fraction, to: Fraction) -> Fraction:
    """The churn of a period of length `of` as that of length `to` (any one unit): 1−(1−c)^(to/of).
    Never c × 12. Exact where the lengths are equal, else to 50 digits.

    >>> f"{float(rescaled_churn(Fraction('0.2'), of=Fraction(12), to=Fraction(1))):.5f}"
    '0.01842'
    """
    if of == to:
        return rate
    kept = 1 - rate
    if kept <= 0:
        return Fraction(1)
    with localcontext() as context:
        context.prec = DIGITS
        share, power = (Decimal(it.numerator) / Decimal(it.denominator) for it in (kept, to / of))
        return 1 - Fraction(share**power)


def constant_churn(margin: Fraction, churn: Fraction) -> Fraction | None:
    """L1 (with ARPA) and L2 (with ARPA × gross margin). None when nobody leaves."""
    return margin / churn if churn > 0 else None


def linear_expansion(margin: Fraction, churn: Fraction, expansion: Fraction) -> Fraction | None:
    """L3: the margin of those who stay grows by `expansion` (also a margin) each month."""
    if churn <= 0:
        return None
    return margin / churn + expansion * (1 - churn) / churn**2


def cycles_value(acv: Fraction, cycles: Fraction) -> Fraction:
    """L4: recurring value of one contract year times the years that a customer stays."""
    return acv * cycles


def discounted(
    margin: Fraction, *, retention: Fraction, discount: Fraction, form: Discounting
) -> Fraction | None:
    """Constant retention r, discounted at d per period. None when 1 + d ≤ r: no finite value.

    >>> from fractions import Fraction as F
    >>> def value(form): return discounted(F(100), retention=F("0.8"), discount=F("0.1"), form=form)
    >>> [f"{float(value(form)):.2f}" for form in Discounting]
    ['366.67', '266.67', '333.33']
    """
    pace = 1 + discount
    if pace <= retention:
        return None
    paid = {Discounting.START: pace, Discounting.RENEWALS: retention, Discounting.END: Fraction(1)}
    return margin * paid[form] / (pace - retention)


@dataclass(frozen=True, slots=True)
class Ltv:
    """One figure: its variant (`l1` … `l5`), amount or None with a reason code, and formula."""

    variant: str
    amount: Fraction | None
    reason: str

    @property
    def formula(self) -> str:
        return FORMULAS[self.variant]
