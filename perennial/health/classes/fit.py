"""What target and other customers really brought, and who signed them, of those a user sees.

Fit is that of today. Figures are None where nothing was recorded that they could be told from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from django.conf import settings
from django.db.models import Sum

from perennial.customers.filters import Kind
from perennial.customers.models import Customer, Fit, Touch
from perennial.health.classes.facts import Facts
from perennial.health.classes.preview import Book
from perennial.revenue.queries import mrr_on
from perennial.surveys.queries import latest_nps
from perennial.team.access import sees_money
from perennial.units.moment import day_end
from perennial.units.period import ONE_DAY, add_months

QUARTERS: Final = 8
YEAR_DAYS: Final = 365
OWNER: Final = "owner"
PROMOTER, DETRACTOR = 9, 6
MOST_GROUPS: Final = 20


@dataclass(frozen=True, slots=True)
class Won:
    """Customers of a group by fit; the share is of those whose fit is known."""

    label: str
    target: int
    non_target: int
    unknown: int

    @property
    def known(self) -> int:
        return self.target + self.non_target

    @property
    def target_rate(self) -> float | None:
        return self.target / self.known if self.known else None


@dataclass(frozen=True, slots=True)
class Earned:
    """One fit: customers ever served; lost of those who ever paid; money only where seen."""

    fit: Fit
    customers: int
    lost_rate: float | None
    arr: float | None
    revenue: float | None  # recurring, of twelve months
    hours: float | None  # logged in twelve months, per customer
    nps: float | None
    answered: int  # customers


@dataclass(frozen=True, slots=True)
class FitReport:
    quarters: list[Won]
    groups: list[Won]
    by: str
    choices: list[tuple[str, str]]
    earned: list[Earned]


def fit_report(book: Book, *, by: str) -> FitReport:
    """`by`: owner, or the name of a custom text field (salesperson, channel)."""
    facts = book.facts
    places = [at for at, seen in enumerate(book.seen.tolist()) if seen]
    choices = [(it.name, str(it.title)) for it in facts.custom if it.kind is Kind.TEXT]
    chosen = by if by in dict(choices) else OWNER
    return FitReport(
        _quarters(facts, places),
        _groups(facts, places, chosen),
        chosen,
        choices,
        _earned(book, places),
    )


def _won(label: str, fits: Iterable[str]) -> Won:
    found = list(fits)
    target, non_target = found.count(Fit.TARGET), found.count(Fit.NON_TARGET)
    return Won(label, target, non_target, len(found) - target - non_target)


def _quarters(facts: Facts, places: list[int]) -> list[Won]:
    """By the quarter in which service was opened, oldest first."""
    opened: dict[str, list[str]] = defaultdict(list)
    first = date(facts.day.year, (facts.day.month - 1) // 3 * 3 + 1, 1)
    labels = [_quarter(add_months(first, -3 * back)) for back in range(QUARTERS - 1, -1, -1)]
    ages = facts.columns["age_days"]
    for at in places:
        if ages[at] >= 0:  # unknown compares as false
            on = facts.day - timedelta(days=int(ages[at]))
            opened[_quarter(on)].append(facts.now["fit"][at])
    return [_won(label, opened[label]) for label in labels]


def _quarter(on: date) -> str:
    return f"{on.year} Q{(on.month - 1) // 3 + 1}"


def _groups(facts: Facts, places: list[int], by: str) -> list[Won]:
    """The largest groups, the largest first."""
    if by == OWNER:
        pks = [int(facts.pks[at]) for at in places]
        names = dict(Customer.objects.filter(owner__isnull=False).values_list("pk", "owner__name"))
        labels = [names.get(pk, "") for pk in pks]
    else:
        labels = [str(facts.columns[by][at]) for at in places]
    found: dict[str, list[str]] = defaultdict(list)
    for label, at in zip(labels, places, strict=True):
        found[label].append(facts.now["fit"][at])
    order = sorted(found, key=lambda it: (-len(found[it]), it))
    return [_won(label, found[label]) for label in order[:MOST_GROUPS]]


def _earned(book: Book, places: list[int]) -> list[Earned]:
    facts = book.facts
    money = sees_money(book.user)
    revenue = _revenue(facts.day) if money else {}
    minutes = _minutes(facts.day)
    nps = latest_nps(before=day_end(facts.day, settings.PERENNIAL_TIME_ZONE))
    lines = []
    for fit in Fit:
        mine = [at for at in places if (facts.now["fit"][at] or Fit.UNKNOWN) == fit]
        pks = [int(facts.pks[at]) for at in mine]
        paid = [at for at in mine if facts.columns["paying"][at] or facts.columns["lapsed"][at]]
        lost = sum(bool(facts.columns["lapsed"][at]) for at in paid)
        arr = [float(facts.columns["arr"][at]) for at in paid if facts.columns["paying"][at]]
        answers = [nps[pk] for pk in pks if pk in nps]
        lines.append(
            Earned(
                fit,
                len(mine),
                lost / len(paid) if paid else None,
                sum(it for it in arr if it == it) if money and paid else None,
                float(sum((revenue.get(pk, Fraction(0)) for pk in pks), Fraction(0)))
                if money and paid
                else None,
                sum(minutes.get(pk, 0) for pk in pks) / 60 / len(pks) if minutes and pks else None,
                _net_promoters(answers),
                len(answers),
            )
        )
    return lines


def _net_promoters(answers: list[float]) -> float | None:
    """Promoters less detractors per 100 customers; None without an answer."""
    if not answers:
        return None
    promoters = sum(it >= PROMOTER for it in answers)
    detractors = sum(it <= DETRACTOR for it in answers)
    return 100 * (promoters - detractors) / len(answers)


def _revenue(day: date) -> dict[int, Fraction]:
    """Recurring revenue of the last twelve full months: the MRR at the end of each."""
    found: dict[int, Fraction] = defaultdict(Fraction)
    first = day.replace(day=1)
    for back in range(12):
        for pk, amount in mrr_on(None, add_months(first, -back) - ONE_DAY).items():
            found[pk] += amount
    return found


def _minutes(day: date) -> dict[int, int]:
    """Time logged in twelve months, by customer; empty when nobody logs any."""
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    touches = Touch.objects.filter(
        happened_at__gte=end - timedelta(days=YEAR_DAYS), happened_at__lt=end, minutes__gt=0
    )
    return dict(touches.order_by().values_list("customer_id").annotate(total=Sum("minutes")))
