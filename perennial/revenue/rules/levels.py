"""Whose revenue is compared: customers, their products, or their subscriptions (口径层级).

A subscription is an order and what goes on under it: its downsells, its renewals and theirs. A
renewal of several orders goes on under the first that it names. A term without a product has
that of the order that it names. Source: metric specification A0.6, section 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from perennial.contracts.rules import Kind, Term
from perennial.revenue.rules.definitions import Level
from perennial.revenue.rules.movement import Unit

FOLLOWING = frozenset({Kind.RENEWAL, Kind.DOWNSELL})


def units(terms: Iterable[Term], level: Level) -> dict[Unit, list[Term]]:
    """The terms of each unit; customers in the order in which they come."""
    customers: dict[int, list[Term]] = defaultdict(list)
    for term in terms:
        customers[term.customer_id].append(term)
    if level is Level.CUSTOMER:
        return dict(customers.items())
    found: dict[Unit, list[Term]] = defaultdict(list)
    for customer_id, theirs in customers.items():
        named = {term.order_id: term.renews[0] for term in theirs if term.renews}
        if level is Level.PRODUCT:
            products = _products(theirs)
            for term in theirs:
                product = term.product or _followed(term.order_id, named, products)
                found[customer_id, product].append(term)
        else:
            roots = {
                term.order_id: term.renews[0]
                for term in theirs
                if term.kind in FOLLOWING and term.renews
            }
            for term in theirs:
                found[customer_id, _root(term.order_id, roots)].append(term)
    return dict(found)


def _products(terms: Sequence[Term]) -> dict[str, str]:
    return {term.order_id: term.product for term in reversed(terms) if term.product}


def _followed(order_id: str, named: Mapping[str, str], products: Mapping[str, str]) -> str:
    """The first product on the way from an order to those that it names."""
    seen = set()
    while order_id not in seen:
        if product := products.get(order_id):
            return product
        seen.add(order_id)
        order_id = named.get(order_id, order_id)
    return ""


def _root(order_id: str, named: Mapping[str, str]) -> str:
    seen = {order_id}
    while (before := named.get(order_id)) is not None and before not in seen:
        seen.add(before)
        order_id = before
    return order_id


def customer_of(unit: Unit) -> int:
    return unit if isinstance(unit, int) else unit[0]
