"""Where a plan starts: the own numbers of the company, or of a CSM's own book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from django.db.models import Q

from perennial.contracts.queries import terms_of
from perennial.contracts.rules import Kind, Term
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.queries.book import Book, Named
from perennial.revenue.queries.costs import cost_of
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.queries.sources import Source, terms_known
from perennial.revenue.rules import Movement
from perennial.revenue.rules.parameters import ECONOMICS, GROSS_MARGIN, parsed
from perennial.team.models import Role, User
from perennial.units.money import ratio
from perennial.units.period import ONE_DAY, Period, add_months, term_months

ZERO: Final = Fraction(0)
LONG_MONTHS: Final = 36  # prepaid for so long, an order hides whether the customer would renew


@dataclass(frozen=True, slots=True)
class Own:
    """Of the twelve months up to a day, per year, in the company's currency; None: not known."""

    arr: Fraction | None
    renewal: Fraction | None  # GRR: the share of ARR that was kept
    upsell: Fraction | None  # NRR − GRR
    new_customers: int
    growth: Fraction | None  # of new customers, against the year before
    price: Fraction | None  # new ARR ÷ new customers; without any, ARR ÷ customers
    cac: Fraction | None
    margin: Fraction | None
    arr_per_csm: Fraction | None
    prepaid: Fraction | None  # share of ARR in orders of three years or more
    buyout: Fraction | None  # buy-outs ÷ (buy-outs + first year of new orders)


@dataclass(frozen=True, slots=True)
class LongOrder:
    """An order of three years or more that is in service: an exception to yearly orders."""

    customer: Named
    order_id: str
    start_on: date
    end_on: date
    arr: Fraction


@dataclass(frozen=True, slots=True)
class Orders:
    """What the book has in service at the end of a day, and what was sold in the year up to it;
    MRR in the company's currency, terms in one without a rate are left out."""

    live: list[tuple[Term, Fraction]]
    new_arr: Fraction
    bought: Fraction

    @property
    def long(self) -> list[tuple[Term, Fraction]]:
        return [(term, mrr) for term, mrr in self.live if _is_long(term)]

    @property
    def prepaid(self) -> Fraction | None:
        whole = sum((mrr for _term, mrr in self.live), ZERO)
        return ratio(sum((mrr for _term, mrr in self.long), ZERO), whole)

    @property
    def buyout(self) -> Fraction | None:
        return ratio(self.bought, self.bought + self.new_arr)


def orders_of(book: Book, on: date) -> Orders:
    """One read of the terms that are in service or were signed in the last twelve months."""
    since = _year(on).first_on
    told = list(_at_rates(_terms(book, on, since), book.source, on))
    sold = [(term, rate) for term, rate in told if since <= term.signed_on <= on]
    return Orders(
        [(term, term.mrr * rate) for term, rate in told if term.live_on(on)],
        sum((12 * it.mrr * rate for it, rate in sold if it.kind is Kind.NEW), ZERO),
        sum((it.one_off * rate for it, rate in sold if it.kind is Kind.BUYOUT), ZERO),
    )


def _terms(book: Book, on: date, since: date) -> Iterator[Term]:
    """Of the book, in service at the end of `on` or signed from `since` on, as the book knows
    them."""
    ids = None if book.is_company else book.customer_ids()
    known_on = book.source.known_on
    if known_on is None:
        live = Q(start_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
        found = terms_of(ids, where=live | Q(signed_on__gte=since))
        return (term for theirs in found.values() for term in theirs)
    return (term for term in terms_known(known_on) if ids is None or term.customer_id in ids)


def long_orders(book: Book, orders: Orders) -> list[LongOrder]:
    """Each with its customer, the largest first; lines of one order are one row."""
    lines: dict[tuple[int, str], list[tuple[Term, Fraction]]] = defaultdict(list)
    for term, mrr in orders.long:
        lines[term.customer_id, term.order_id].append((term, mrr))
    names = book.named(sorted({pk for pk, _order in lines}))
    found = [
        LongOrder(
            names[pk],
            order_id,
            min(term.start_on for term, _mrr in theirs),
            max(term.scheduled_end_on or term.start_on for term, _mrr in theirs),
            12 * sum((mrr for _term, mrr in theirs), ZERO),
        )
        for (pk, order_id), theirs in lines.items()
    ]
    return sorted(found, key=lambda it: (-it.arr, it.order_id))


def own_numbers(book: Book, on: date, orders: Orders) -> Own:
    """What the user's book says at the end of `on`; costs are the company's, so that only those
    who see its revenue are told."""
    year = _year(on)
    before = _year(year.eve_on)
    base, moved = book.base(on), book.movements(year)
    kept = book.retention(year)
    came, came_before = (it.counts[Movement.NEW] for it in (moved, book.movements(before)))
    arr = None if base.unknown else base.mrr * 12
    new = moved.figure(Movement.NEW)
    asp = ratio(new * 12, Fraction(came)) if new else None
    lag, known_on = book.source.definitions.cac_lag_months, book.source.known_on
    spent, _missing = cost_of(
        year, MonthlyCostKind.SALES_MARKETING, lag_months=lag, known_on=known_on
    )
    margin = parameters(ECONOMICS, known_on).get(GROSS_MARGIN)
    return Own(
        arr=arr,
        renewal=kept.grr,
        upsell=None if kept.nrr is None or kept.grr is None else max(kept.nrr - kept.grr, ZERO),
        new_customers=came,
        growth=ratio(Fraction(came - came_before), Fraction(came_before)),
        price=asp or (ratio(arr, Fraction(base.customers)) if arr else None),
        cac=ratio(spent, Fraction(came)) if spent and book.is_company else None,
        margin=parsed(GROSS_MARGIN, margin) if margin else None,
        arr_per_csm=_per_csm(arr, is_company=book.is_company),
        prepaid=orders.prepaid,
        buyout=orders.buyout,
    )


def _year(on: date) -> Period:
    return Period("", add_months(on + ONE_DAY, -12), on)


def _per_csm(arr: Fraction | None, *, is_company: bool) -> Fraction | None:
    csms = User.objects.filter(role=Role.CSM, is_active=True).count() if is_company else 1
    return None if not arr else ratio(arr, Fraction(csms))


def _is_long(term: Term) -> bool:
    end = term.scheduled_end_on
    if end is None or end <= term.start_on:
        return False
    return term_months(term.start_on, end) >= LONG_MONTHS


def _at_rates(
    terms: Iterable[Term], stands_on: Source, on: date
) -> Iterator[tuple[Term, Fraction]]:
    """With the rate to the company's currency; those without one are left out."""
    for term in terms:
        rate = stands_on.rates.on(term.currency, on, definitions=stands_on.definitions)
        if rate is not None:
            yield term, rate
