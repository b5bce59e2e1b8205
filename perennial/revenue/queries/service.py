"""Hours and cost of serving customers in a period, and the profit of customer success."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.db.models import Count, Max, Q, Sum

from perennial.customers.models import Customer, Touch
from perennial.customers.queries import standing
from perennial.revenue.queries.book import Book
from perennial.revenue.queries.clock import Clock, moment_after
from perennial.revenue.queries.due import due_of
from perennial.revenue.queries.expansion import judged, summed
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.queries.sources import Key, histories_of, source, state_of_facts
from perennial.revenue.rules.attribution import Credit
from perennial.revenue.rules.cost_to_serve import (
    Profit,
    Service,
    ServiceRules,
    Tickets,
    Touches,
    profit,
    service,
    together,
)
from perennial.revenue.rules.histories import Histories
from perennial.revenue.rules.parameters import SERVICE, service_rules
from perennial.revenue.rules.state import exact_sum
from perennial.team.access import Page, require
from perennial.team.models import User
from perennial.tickets.models import Ticket
from perennial.units.moment import day_start
from perennial.units.money import ratio
from perennial.units.period import Period

NO_TIER: Final = ""
ZERO: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Served:
    """A customer or a tier: time, and MRR at the end."""

    customers: int
    service: Service
    mrr: Fraction
    rules: ServiceRules

    @property
    def arr(self) -> Fraction:
        return self.mrr * 12

    @property
    def cost(self) -> Fraction | None:
        """None without the cost of an hour."""
        return self.service.cost(self.rules)

    @property
    def cost_rate(self) -> Fraction | None:
        """Cost ÷ ARR of the same customers."""
        return None if self.cost is None else ratio(self.cost, self.arr)


@dataclass(frozen=True, slots=True)
class CostToServe:
    """Everybody, by tier (S first, '' is none), and by customer, the most hours first."""

    whole: Served
    tiers: list[tuple[str, Served]]
    customers: list[tuple[int, str, Served]]  # id, tier
    ticket_kinds: list[str]
    rules: ServiceRules


def cost_to_serve(user: User, period: Period, *, known_on: date | None) -> CostToServe:
    """Touches and tickets of the period. Raises PermissionDenied for those who see only their own
    book: an hour's cost is the company's."""
    require(user, Page.COMPANY_REVENUE)
    typed = tuple(sorted(parameters(SERVICE, known_on).items()))
    tiers = tuple(Customer.objects.exclude(tier="").order_by("pk").values_list("pk", "tier"))
    state = (*state_of_facts(), *_state_of_work())
    return _cost_to_serve(Key(source(known_on)), state, period, typed, tiers)


def _state_of_work() -> tuple[object, ...]:
    """Changes whenever a touch or a ticket is logged, edited or taken away."""
    edits = {"n": Count("pk"), "pk": Max("pk"), "edits": Sum("version")}
    touches = Touch.objects.aggregate(**edits, minutes=Sum("minutes"))
    return (*touches.values(), *Ticket.objects.aggregate(**edits).values())


# The list is turned page by page; only new work, a fact or a setting changes it.
@lru_cache(maxsize=4)
def _cost_to_serve(
    key: Key,
    _state: tuple[object, ...],
    period: Period,
    typed: tuple[tuple[str, str], ...],
    tier_of: tuple[tuple[int, str], ...],
) -> CostToServe:
    rules, tiers = service_rules(dict(typed)), dict(tier_of)
    known_on = key.source.known_on
    touches, tickets = _touches(period, known_on), _tickets(period, known_on)
    paid = _paid(histories_of(key.source), period.last_on)
    rows = []
    for pk in touches.keys() | tickets.keys() | paid.keys():
        spent = service(touches.get(pk, ()), tickets.get(pk, ()), rules=rules)
        rows.append((pk, tiers.get(pk, NO_TIER), Served(1, spent, paid.get(pk, ZERO), rules)))
    rows.sort(key=_longest_first)
    by_tier: dict[str, list[Served]] = defaultdict(list)
    for _pk, tier, served in rows:
        by_tier[tier].append(served)
    kinds = sorted({ticket.kind for theirs in tickets.values() for ticket in theirs} - {""})
    order = sorted(by_tier, key=lambda tier: ("SABC".find(tier) if tier else 9, tier))
    return CostToServe(
        whole=_sum([served for _pk, _tier, served in rows], rules),
        tiers=[(tier, _sum(by_tier[tier], rules)) for tier in order],
        customers=rows,
        ticket_kinds=kinds,
        rules=rules,
    )


def _paid(histories: Histories, on: date) -> dict[int, Fraction]:
    """MRR by customer, whatever the level of the histories."""
    found: dict[int, Fraction] = {}
    for unit, state in histories.states(on).items():
        pk = unit if isinstance(unit, int) else unit[0]
        found[pk] = found[pk] + state.mrr if pk in found else state.mrr
    return found


def _longest_first(row: tuple[int, str, Served]) -> tuple[float, float, int]:
    pk, _tier, served = row
    return -float(sum(served.service.minutes.values())), -float(served.mrr), pk


def _sum(served: list[Served], rules: ServiceRules) -> Served:
    spent = together(one.service for one in served)
    return Served(len(served), spent, exact_sum(one.mrr for one in served), rules)


def _touches(period: Period, known_on: date | None) -> Mapping[int, list[Touches]]:
    rows = Touch.objects.filter(_between("happened_at", period), **_known(known_on)).order_by()
    found, under = defaultdict[int, list[Touches]](list), standing(moment_after(known_on))
    for pk, kind, minutes, count, unlogged in rows.values_list("customer_id", "kind").annotate(
        logged=Sum("minutes"), count=Count("pk"), bare=Count("pk", filter=Q(minutes=None))
    ):
        found[under.get(pk, pk)].append(Touches(kind, minutes or 0, count, unlogged))
    return found


def _tickets(period: Period, known_on: date | None) -> Mapping[int, list[Tickets]]:
    rows = Ticket.objects.filter(_between("opened_at", period), **_known(known_on)).order_by()
    found, under = defaultdict[int, list[Tickets]](list), standing(moment_after(known_on))
    for pk, kind, count in rows.values_list("customer_id", "kind").annotate(count=Count("pk")):
        found[under.get(pk, pk)].append(Tickets(kind, count))
    return found


def _between(column: str, period: Period) -> Q:
    zone = settings.PERENNIAL_TIME_ZONE
    first = day_start(period.first_on, zone)
    end = day_start(period.last_on + timedelta(days=1), zone)
    return Q(**{f"{column}__gte": first, f"{column}__lt": end})


def _known(known_on: date | None) -> dict[str, object]:
    before = moment_after(known_on)
    return {} if before is None else {"recorded_at__lt": before}


def profit_of(
    book: Book, user: User, period: Period, *, clock: Clock, today: date, cost: Fraction | None
) -> Profit | None:
    """Renewals without upsell of what fell due in the period, and the upsell signed in it that is
    credited to CSMs. None when an amount is not known."""
    due = due_of(user, period, clock=clock, today=today).rates
    sold = summed(row for row in judged(book, period) if row.decision.to is Credit.CSM)
    if due.kept_amount is None or sold.amount is None:
        return None
    return profit(renewals=due.kept_amount, upsell=sold.amount, cost=cost)
