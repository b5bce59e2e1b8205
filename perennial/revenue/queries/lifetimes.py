"""How long customers stay, and what those of today are still worth. Not gated: the page is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from perennial.customers.models import Customer
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.queries.sources import Key, Source, histories_of, source, state_of_facts
from perennial.revenue.queries.staying import stays
from perennial.revenue.rules.base_value import BaseValue, age_on, base_value
from perennial.revenue.rules.histories import Histories
from perennial.revenue.rules.parameters import DISCOUNT, ECONOMICS, YEARLY_DISCOUNT, parsed
from perennial.revenue.rules.staying import Stay, Staying, staying, staying_by_group
from perennial.team.access import Page, require
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The curve of everybody and by industry, and the base's residual value."""

    everybody: Staying
    by_industry: Mapping[str, Staying]
    base: BaseValue


def lifetimes(user: User, on: date, *, known_on: date | None) -> Lifetimes:
    """Of the whole company. Raises PermissionDenied for those who see only their own book."""
    require(user, Page.COMPANY_REVENUE)
    stands_on = source(known_on)
    return _lifetimes(*_asked(stands_on, on), discount_rate(known_on))


def discount_rate(known_on: date | None) -> Fraction:
    typed = parameters(ECONOMICS, known_on).get(DISCOUNT)
    return parsed(DISCOUNT, typed) if typed else YEARLY_DISCOUNT


def value_of_a_year(stands_on: Source, on: date) -> Fraction | None:
    """Discounted yearly payments of a new customer (LTV l5); None where nothing is projected."""
    found = _lifetimes(*_asked(stands_on, on), discount_rate(stands_on.known_on))
    return None if found.base.value is None else Fraction(found.base.value)


Industries = tuple[tuple[int, str], ...]  # customer, industry


def _asked(stands_on: Source, on: date) -> tuple[Key, tuple[object, ...], date, Industries]:
    """What the curves depend on."""
    industries = tuple(Customer.objects.order_by("pk").values_list("pk", "industry"))
    return Key(stands_on), state_of_facts(), on, industries


@dataclass(frozen=True, slots=True)
class Company:
    """The histories of everybody, and what they stand on."""

    source: Source
    histories: Histories


# Worked out once per state of the ledger: a date sum for each customer and the fit of the curve
# take longer than all the rest of the page.
@lru_cache(maxsize=2)
def _lifetimes(
    key: Key, _state: tuple[object, ...], on: date, industries: Industries, discount: Fraction
) -> Lifetimes:
    by_age = _stays_by_age(key.source, on, dict(industries))
    everybody = [stay for theirs in by_age.values() for stay in theirs]
    base = base_value(by_age, discount=float(discount))
    return Lifetimes(staying(everybody), staying_by_group(everybody), base)


def _stays_by_age(
    stands_on: Source, on: date, industries: Mapping[int, str]
) -> Mapping[int, Sequence[Stay]]:
    """Everybody who ever paid, by whole years since; groups are industries."""
    histories = histories_of(stands_on)
    found: dict[int, list[Stay]] = defaultdict(list)
    firsts = (histories.first_paid(unit) for unit in histories.keys())  # noqa: SIM118
    seen = (first_on for first_on in firsts if first_on is not None and first_on <= on)
    everybody = stays(Company(stands_on, histories), on, groups=industries)
    for first_on, stay in zip(seen, everybody, strict=True):
        found[age_on(first_on, on)].append(stay)
    return found
