"""The numbers of the pages that people may change: windows of upsell credit, cost of an hour,
standard times, limits of the unit-economics checks. Each has a range; a row of decisions keeps
it as text. Definitions (口径) are not among them: they are in rules/definitions.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final, TypeVar

from perennial.revenue.rules.attribution import CreditRules
from perennial.revenue.rules.cost_to_serve import STANDARD_MINUTES, ServiceRules
from perennial.revenue.rules.economics import Thresholds
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

CREDIT: Final = "credit."
SERVICE: Final = "service."
ECONOMICS: Final = "economics."
MINUTES: Final = "service.minutes."  # + kind of touch
TICKET: Final = "service.ticket."  # + kind of ticket
GROSS_MARGIN: Final = "economics.gross_margin"
DISCOUNT: Final = "economics.discount_rate"
YEARLY_DISCOUNT: Final = Fraction(1, 10)  # of sBG's residual value
MOST: Final = Fraction(10**12)


@dataclass(frozen=True, slots=True)
class Range:
    """What a parameter may be, both ends included; `whole`: no fractions."""

    low: Fraction
    high: Fraction
    whole: bool = False


MONEY: Final = Range(Fraction(0), MOST)
SHARE: Final = Range(Fraction(0), Fraction(1))
TIMES: Final = Range(Fraction(0), Fraction(1000))
MONTHS: Final = Range(Fraction(0), Fraction(120), whole=True)
RANGES: Final[Mapping[str, Range]] = {
    "credit.small_below": MONEY,
    "credit.large_above": MONEY,
    "credit.small_months": MONTHS,
    "credit.middle_months": MONTHS,
    "credit.large_months": MONTHS,
    "credit.work_days": Range(Fraction(1), Fraction(366), whole=True),
    "service.hour_cost": MONEY,
    "service.ticket_hours": TIMES,
    GROSS_MARGIN: SHARE,
    DISCOUNT: SHARE,
    "economics.yearly_churn": SHARE,
    "economics.ltv_to_cac": TIMES,
    "economics.ltv_to_cac_high": TIMES,
    "economics.payback_months": TIMES,
    "economics.cac_to_mrr": TIMES,
    "economics.acv_to_cac": TIMES,
}
Rules = TypeVar("Rules", CreditRules, ServiceRules, Thresholds)


def range_of(name: str) -> Range:
    """Raises InputRefused for a name that is no parameter."""
    kind = name.removeprefix(MINUTES)
    if name in RANGES:
        return RANGES[name]
    if kind != name and kind in STANDARD_MINUTES:
        return Range(Fraction(0), Fraction(24 * 60), whole=True)
    if name.startswith(TICKET):
        return TIMES
    raise InputRefused(
        sentence("There is no parameter “{name}”."), code="unknown_parameter", params={"name": name}
    )


def parsed(name: str, text: str) -> Fraction:
    """The number that a text says, within the parameter's range. `25%` is 0.25. Raises
    InputRefused.

    >>> parsed("economics.gross_margin", "75%")
    Fraction(3, 4)
    """
    limits = range_of(name)
    given = text.strip().replace(",", "")
    share = given.endswith(("%", "％"))
    try:
        value = Fraction(Decimal(given.rstrip("%％ ")))
    except (InvalidOperation, ValueError, OverflowError) as wrong:
        raise _refused(text, limits) from wrong
    value = value / 100 if share else value
    if not limits.low <= value <= limits.high or (limits.whole and value.denominator != 1):
        raise _refused(text, limits)
    return value


def _refused(text: str, limits: Range) -> InputRefused:
    message = (
        sentence("“{value}” does not fit: use a whole number from {low} to {high}.")
        if limits.whole
        else sentence("“{value}” does not fit: use a number from {low} to {high}.")
    )
    params = {"value": text[:40], "low": str(limits.low), "high": str(limits.high)}
    return InputRefused(message, code="bad_parameter", params=params)


def with_parameters(base: Rules, values: Mapping[str, str], prefix: str) -> Rules:
    """`base` with the parameters that are set (as text, by full name)."""
    found: dict[str, Any] = {}
    for name in (field.name for field in fields(base)):
        if (full := prefix + name) in values and full in RANGES:
            value = parsed(full, values[full])
            found[name] = int(value) if RANGES[full].whole else value
    return replace(base, **found)


def service_rules(values: Mapping[str, str]) -> ServiceRules:
    """The settings of cost to serve, standard times by kind included."""
    minutes = {
        kind: int(parsed(MINUTES + kind, values[MINUTES + kind]))
        for kind in STANDARD_MINUTES
        if MINUTES + kind in values
    }
    tickets = {
        name.removeprefix(TICKET): parsed(name, text)
        for name, text in values.items()
        if name.startswith(TICKET)
    }
    base = ServiceRules(ticket_kind_hours=tickets, touch_minutes={**STANDARD_MINUTES, **minutes})
    return with_parameters(base, values, SERVICE)


def credit_rules(values: Mapping[str, str]) -> CreditRules:
    """Raises InputRefused when the windows do not grow with the size of the deal."""
    found = with_parameters(CreditRules(), values, CREDIT)
    months = (found.small_months, found.middle_months, found.large_months)
    if list(months) != sorted(months) or found.small_below > found.large_above:
        raise InputRefused(
            sentence("The windows grow with the deal: the larger it is, the longer the months."),
            code="windows_shrink",
        )
    return found


def thresholds(values: Mapping[str, str]) -> Thresholds:
    return with_parameters(Thresholds(), values, ECONOMICS)
