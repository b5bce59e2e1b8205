"""What a plan says about its contracts: licence or subscription, orders over several years, signs
of fake SaaS (假 SaaS), and how many customers a CSM carries."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perennial.revenue.planner import wording
from perennial.revenue.planner.inputs import Asked
from perennial.revenue.planner.pictures import Series, lines
from perennial.revenue.planner.wording import Told
from perennial.revenue.rules.plan import Plan
from perennial.revenue.rules.planning import (
    CSM_HIGH,
    CSM_LOW,
    MULTI_YEAR_CONDITIONS,
    FakeLimits,
    Offers,
    Sign,
    csm_load,
    cycles_needed,
    fake_saas,
    years_needed,
)
from perennial.web.formats import money, number, percent

MOST_CYCLES: Final = 12
BAND_CURRENCY: Final = "CNY"  # the band of 200–500万 is of Chinese companies


def contracts(asked: Asked, base: Plan, ours: Plan, *, currency: str) -> dict[str, Any]:
    """For the lower cards of revenue/planner_results.html."""
    return {
        "offers": _offers(asked, ours, currency),
        "terms": _terms(asked, base, ours),
        "signs": [_sign(it) for it in _signs(asked, ours)],
        "conditions": [_(it) for it in MULTI_YEAR_CONDITIONS],
        "loads": list(_loads(base, ours, currency)),
    }


def _offers(asked: Asked, ours: Plan, currency: str) -> dict[str, Any]:
    """Margins of both offers by cycle, and where they meet."""
    values = asked.values
    cost = values["licence_cost"]
    offers = Offers(
        values["licence"], cost, ours.levers.price, cost, values["maintenance"], values["keeping"]
    )
    parity = offers.parity_cycle
    cycles = range(1, min(MOST_CYCLES, max(5, (parity or 0) + 2)) + 1)
    series = [
        Series(_("Licence"), [offers.licence_margin(it) for it in cycles], "base"),
        Series(_("Subscription"), [offers.subscription_margin(it) for it in cycles], "plan"),
    ]
    meets = offers.break_even
    words = {"n": number(meets, decimals=1)}
    marker = None
    if meets is not None and meets <= len(cycles):
        marker = float(meets) - 1, _("break-even %(n)s") % words
    return {
        "chart": lines(
            series,
            labels=[number(it) for it in cycles],
            currency=currency,
            title=_("Margin of one customer by contract cycle"),
            marker=marker,
        ),
        "says": _offers_say(offers, ours),
        "rows": [
            (number(cycle), *(money(one.values[at], currency) for one in series))
            for at, cycle in enumerate(cycles)
        ],
    }


def _offers_say(offers: Offers, ours: Plan) -> str:
    if offers.break_even is None:
        return _("The subscription never catches up with the licence.")
    words = {
        "n": number(offers.break_even, decimals=1),
        "cycles": number(ours.cycles, decimals=1),
    }
    if ours.cycles is None:
        return _("The subscription has earned as much after %(n)s cycles.") % words
    if ours.cycles < offers.break_even:
        return (
            _(
                "The subscription has earned as much after %(n)s cycles, but at this renewal "
                "rate a customer stays only %(cycles)s: the licence earns more."
            )
            % words
        )
    return (
        _(
            "The subscription has earned as much after %(n)s cycles; at this renewal rate a "
            "customer stays %(cycles)s."
        )
        % words
    )


def _terms(asked: Asked, base: Plan, ours: Plan) -> list[Told]:
    """Title, base, scenario: an order over several years is one cycle."""
    years = asked.values["term_years"]
    needed = [cycles_needed(it.levers.cac, it.levers.price) for it in (base, ours)]
    stay = [it.cycles for it in (base, ours)]
    return [
        (_("Cycles needed for LTV ≥ 3 × CAC, before cost"), *(number(it) for it in needed)),
        (
            _("that is"),
            *(_years(None if it is None else years_needed(it, term_years=years)) for it in needed),
        ),
        (_("Cycles that a customer stays"), *(number(it, decimals=1) for it in stay)),
        (_("that is"), *(_years(None if it is None else it * years) for it in stay)),
    ]


def _years(value: Fraction | None) -> str:
    if value is None:
        return "–"
    places = 0 if value.denominator == 1 else 1
    text = number(value, decimals=places)
    return ngettext("%(n)s year", "%(n)s years", 1 if value == 1 else 2) % {"n": text}


def _signs(asked: Asked, ours: Plan) -> list[Sign]:
    values = asked.values
    return fake_saas(
        renewal=ours.levers.renewal,
        prepaid=values["prepaid"],
        buyout=values["buyout"],
        term_years=values["term_years"],
        limits=FakeLimits(
            renewal=values["fake_renewal"],
            prepaid=values["fake_prepaid"],
            buyout=values["fake_buyout"],
            term_years=values["fake_term"],
        ),
    )


def _sign(sign: Sign) -> str:
    both = (sign.value, sign.limit)
    is_years = sign.name == "long_term"
    value, limit = (number(it) if is_years else percent(it, decimals=0) for it in both)
    return wording.SIGNS[sign.name] % {"value": value, "limit": limit}


def _loads(base: Plan, ours: Plan, currency: str) -> Iterator[Told]:
    """Title, base, scenario: how much one CSM carries."""
    both = (base, ours)
    yield _("ARR per CSM"), *(money(it.levers.arr_per_csm, currency) for it in both)
    per = [it.levers.arr_per_csm / it.levers.price if it.levers.price else None for it in both]
    yield _("customers of this price per CSM"), *(number(it) for it in per)
    if currency == BAND_CURRENCY:
        found = [csm_load(it.levers.price) for it in both]
        band = {"low": money(CSM_LOW, currency), "high": money(CSM_HIGH, currency)}
        yield (
            _("customers within the usual %(low)s to %(high)s") % band,
            *("–" if it is None else f"{number(it.low)}–{number(it.high)}" for it in found),
        )
        yield _("against that band"), *(_verdict(it.levers.arr_per_csm) for it in both)
    yield _("CSMs needed in the last year"), *(number(it.csms) for it in both)


def _verdict(arr: Fraction) -> str:
    if arr < CSM_LOW:
        return _("below it: costly")
    return _("above it: thin service") if arr > CSM_HIGH else _("within it")
