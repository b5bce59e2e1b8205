"""Products that most customers of an industry and size have and a customer has not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache

from perennial.contracts.queries.ledger import ledger_state
from perennial.contracts.rules import Term, committed
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.queries.sources import terms_known
from perennial.revenue.queries.upsells import Told, told, yearly
from perennial.revenue.rules import white_space as rules
from perennial.revenue.rules.definitions import Definitions
from perennial.team.access import Page, can, require
from perennial.team.models import User


def white_space(user: User, on: date, *, known_on: date | None = None) -> list[rules.Gap]:
    """The gate: gaps of the customers in the user's reach. Whoever sees the company's revenue has
    them compared with all customers, anybody else with the own book. Orders count as known by the
    end of `known_on`; industries and sizes are those of now."""
    require(user, Page.REVENUE)
    own = set(visible_customers(user).values_list("pk", flat=True))
    definitions, rates = definitions_at(known_on), told(rates_at(known_on))
    held = holdings(ledger_state(), on, known_on, definitions, rates)
    everybody = can(user, Page.COMPANY_REVENUE)
    rows = Customer.objects.exclude(industry="").values_list("pk", "industry", "size")
    customers = (
        rules.Customer(pk, industry, size, held[pk])
        for pk, industry, size in rows
        if pk in held and (everybody or pk in own)
    )
    return rules.white_space(customers, of=own)


# The page asks again with every page of the list; only the ledger changes it.
@lru_cache(maxsize=2)
def holdings(
    _state: tuple[object, ...],
    on: date,
    known_on: date | None,
    definitions: Definitions,
    rates: Told,
) -> Mapping[int, Mapping[str, Fraction]]:
    """What each paying customer has at the end of `on`, and pays a year for it, by product.
    Amounts that are not known count as zero. Not gated."""
    worth = yearly(definitions, rates.rates)
    by_customer: dict[int, list[Term]] = defaultdict(list)
    for term in terms_known(known_on):
        by_customer[term.customer_id].append(term)
    found: dict[int, dict[str, Fraction]] = {}
    for pk, terms in by_customer.items():
        holds: dict[str, Fraction] = {}
        for term in committed(terms):
            if term.live_on(on):
                held = holds.get(term.product, Fraction(0))
                holds[term.product] = held + (worth(term, on) or 0)
        if holds:
            found[pk] = holds
    return found
