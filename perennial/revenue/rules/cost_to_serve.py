"""What serving a customer costs (服务成本), and what customer success earns (客户成功利润表).

Cost = hours × cost of an hour. Hours come from logged touches and from tickets; a touch without
minutes and every ticket count their standard time, and the share of such hours is told.
Profit = renewals + upsell credited to CSMs + referrals − cost; coverage = upsell ÷ cost.
Without the cost of an hour there are hours, but no cost: it is never guessed.
Source: metric specification A6, seeds s0, s1 (成本中心→利润中心).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from perennial.units.money import ratio

HOUR: Final = 60
# How long a contact takes when nobody logged its minutes; editable (ours).
STANDARD_MINUTES: Final[Mapping[str, int]] = MappingProxyType(
    {"call": 15, "meeting": 60, "visit": 120, "email": 10, "chat": 10, "training": 90, "note": 5}
)
NO_HOUR_COST: Final = "no_hour_cost"
NOT_RECORDED: Final = "not_recorded"


class Work(StrEnum):
    """Where hours come from."""

    TOUCHES = "touches"
    TRAINING = "training"
    TICKETS = "tickets"


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """The settings: money of an hour (None: not set yet), standard times. A kind of ticket
    without hours of its own takes `ticket_hours`."""

    hour_cost: Fraction | None = None
    ticket_hours: Fraction = Fraction(1)
    ticket_kind_hours: Mapping[str, Fraction] = field(default_factory=dict)
    touch_minutes: Mapping[str, int] = field(default_factory=lambda: STANDARD_MINUTES)

    def ticket(self, kind: str) -> Fraction:
        return self.ticket_kind_hours.get(kind, self.ticket_hours)


@dataclass(frozen=True, slots=True)
class Touches:
    """Touches of one customer and kind: minutes logged, and how many had none."""

    kind: str
    minutes: int
    count: int
    unlogged: int


@dataclass(frozen=True, slots=True)
class Tickets:
    """Tickets of one customer and kind."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Service:
    """Hours spent on a customer or a group, exact; `standard` of them were not measured."""

    hours: Mapping[Work, Fraction]
    standard: Fraction

    @property
    def total(self) -> Fraction:
        return sum(self.hours.values(), Fraction(0))

    @property
    def standard_share(self) -> Fraction | None:
        return ratio(self.standard, self.total)

    def cost(self, rules: ServiceRules) -> Fraction | None:
        return None if rules.hour_cost is None else self.total * rules.hour_cost


NO_SERVICE: Final = Service(dict.fromkeys(Work, Fraction(0)), Fraction(0))


def service(
    touches: Iterable[Touches], tickets: Iterable[Tickets], *, rules: ServiceRules
) -> Service:
    """The hours of a customer; training is a kind of touch, told apart."""
    hours = dict.fromkeys(Work, Fraction(0))
    standard = Fraction(0)
    for touch in touches:
        assumed = Fraction(touch.unlogged * rules.touch_minutes.get(touch.kind, 0), HOUR)
        work = Work.TRAINING if touch.kind == "training" else Work.TOUCHES
        hours[work] += Fraction(touch.minutes, HOUR) + assumed
        standard += assumed
    for ticket in tickets:
        spent = ticket.count * rules.ticket(ticket.kind)
        hours[Work.TICKETS] += spent
        standard += spent
    return Service(hours, standard)


def together(services: Iterable[Service]) -> Service:
    """The hours of a group."""
    hours = dict.fromkeys(Work, Fraction(0))
    standard = Fraction(0)
    for one in services:
        for work, spent in one.hours.items():
            hours[work] += spent
        standard += one.standard
    return Service(hours, standard)


@dataclass(frozen=True, slots=True)
class Profit:
    """What customer success brought and cost in a period; None where it is not known, with the
    reason by figure. `profit` leaves out what is not recorded."""

    renewals: Fraction
    upsell: Fraction
    referrals: Fraction | None
    cost: Fraction | None
    profit: Fraction | None
    coverage: Fraction | None
    reasons: Mapping[str, str]


def profit(
    *,
    renewals: Fraction,
    upsell: Fraction,
    cost: Fraction | None,
    referrals: Fraction | None = None,
) -> Profit:
    """The statement. Coverage is None when nothing was spent: upsell ÷ 0 says nothing."""
    reasons = {} if referrals is not None else {"referrals": NOT_RECORDED}
    if cost is None:
        reasons |= dict.fromkeys(("cost", "profit", "coverage"), NO_HOUR_COST)
        return Profit(renewals, upsell, referrals, None, None, None, reasons)
    coverage = ratio(upsell, cost)
    if coverage is None:
        reasons["coverage"] = "no_cost"
    left = renewals + upsell + (referrals or 0) - cost
    return Profit(renewals, upsell, referrals, cost, left, coverage, reasons)
