"""Where a plan starts: the own numbers of the company, or of a CSM's own book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from django.db.models import Q

from perennial.contracts.queries import terms_of
from perennial.contracts.rules import Kind, Term
from perennial.revenue.models import MonthlyCostKind
from perennial.revenue.queries.book import Book
from perennial.revenue.queries.costs import cost_of
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.queries.sources import Source
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


def own_numbers(book: Book, on: date) -> Own:
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
    shares = _shares(book, on, year.first_on)
    spent = cost_of(year, MonthlyCostKind.SALES_MARKETING)[0] if book.is_company else None
    margin = parameters(ECONOMICS).get(GROSS_MARGIN)
    return Own(
        arr=arr,
        renewal=kept.grr,
        upsell=None if kept.nrr is None or kept.grr is None else max(kept.nrr - kept.grr, ZERO),
        new_customers=came,
        growth=ratio(Fraction(came - came_before), Fraction(came_before)),
        price=asp or (ratio(arr, Fraction(base.customers)) if arr else None),
        cac=None if spent is None else ratio(spent, Fraction(came)),
        margin=parsed(GROSS_MARGIN, margin) if margin else None,
        arr_per_csm=_per_csm(arr, is_company=book.is_company),
        prepaid=shares[0],
        buyout=shares[1],
    )


def _year(on: date) -> Period:
    return Period("", add_months(on + ONE_DAY, -12), on)


def _per_csm(arr: Fraction | None, *, is_company: bool) -> Fraction | None:
    csms = User.objects.filter(role=Role.CSM, is_active=True).count() if is_company else 1
    return None if not arr else ratio(arr, Fraction(csms))


def _shares(book: Book, on: date, since: date) -> tuple[Fraction | None, Fraction | None]:
    """Of ARR at the end of `on`, how much is prepaid for long; of sales since then, how much was
    bought outright."""
    live = Q(start_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on))
    ids = None if book.is_company else book.customer_ids()
    found = terms_of(ids, where=live | Q(signed_on__gte=since))
    terms = [term for theirs in found.values() for term in theirs]
    recurring = list(_worth((it for it in terms if it.live_on(on)), book.source, on))
    long = sum((mrr for term, mrr in recurring if _is_long(term)), ZERO)
    sold = [it for it in terms if since <= it.signed_on <= on]
    new = _worth((it for it in sold if it.kind is Kind.NEW), book.source, on)
    yearly = sum((12 * mrr for _term, mrr in new), ZERO)
    bought = sum((it.one_off for it in sold if it.kind is Kind.BUYOUT), ZERO)
    whole = sum((mrr for _term, mrr in recurring), ZERO)
    return ratio(long, whole), ratio(bought, bought + yearly)


def _is_long(term: Term) -> bool:
    end = term.scheduled_end_on
    if end is None or end <= term.start_on:
        return False
    return term_months(term.start_on, end) >= LONG_MONTHS


def _worth(terms: Iterable[Term], stands_on: Source, on: date) -> Iterator[tuple[Term, Fraction]]:
    """MRR in the company's currency; where no rate is known, nothing."""
    for term in terms:
        rate = stands_on.rates.on(term.currency, on, definitions=stands_on.definitions)
        if rate is not None:
            yield term, term.mrr * rate
