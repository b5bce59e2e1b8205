"""Unit economics of the company and of its segments, over whole months up to a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

from perennial.customers.models import Customer, Tier
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.costs import cost_of, months_of
from perennial.revenue.queries.lifetimes import value_of_a_year
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.queries.sources import (
    Key,
    Source,
    histories_of,
    state_of_facts,
    terms_known,
)
from perennial.revenue.rules.definitions import Level
from perennial.revenue.rules.economics import Economics, Thresholds, Window, economics
from perennial.revenue.rules.movement import Movement, Unit
from perennial.revenue.rules.parameters import ECONOMICS, GROSS_MARGIN, parsed, thresholds
from perennial.revenue.rules.state import State, exact_sum, first_reason
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.units.money import ratio
from perennial.units.period import ONE_DAY, Period, add_months

LENGTHS: Final = (3, 6, 12)  # months that a window may have


Names = tuple[tuple[int, str], ...] | None  # customer, segment


class Segments(StrEnum):
    """What customers are grouped by."""

    TIER = "tier"
    INDUSTRY = "industry"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the figures stand on besides the ledger. `missing`: months without a recorded cost of
    sales and marketing. `margin_from_cost`: no margin was set, it follows from delivery cost."""

    sm_cost: Fraction | None
    missing: list[date]
    margin: Fraction | None
    margin_from_cost: bool
    lifetime_value: Fraction | None


@dataclass(frozen=True, slots=True)
class Told:
    """The figures of everybody or of a segment; `unknown` says why amounts cannot be told."""

    name: str
    window: Window
    found: Economics
    unknown: str = ""


def whole_months(clock: Clock, months: int) -> Period:
    """So many whole months up to the last one that is over by the clock's day."""
    following = (clock.as_of + ONE_DAY).replace(day=1)
    return Period("", add_months(following, -months), following - ONE_DAY)


def unit_economics(user: User, period: Period, *, stands_on: Source) -> tuple[Told, Inputs]:
    """The whole company. Raises PermissionDenied for those who see only their own book."""
    require(user, Page.COMPANY_REVENUE)
    found = _windows(Key(stands_on), state_of_facts(), period, None)
    window, unknown = found.get("", (_EMPTY, ""))
    given = _inputs(stands_on, period, window)
    window = replace(
        window,
        sm_cost=given.sm_cost,
        gross_margin=given.margin,
        lifetime_value=given.lifetime_value,
        one_off=_one_off(stands_on, period),
    )
    return _told("", window, unknown, _limits(stands_on), stands_on), given


def by_segment(
    user: User, period: Period, by: Segments, *, margin: Fraction | None, stands_on: Source
) -> list[Told]:
    """The same by segment, the largest MRR first (tiers from S on); acquisition cost is not known
    by segment. By product, each product of a customer counts for itself: dropping one is leaving
    it."""
    require(user, Page.COMPANY_REVENUE)
    names: Names = None
    if by is Segments.PRODUCT:
        per_product = replace(stands_on.definitions, level=Level.PRODUCT)
        stands_on = replace(stands_on, definitions=per_product)
    else:
        names = tuple(Customer.objects.order_by("pk").values_list("pk", by.value))
    windows = _windows(Key(stands_on), state_of_facts(), period, names)
    limits = _limits(stands_on)
    told = [
        _told(name, replace(window, gross_margin=margin), unknown, limits, stands_on)
        for name, (window, unknown) in windows.items()
    ]
    tiers = {name: rank for rank, name in enumerate(Tier.values)} if by is Segments.TIER else {}
    return sorted(told, key=lambda it: (tiers.get(it.name, len(tiers)), -it.window.mrr, it.name))


def _limits(stands_on: Source) -> Thresholds:
    return thresholds(parameters(ECONOMICS, stands_on.known_on))


def _told(name: str, window: Window, unknown: str, limits: Thresholds, stands_on: Source) -> Told:
    subtract = stands_on.definitions.payback_subtracts_one_off
    found = economics(window, thresholds=limits, subtract_one_off=subtract)
    return Told(name, window, _without_amounts(found, unknown) if unknown else found, unknown)


def _without_amounts(found: Economics, reason: str) -> Economics:
    """An amount is not known, so no figure that rests on amounts of orders can be told: what is
    left are the counts (churn) and CAC, which is a cost divided by a count."""
    names = ("arpa", "asp", "payback_months", *(f"ltv.{it.variant}" for it in found.ltv))
    tests = tuple(
        it if it.name == "yearly_churn" else replace(it, value=None, passed=None, reason=reason)
        for it in found.tests
    )
    return replace(
        found,
        arpa=None,
        asp=None,
        payback_months=None,
        ltv=tuple(replace(it, amount=None, reason=reason) for it in found.ltv),
        tests=tests,
        reasons=found.reasons | dict.fromkeys(names, reason),
    )


_EMPTY: Final = Window(Fraction(1), Fraction(0), 0, 0, 0, Fraction(0), 0)


# The page asks for the same windows again with every look; only a fact or a decision changes them.
@lru_cache(maxsize=8)
def _windows(
    key: Key, _state: tuple[object, ...], period: Period, names: Names
) -> Mapping[str, tuple[Window, str]]:
    """By segment (the customers' `names`; None: by product at that level, else all together),
    what happened in the period, and why its amounts may not be known. One pass over both ends,
    whatever the number of segments."""
    histories = histories_of(key.source)
    segment = _segments(names)
    ends: dict[tuple[str, date], list[State]] = defaultdict(list)
    for day in (period.eve_on, period.last_on):
        for unit, state in histories.states(day).items():
            ends[segment(unit), day].append(state)
    moved: dict[tuple[str, Movement], list[Fraction]] = defaultdict(list)
    for move in histories.net(period):
        if move.kind is not None:
            moved[segment(move.key), move.kind].append(move.amount)
    found = {name for name, _day in ends} | {name for name, _kind in moved}
    return {name: _window(name, period, ends, moved) for name in sorted(found)}


def _window(
    name: str,
    period: Period,
    ends: Mapping[tuple[str, date], list[State]],
    moved: Mapping[tuple[str, Movement], list[Fraction]],
) -> tuple[Window, str]:
    """One segment's window, and why its amounts may not be known."""
    start, end = ends.get((name, period.eve_on), []), ends.get((name, period.last_on), [])
    amounts = {kind: moved.get((name, kind), []) for kind in Movement}
    window = Window(
        months=Fraction(len(months_of(period))),
        mrr=exact_sum(state.mrr for state in end),
        customers=sum(state.paying for state in end),
        start_customers=sum(state.paying for state in start),
        lost_customers=len(amounts[Movement.CHURN]),
        new_mrr=exact_sum(amounts[Movement.NEW]),
        new_customers=len(amounts[Movement.NEW]),
        expansion_mrr=exact_sum(amounts[Movement.EXPANSION]),
    )
    return window, first_reason({state.unknown for state in (*start, *end)})


def _segments(names: Names) -> Callable[[Unit], str]:
    if names is None:
        return lambda key: "" if isinstance(key, int) else key[1]
    of = dict(names)
    return lambda key: of.get(key if isinstance(key, int) else key[0], "")


def _inputs(stands_on: Source, period: Period, window: Window) -> Inputs:
    lag = stands_on.definitions.cac_lag_months
    known_on = stands_on.known_on
    spent, missing = cost_of(
        period, MonthlyCostKind.SALES_MARKETING, lag_months=lag, known_on=known_on
    )
    typed = parameters(ECONOMICS, known_on).get(GROSS_MARGIN)
    margin = parsed(GROSS_MARGIN, typed) if typed else _margin(period, window, known_on)
    value = value_of_a_year(stands_on, period.last_on)
    return Inputs(spent, missing, margin, margin is not None and not typed, value)


def _margin(period: Period, window: Window, known_on: date | None) -> Fraction | None:
    """1 − delivery cost ÷ recurring revenue, which is taken as the MRR of the end × months."""
    delivered, _missing = cost_of(period, MonthlyCostKind.DELIVERY, known_on=known_on)
    share = None if delivered is None else ratio(delivered, window.mrr * window.months)
    return None if share is None else max(1 - share, Fraction(0))


def _one_off(stands_on: Source, period: Period) -> Fraction:
    """One-off fees of the new customers, of orders that began in the period, when payback
    subtracts them."""
    if not stands_on.definitions.payback_subtracts_one_off:
        return Fraction(0)
    moves = histories_of(stands_on).net(period)
    came = {it.customer_id for it in moves if it.kind is Movement.NEW}
    total = Fraction(0)
    for term in terms_known(stands_on.known_on):
        if term.customer_id in came and period.first_on <= term.start_on <= period.last_on:
            rate = stands_on.rates.on(
                term.currency, period.last_on, definitions=stands_on.definitions
            )
            total += term.one_off * (rate or 0)
    return total
