"""Unit economics: what a customer pays, costs to win, is worth, and whether that is healthy.

ARPA = MRR ÷ customers at the end; ASP = new MRR ÷ new customers; CAC = all sales and marketing
cost ÷ new customers. Payback = CAC ÷ (ARPA × gross margin), in months. Logo churn is that of the
window, put per month by 1−(1−c)^(1/months). The checks: LTV ÷ CAC ≥ 3 (up to 5), payback ≤ 12
months, CAC < 12 × MRR, yearly churn ≤ 5 %, ACV ≥ CAC; every limit can be edited.
Exact; what cannot be told (nobody came, nobody left) is None with a reason, never zero.
Source: metric specification A6, B1 #6 #14–#16; articles s0, s4.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

from perennial.revenue.rules.ltv import (
    Ltv,
    constant_churn,
    cycles_value,
    linear_expansion,
    rescaled_churn,
)
from perennial.units.money import ratio

YEAR = Fraction(12)
MONTH = Fraction(1)


@dataclass(frozen=True, slots=True)
class Window:
    """What happened in a window of `months`: amounts exact in one currency, MRR per month.
    Customers are live paying ones. `sm_cost`: fully loaded sales and marketing of the window
    (or of the months before it, when a lag is set). None: not known."""

    months: Fraction
    mrr: Fraction  # at the end
    customers: int  # at the end
    start_customers: int
    lost_customers: int  # of those of the start
    new_mrr: Fraction
    new_customers: int
    expansion_mrr: Fraction = Fraction(0)
    one_off: Fraction = Fraction(0)  # one-off fees of the new customers
    sm_cost: Fraction | None = None
    gross_margin: Fraction | None = None  # 0–1
    lifetime_value: Fraction | None = None  # L5 per unit of yearly margin: rules.lifetime


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the checks; ours to edit. Months, shares, multiples."""

    ltv_to_cac: Fraction = Fraction(3)
    ltv_to_cac_high: Fraction = Fraction(5)
    payback_months: Fraction = Fraction(12)
    cac_to_mrr: Fraction = Fraction(12)
    yearly_churn: Fraction = Fraction(1, 20)
    acv_to_cac: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Check:
    """`name` as in Thresholds; `passed` None: not known, see `reason`."""

    name: str
    value: Fraction | None
    limit: Fraction
    passed: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Economics:
    """All figures; `reasons` maps the name of each that is None (`ltv.l1`) to a code."""

    arpa: Fraction | None
    asp: Fraction | None
    cac: Fraction | None
    monthly_churn: Fraction | None
    yearly_churn: Fraction | None
    payback_months: Fraction | None
    ltv: tuple[Ltv, ...]
    tests: tuple[Check, ...]
    reasons: dict[str, str]

    def ltv_of(self, variant: str) -> Fraction | None:
        return next(one.amount for one in self.ltv if one.variant == variant)


def economics(
    window: Window,
    *,
    thresholds: Thresholds | None = None,
    zero_churn_rate: Fraction | None = None,
    subtract_one_off: bool = False,
) -> Economics:
    """Everything about one window. `zero_churn_rate`: monthly churn to assume when nobody left
    (Stripe: 0.0167); None leaves the LTVs unknown."""
    margin = window.gross_margin
    arpa = ratio(window.mrr, Fraction(window.customers))
    asp = ratio(window.new_mrr, Fraction(window.new_customers))
    cac = None if window.sm_cost is None else ratio(window.sm_cost, Fraction(window.new_customers))
    monthly, yearly = churn_rates(window, zero_churn_rate=zero_churn_rate)
    profit = None if arpa is None or margin is None else arpa * margin
    fee = ratio(window.one_off, Fraction(window.new_customers)) if subtract_one_off else None
    payback = None if cac is None or not profit else payback_months(cac, profit, one_off=fee)
    why = _reasons(window, arpa=arpa, asp=asp, churn=monthly, profit=profit)
    ltv = tuple(
        Ltv(name, amount, "" if amount is not None else why[f"ltv.{name}"])
        for name, amount in _values(window, arpa, profit, monthly, yearly).items()
    )
    missing = {f"ltv.{one.variant}": one.reason for one in ltv if one.amount is None}
    known = {"arpa": arpa, "asp": asp, "cac": cac, "payback_months": payback,
             "monthly_churn": monthly, "yearly_churn": yearly}  # fmt: skip
    missing |= {name: why[name] for name, value in known.items() if value is None}
    tests = _tested(thresholds or Thresholds(), arpa, cac, yearly, payback, ltv, why)
    return Economics(arpa, asp, cac, monthly, yearly, payback, ltv, tests, missing)


def _tested(
    thresholds: Thresholds,
    arpa: Fraction | None,
    cac: Fraction | None,
    yearly: Fraction | None,
    payback: Fraction | None,
    ltv: tuple[Ltv, ...],
    why: dict[str, str],
) -> tuple[Check, ...]:
    """The checks; LTV is L2 where the gross margin is known, else L1."""
    best = ltv[0] if why["ltv.l2"] == "no_margin" else ltv[1]
    acv = None if arpa is None else arpa * YEAR
    spent = why["cac"] or why["arpa"] or "no_cost"
    values = {
        "ltv_to_cac": (_over(best.amount, cac), best.reason or spent),
        "payback_months": (payback, why["payback_months"]),
        "cac_to_mrr": (_over(cac, arpa), spent),
        "yearly_churn": (yearly, why["yearly_churn"]),
        "acv_to_cac": (_over(acv, cac), spent),
    }
    return checks(values, thresholds)


def churn_rates(
    window: Window, *, zero_churn_rate: Fraction | None = None
) -> tuple[Fraction | None, Fraction | None]:
    """Logo churn of the window per month and per year; None without customers at its start."""
    rate = ratio(Fraction(window.lost_customers), Fraction(window.start_customers))
    if rate is None:
        return None, None
    if rate == 0 and zero_churn_rate is not None:
        return zero_churn_rate, rescaled_churn(zero_churn_rate, of=MONTH, to=YEAR)
    lengths = (MONTH, YEAR)
    monthly, yearly = (rescaled_churn(rate, of=window.months, to=it) for it in lengths)
    return monthly, yearly


def payback_months(
    cac: Fraction, profit: Fraction, *, one_off: Fraction | None = None
) -> Fraction | None:
    """CAC ÷ monthly gross profit of a customer; one-off fees, when given, pay first. None when
    there is no profit to pay it back.

    >>> payback_months(Fraction(6000), Fraction(400))
    Fraction(15, 1)
    """
    if profit <= 0:
        return None
    return max(Fraction(0), cac - (one_off or 0)) / profit


def checks(
    values: dict[str, tuple[Fraction | None, str]], thresholds: Thresholds
) -> tuple[Check, ...]:
    """Each value against its limit. Only CAC < 12 × MRR is strict: 6,000 against 6,000 fails."""
    at_most = {"payback_months", "yearly_churn"}
    found = []
    for name, (value, reason) in values.items():
        limit: Fraction = getattr(thresholds, name)
        passed = None
        if value is not None:
            passed = value <= limit if name in at_most else value >= limit
            passed = value < limit if name == "cac_to_mrr" else passed
        found.append(Check(name, value, limit, passed, reason if value is None else ""))
    return tuple(found)


def _over(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    return None if part is None or whole is None else ratio(part, whole)


def _values(
    window: Window,
    arpa: Fraction | None,
    profit: Fraction | None,
    monthly: Fraction | None,
    yearly: Fraction | None,
) -> dict[str, Fraction | None]:
    """L1 … L5 in their order; None where an input is missing or nobody left."""
    found: dict[str, Fraction | None] = dict.fromkeys(("l1", "l2", "l3", "l4", "l5"))
    if arpa is not None and monthly and yearly:
        found["l1"] = constant_churn(arpa, monthly)
        found["l4"] = cycles_value(arpa * YEAR, 1 / yearly)
    if profit is not None and window.gross_margin is not None and monthly:
        grown = ratio(window.expansion_mrr, window.start_customers * window.months) or Fraction(0)
        found["l2"] = constant_churn(profit, monthly)
        found["l3"] = linear_expansion(profit, monthly, grown * window.gross_margin)
    if profit is not None and window.lifetime_value is not None:
        found["l5"] = profit * YEAR * window.lifetime_value
    return found


def _reasons(
    window: Window,
    *,
    arpa: Fraction | None,
    asp: Fraction | None,
    churn: Fraction | None,
    profit: Fraction | None,
) -> dict[str, str]:
    """Why a figure would be None; the first cause that a reader can do something about."""
    nobody = "no_customers" if arpa is None else ""
    unspent = "no_cost" if window.sm_cost is None else ""
    came = "nobody_came" if asp is None else ""
    margin = "no_margin" if window.gross_margin is None else ""
    earns = "" if profit is None or profit > 0 else "no_profit"
    began = "nobody_at_start" if churn is None else ""
    left = began or ("" if churn else "nobody_left")
    return {
        "arpa": nobody,
        "asp": came,
        "cac": unspent or came,
        "monthly_churn": began,
        "yearly_churn": began,
        "payback_months": unspent or came or nobody or margin or earns,
        "ltv.l1": nobody or left,
        "ltv.l2": nobody or margin or left,
        "ltv.l3": nobody or margin or left,
        "ltv.l4": nobody or left,
        "ltv.l5": nobody or margin or "no_cohorts",
    }


NAMES = tuple(field.name for field in fields(Thresholds))
