"""What an expansion or contraction consists of: seats, plan, price, cross-sell, discount, pause,
resume, co-term (增购与降级的子类型).

A term that goes on: a pause, its end, or a dated discount. A product that came or went alone:
cross-sell; one in place of another: plan. A product that stayed: an add-on without seats that ends
with another order is co-term; more or fewer seats at the old price per seat are seats; whatever is
left is price. The parts sum to the move, exactly.
Source: metric specification A2; the order of the rules is ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from perennial.contracts.rules import Kind, Term
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.service import portions, rests

ZERO: Final = Fraction(0)


class SubKind(StrEnum):
    SEATS = "seats"
    PLAN = "plan"
    PRICE = "price"
    CROSS_SELL = "cross_sell"
    DISCOUNT = "discount"
    PAUSE = "pause"
    RESUME = "resume"
    CO_TERM = "co_term"


@dataclass(frozen=True, slots=True)
class _Live:
    """A term at the end of a day: what it is worth and what it earns."""

    term: Term
    worth: Fraction
    earned: Fraction

    @property
    def key(self) -> tuple[str, str]:
        return self.term.order_id, self.term.line


def subkinds(
    terms: Sequence[Term], eve: date, last: date, *, definitions: Definitions, rates: Rates
) -> dict[SubKind, Fraction]:
    """What changed from the end of `eve` to the end of `last`, by sub-type, at the rates of
    `eve`; sub-types without a change are left out."""
    before = {it.key: it for it in _live(terms, eve, eve, definitions, rates)}
    after = {it.key: it for it in _live(terms, last, eve, definitions, rates)}
    found: dict[SubKind, Fraction] = defaultdict(Fraction)
    for key in before.keys() & after.keys():
        for kind, amount in _same_term(before[key], after[key]):
            found[kind] += amount
    gone = [it for key, it in before.items() if key not in after]
    come = [it for key, it in after.items() if key not in before]
    stayed = _products(before.values()) & _products(after.values())
    swapped = bool(_products(gone) - stayed) and bool(_products(come) - stayed)
    for product in _products(gone) | _products(come):
        left, right = (_of(some, product) for some in (gone, come))
        if product not in stayed:
            kind = SubKind.PLAN if swapped else SubKind.CROSS_SELL
            found[kind] += _sum(right) - _sum(left)
            continue
        both = _of(before.values(), product), _of(after.values(), product)
        for kind, amount in _same_product(left, right, *both, others=after.values()):
            found[kind] += amount
    return {kind: amount for kind, amount in found.items() if amount}


def _live(
    terms: Iterable[Term], day: date, rated_on: date, definitions: Definitions, rates: Rates
) -> Iterable[_Live]:
    for term in terms:
        for start, end, mrr in portions(term, definitions):
            if start <= day and (end is None or day < end):
                rate = rates.on(term.currency, rated_on, definitions=definitions) or rates.on(
                    term.currency, day, definitions=definitions
                )
                value = mrr * (rate or ZERO)
                paused = any(
                    first <= day and (until is None or day < until)
                    for first, until in rests(term.pauses, start, end, definitions)
                )
                yield _Live(term, value, ZERO if paused else value)


def _same_term(before: _Live, after: _Live) -> Iterable[tuple[SubKind, Fraction]]:
    """A term that goes on changes by its discount and by pauses."""
    off = after.worth - before.worth
    yield SubKind.DISCOUNT, off
    change = after.earned - before.earned - off
    yield (SubKind.PAUSE if change < 0 else SubKind.RESUME), change


def _same_product(
    left: Sequence[_Live],
    right: Sequence[_Live],
    before: Sequence[_Live],
    after: Sequence[_Live],
    *,
    others: Iterable[_Live],
) -> Iterable[tuple[SubKind, Fraction]]:
    """The parts of what changed in a product that the customer had and has."""
    ends = [it for it in others if it.term.kind is not Kind.ADDON]
    added = [it for it in right if _is_co_termed(it.term, ends)]
    yield SubKind.CO_TERM, _sum(added)
    change = _sum([it for it in right if it not in added]) - _sum(left)
    seats_before, seats_after = _seats(before), _seats(after)
    if change and seats_before and seats_after and seats_before != seats_after:
        each = sum((it.worth for it in before), ZERO) / seats_before
        seats = (seats_after - seats_before) * each
        yield SubKind.SEATS, seats
        change -= seats
    yield SubKind.PRICE, change


def _is_co_termed(term: Term, others: Iterable[_Live]) -> bool:
    return (
        term.kind is Kind.ADDON
        and term.seats is None
        and term.scheduled_end_on is not None
        and any(it.term.scheduled_end_on == term.scheduled_end_on for it in others)
    )


def _products(some: Iterable[_Live]) -> set[str]:
    return {it.term.product for it in some if it.worth}


def _of(some: Iterable[_Live], product: str) -> list[_Live]:
    return [it for it in some if it.term.product == product]


def _sum(some: Iterable[_Live]) -> Fraction:
    return sum((it.earned for it in some), ZERO)


def _seats(some: Iterable[_Live]) -> int:
    """Seats in all; a downsell takes its seats away."""
    return sum((it.term.seats or 0) * (-1 if it.term.kind is Kind.DOWNSELL else 1) for it in some)
