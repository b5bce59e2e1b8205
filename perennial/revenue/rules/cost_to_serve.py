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

Minutes = int | Fraction
HOUR: Final = 60
TRAINING: Final = "training"
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
    """Time spent on a customer or a group, in exact minutes; `standard` of them were not
    measured. Whole minutes stay whole numbers: ten thousand customers add up in an instant."""

    minutes: Mapping[Work, Minutes]
    standard: Minutes

    @property
    def hours(self) -> Mapping[Work, Fraction]:
        return {work: Fraction(spent) / HOUR for work, spent in self.minutes.items()}

    @property
    def total(self) -> Fraction:
        """Hours."""
        return Fraction(sum(self.minutes.values())) / HOUR

    @property
    def standard_share(self) -> Fraction | None:
        return ratio(Fraction(self.standard), Fraction(sum(self.minutes.values())))

    def cost(self, rules: ServiceRules) -> Fraction | None:
        return None if rules.hour_cost is None else self.total * rules.hour_cost


NO_SERVICE: Final = Service(dict.fromkeys(Work, 0), 0)


def service(
    touches: Iterable[Touches], tickets: Iterable[Tickets], *, rules: ServiceRules
) -> Service:
    """The time of a customer; training is a kind of touch, told apart."""
    minutes: dict[Work, Minutes] = dict.fromkeys(Work, 0)
    standard: Minutes = 0
    for touch in touches:
        assumed = touch.unlogged * rules.touch_minutes.get(touch.kind, 0)
        work = Work.TRAINING if touch.kind == TRAINING else Work.TOUCHES
        minutes[work] += touch.minutes + assumed
        standard += assumed
    for ticket in tickets:
        spent = ticket.count * whole(rules.ticket(ticket.kind) * HOUR)
        minutes[Work.TICKETS] += spent
        standard += spent
    return Service(minutes, standard)


def whole(value: Fraction) -> Minutes:
    """A whole number when it is one."""
    return value.numerator if value.denominator == 1 else value


def together(services: Iterable[Service]) -> Service:
    """The time of a group."""
    minutes: dict[Work, Minutes] = dict.fromkeys(Work, 0)
    standard: Minutes = 0
    for one in services:
        for work, spent in one.minutes.items():
            minutes[work] += spent
        standard += one.standard
    return Service(minutes, standard)


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
