"""Where a plan starts: own numbers where there are any, else plain assumptions; and ready-made
plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from perennial.revenue.planner.inputs import BASE, OF, Asked
from perennial.revenue.planner.wording import LEVER_INPUTS, Input
from perennial.revenue.queries.planner import Own
from perennial.revenue.rules.planning import FakeLimits
from perennial.units.money import round_half_up
from perennial.web.formats import money, number, percent

LIMITS: Final = FakeLimits()
# For a company of which nothing is known: the seed article's 1000万, growing by 30 %.
ASSUMED: Final[Mapping[str, Fraction]] = {
    "renewal": Fraction(4, 5),
    "upsell": Fraction(0),
    "new_customers": Fraction(100),
    "growth": Fraction(3, 10),
    "price": Fraction(100_000),
    "cac": Fraction(100_000),
    "margin": Fraction(4, 5),
    "arr_per_csm": Fraction(3_500_000),
    "csm_cost": Fraction(250_000),
    "arr": Fraction(0),
    "years": Fraction(5),
    "term_years": Fraction(1),
    "prepaid": Fraction(0),
    "buyout": Fraction(0),
    "fake_renewal": LIMITS.renewal,
    "fake_prepaid": LIMITS.prepaid,
    "fake_buyout": LIMITS.buyout,
    "fake_term": LIMITS.term_years,
    "maintenance": Fraction(1, 10),
    "keeping": Fraction(0),
}
DIGITS: Final = 4
MORE_RENEWAL: Final = Fraction(1, 10)  # the scenario that a new plan opens with
LICENCE_CYCLES: Final = 3  # the seed's licence costs three cycles, and its delivery one


@dataclass(frozen=True, slots=True)
class Preset:
    title: str
    text: str
    query: str


def defaults(own: Own | None) -> dict[str, Fraction]:
    """Every input; the scenario keeps ten points more, or half of what the base loses."""
    found = dict(ASSUMED)
    if own is not None:
        known = {name: value for name, value in asdict(own).items() if value is not None}
        found |= {name: _bounded(OF[name], Fraction(value)) for name, value in known.items()}
    found["licence"] = LICENCE_CYCLES * found["price"]
    found["licence_cost"] = found["price"]
    base = {f"{it.name}{BASE}": found[it.name] for it in LEVER_INPUTS}
    found["renewal"] += min(MORE_RENEWAL, (1 - found["renewal"]) / 2)
    return found | base


def _bounded(of: Input, value: Fraction) -> Fraction:
    """Within the input's range, and no more digits than a plan is worth."""
    factor = 100 if of.kind == "rate" else 1
    kept = min(max(value, Fraction(of.low) / factor), Fraction(of.high) / factor)
    if of.kind == "rate":
        return Fraction(round_half_up(kept, places=3))
    return _four_digits(kept)


def _four_digits(value: Fraction) -> Fraction:
    """
    >>> _four_digits(Fraction(11_234_567)), _four_digits(Fraction(0))
    (Fraction(11230000, 1), Fraction(0, 1))
    """
    spare = max(0, len(str(int(value))) - DIGITS)
    power = Fraction(10) ** spare
    return power * Fraction(round_half_up(value / power, places=0 if spare else 2))


def written_own(own: Own | None, currency: str) -> dict[str, str]:
    """The own numbers as they are shown beside the levers."""
    if own is None:
        return {}
    found = {}
    for of in LEVER_INPUTS:
        value = getattr(own, of.name, None)
        if value is not None:
            found[of.name] = told(of, Fraction(value), currency)
    return found


def told(of: Input, value: Fraction, currency: str) -> str:
    """A value in words: `83.2%`, `¥4.6 万`, `120`."""
    if of.kind == "rate":
        return percent(value, decimals=1)
    return money(value, currency) if of.kind == "money" else number(value)


def presets(asked: Asked) -> Iterator[Preset]:
    """Ready-made questions to the plan on the screen; none while it has errors."""
    if asked.errors:
        return
    half, most = Fraction(1, 2), Fraction(4, 5)
    yield Preset(
        _("50% against 80% renewal"),
        _("What a low renewal rate costs over ten years."),
        asked.but({"renewal_base": half, "renewal": most, "years": Fraction(10)}),
    )
    churn = 1 - asked.values["renewal"]
    yield Preset(
        _("Refill churn by upsell"),
        _("As much upsell as is lost."),
        asked.but({"upsell": churn}),
    )
    price = asked.values[f"price{BASE}"] * Fraction(11, 10)
    yield Preset(_("Price +10%"), _("New customers pay a tenth more."), asked.but({"price": price}))
    yield Preset(
        _("Three-year orders"),
        _("Every order runs three years: one period for unit economics."),
        asked.but({"term_years": Fraction(3)}),
    )
