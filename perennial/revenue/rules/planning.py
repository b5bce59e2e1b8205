"""Rules of thumb for planning: refill of churn, licence against subscription, CSM load, 假 SaaS.

At churn c a base B needs c·B of upsell to stay flat: c ÷ (1−c) of what was kept. A subscription
beats a licence from cycle n* on. A customer must stay 3 cycles for LTV ≥ 3 × CAC where ACV = CAC;
an order over several years is one cycle, so 3-year orders need 9 years.
One CSM carries 200–500万 of ARR. Low renewal, three years prepaid and buy-outs are fake SaaS.
Exact; limits are ours to edit. Source: metric specification A6, B3; articles s0, s2, s3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final

from perennial.units.money import ratio
from perennial.units.sentence import sentence

ONE: Final = Fraction(1)
HALF: Final = Fraction(1, 2)
CSM_LOW: Final = Fraction(2_000_000)
CSM_HIGH: Final = Fraction(5_000_000)


def refill(base: Fraction, churn: Fraction) -> Fraction:
    """Upsell that makes good the churn of `base`: c·B."""
    return churn * base


def refill_share(churn: Fraction, *, growth: Fraction = Fraction(0)) -> Fraction | None:
    """The same as a share of the base that was kept, for a base that is to grow by `growth`
    without any new sales: (g + c) ÷ (1 − c). None when nobody is kept.

    >>> refill_share(Fraction("0.2"))
    Fraction(1, 4)
    """
    return ratio(growth + churn, ONE - churn)


@dataclass(frozen=True, slots=True)
class Offers:
    """One customer sold both ways. Costs of delivery arise once. From the second cycle on, the
    licence earns `maintenance` (a share of it), the subscription costs `keeping` (留存成本)."""

    licence: Fraction
    licence_cost: Fraction
    price: Fraction  # subscription, per cycle
    price_cost: Fraction
    maintenance: Fraction = Fraction(0)
    keeping: Fraction = Fraction(0)

    def licence_margin(self, cycles: int) -> Fraction:
        """Sum of margins after that many cycles (≥ 1)."""
        return self.licence - self.licence_cost + (cycles - 1) * self.maintenance * self.licence

    def subscription_margin(self, cycles: int) -> Fraction:
        return self.price * cycles - self.price_cost - (cycles - 1) * self.keeping

    @property
    def break_even(self) -> Fraction | None:
        """n*: after how many cycles the subscription has earned as much; where costs are equal
        and there is nothing else, licence ÷ price. None: never."""
        gain = self.price - self.keeping - self.maintenance * self.licence
        behind = self.licence_margin(1) - self.subscription_margin(1)
        if behind <= 0:
            return ONE
        return ONE + behind / gain if gain > 0 else None

    @property
    def parity_cycle(self) -> int | None:
        """The first whole cycle after which the subscription is not behind."""
        return None if self.break_even is None else ceil(self.break_even)


def cycles_needed(cac: Fraction, acv: Fraction, *, multiple: Fraction = Fraction(3)) -> int | None:
    """How many contract cycles a customer must stay for LTV ≥ multiple × CAC. None without ACV.

    >>> cycles_needed(Fraction(10), Fraction(10))
    3
    """
    return None if acv <= 0 else ceil(multiple * cac / acv)


def years_needed(cycles: int, *, term_years: Fraction) -> Fraction:
    """Years until so many cycles are over. An order over several years is one cycle (多年单)."""
    return cycles * term_years


@dataclass(frozen=True, slots=True)
class CsmLoad:
    """Customers that one CSM can carry, from the lower and the upper ARR of the band."""

    low: int
    high: int


def csm_load(
    arr_per_customer: Fraction, *, low: Fraction = CSM_LOW, high: Fraction = CSM_HIGH
) -> CsmLoad | None:
    """Half up. None without ARR per customer.

    >>> csm_load(Fraction(30_000))
    CsmLoad(low=67, high=167)
    """
    if arr_per_customer <= 0:
        return None
    return CsmLoad(*(int(arr / arr_per_customer + HALF) for arr in (low, high)))


def csms_for(arr: Fraction, *, per_csm: Fraction) -> int | None:
    """Whole CSMs that carry `arr`; None without a load."""
    return ceil(arr / per_csm) if per_csm > 0 else None


@dataclass(frozen=True, slots=True)
class FakeLimits:
    """When it looks like fake SaaS (假 SaaS). Ours; edit them."""

    renewal: Fraction = Fraction(3, 5)  # below
    prepaid: Fraction = Fraction(3, 10)  # share of ARR prepaid for three years or more: above
    buyout: Fraction = Fraction(1, 10)  # share of sales as buy-out: above
    term_years: Fraction = Fraction(3)  # a usual term as long as this, or longer


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: `name` is low_renewal, prepaid, buyout or long_term."""

    name: str
    value: Fraction
    limit: Fraction


def fake_saas(
    *,
    renewal: Fraction | None,
    prepaid: Fraction | None,
    buyout: Fraction | None,
    term_years: Fraction | None = None,
    limits: FakeLimits | None = None,
) -> list[Sign]:
    """The signs that show; an empty list is no proof of health. None: not known, no sign."""
    at = limits or FakeLimits()
    found: Sequence[tuple[str, Fraction | None, Fraction]] = (
        ("low_renewal", renewal, at.renewal),
        ("prepaid", prepaid, at.prepaid),
        ("buyout", buyout, at.buyout),
        ("long_term", term_years, at.term_years),
    )
    shows = {
        "low_renewal": lambda value, limit: value < limit,
        "prepaid": lambda value, limit: value > limit,
        "buyout": lambda value, limit: value > limit,
        "long_term": lambda value, limit: value >= limit,
    }
    return [
        Sign(name, value, limit)
        for name, value, limit in found
        if value is not None and shows[name](value, limit)
    ]


# When an order over several years is in order all the same; each exception is listed.
MULTI_YEAR_CONDITIONS: Final = (
    sentence("Companies of this industry rarely live longer than one or two years."),
    sentence("The product is in regular use, checked before signing, not after."),
    sentence("The price per year is not below that of a yearly order."),
    sentence("Revenue and unit economics count the whole term as one period."),
    sentence("Somebody other than the salesperson approves, with a reason."),
)
