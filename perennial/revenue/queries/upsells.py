"""Every upsell of the ledger, and who was credited with what, as known by the end of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache

from perennial.contracts.queries.ledger import ledger_state
from perennial.contracts.rules import Term
from perennial.revenue.models import CreditOverride
from perennial.revenue.queries.clock import definitions_at, moment_after, rates_at
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.queries.sources import terms_known
from perennial.revenue.rules.attribution import (
    CreditRules,
    FirstDeal,
    Upsell,
    Worth,
    first_deals,
    upsells,
)
from perennial.revenue.rules.definitions import Definitions, PausePolicy
from perennial.revenue.rules.parameters import CREDIT, credit_rules
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.subkinds import SubKind
from perennial.revenue.rules.upsell_kinds import kind_of
from perennial.revenue.rules.yearly import Yearly


@dataclass(frozen=True, slots=True)
class Sales:
    """All upsells of everybody, by signing day, with their kinds by order, and each customer's
    first deal. Not gated."""

    upsells: tuple[Upsell, ...]
    kinds: Mapping[str, SubKind | None]
    deals: Mapping[int, FirstDeal]


@dataclass(frozen=True, slots=True)
class Told:
    """A rates table as a key that can be compared."""

    plan: tuple[tuple[str, Fraction], ...]
    spot: tuple[tuple[str, tuple[tuple[date, Fraction], ...]], ...]

    @property
    def rates(self) -> Rates:
        return Rates(plan=dict(self.plan), spot=dict(self.spot))


def told(rates: Rates) -> Told:
    return Told(tuple(sorted(rates.plan.items())), tuple(sorted(rates.spot.items())))


def sales(known_on: date | None = None) -> Sales:
    """As the ledger, the definitions and the rates were known by the end of `known_on`."""
    return _sales(ledger_state(), known_on, definitions_at(known_on), told(rates_at(known_on)))


# The page asks for the same again with every tab; only the ledger or a decision changes it.
@lru_cache(maxsize=4)
def _sales(
    _state: tuple[object, ...], known_on: date | None, definitions: Definitions, rates: Told
) -> Sales:
    worth = yearly(definitions, rates.rates)
    terms = terms_known(known_on)
    by_customer: dict[int, list[Term]] = defaultdict(list)
    for term in terms:
        by_customer[term.customer_id].append(term)
    found = upsells(terms, worth=worth, grace_days=definitions.grace_days)
    plain = replace(definitions, pause_policy=PausePolicy.KEEP)
    kinds = {
        it.order_id: kind_of(it, by_customer[it.customer_id], definitions=plain, rates=rates.rates)
        for it in found
    }
    return Sales(tuple(found), kinds, first_deals(terms, worth=worth))


def yearly(definitions: Definitions, rates: Rates) -> Worth:
    """Yearly amounts in the company's currency, as the renewal rates take them."""
    amounts = Yearly(definitions, rates)

    def worth(term: Term, on: date) -> Fraction | None:
        return amounts.total((term,), on=on).known

    return worth


def overrides(known_on: date | None = None) -> dict[str, CreditOverride]:
    """Order → the decision in force; withdrawn ones are left out."""
    rows = CreditOverride.objects.order_by("recorded_at", "pk").select_related("recorded_by")
    if (before := moment_after(known_on)) is not None:
        rows = rows.filter(recorded_at__lt=before)
    newest = {row.order_id: row for row in rows}
    return {order_id: row for order_id, row in newest.items() if not row.void}


def rules_of_credit(known_on: date | None = None) -> CreditRules:
    return credit_rules(parameters(CREDIT, known_on))
