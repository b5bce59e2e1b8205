"""The first paid order of new customers, and what of it is implementation or custom work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from fractions import Fraction

from perennial.contracts.models import OrderKind, ServiceTerm
from perennial.customers.upsert import chunks
from perennial.revenue.queries.exchange import Exchange, exchange
from perennial.units.money import round_half_up
from perennial.work.onboarding.rules.deal import Deal, names_work
from perennial.work.onboarding.rules.definition import Definition

_NO_PURCHASE = (OrderKind.TRIAL, OrderKind.CANCELLATION)
_NOTHING = Deal(None, has_order=False)


def deals_of(customers: Collection[int], day: date, definition: Definition) -> dict[int, Deal]:
    """Per customer (primary key) the deal, by the orders known now; amounts by the day's rates."""
    rates = exchange(day)
    terms: dict[int, list[ServiceTerm]] = {}
    for part in chunks(list(customers)):
        rows = ServiceTerm.objects.filter(customer__in=part).exclude(kind__in=_NO_PURCHASE)
        for row in rows.order_by("start_on", "signed_on", "order_id", "line"):
            terms.setdefault(row.customer_id, []).append(row)
    return {pk: _deal(terms.get(pk, []), rates, definition) for pk in customers}


def _deal(terms: list[ServiceTerm], rates: Exchange, definition: Definition) -> Deal:
    if not terms:
        return _NOTHING
    work = next((_named(it) for it in terms if _is_work(it, definition)), "")
    first = [it for it in terms if it.order_id == terms[0].order_id]
    return Deal(_yearly(first, rates), work)


def _is_work(term: ServiceTerm, definition: Definition) -> bool:
    return names_work(
        term.product,
        one_off=Fraction(term.one_off_exact) > 0,
        is_bought_out=term.kind == OrderKind.BUYOUT,
        words=definition.work_words,
    )


def _named(term: ServiceTerm) -> str:
    """The line as people find it: its product and order."""
    return f"{term.product} · {term.order_id}" if term.product else term.order_id


def _yearly(terms: list[ServiceTerm], rates: Exchange) -> Decimal | None:
    """The order's yearly amount in the company's currency; None where a part is not known, there
    is no rate, or it was bought once and for all."""
    recurring = [it for it in terms if it.kind != OrderKind.BUYOUT]
    if not recurring or any(it.unknown for it in recurring):
        return None
    sums: dict[str, Fraction] = {}
    for it in recurring:
        sums[it.currency] = sums.get(it.currency, Fraction(0)) + Fraction(it.mrr_exact) * 12
    amounts = [rates.amount(round_half_up(it), currency) for currency, it in sums.items()]
    return (
        sum((it for it in amounts if it is not None), Decimal(0)) if None not in amounts else None
    )
