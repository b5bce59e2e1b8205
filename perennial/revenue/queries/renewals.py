"""The renewal rates as one user may see them, by both clocks.

Due items of a window are made once per state of the ledger, from the terms of the customers for
whom something falls due in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final

from django.db.models import Q

from perennial.contracts.models import ServiceTerm
from perennial.contracts.queries import terms_of
from perennial.contracts.queries.ledger import ledger_state
from perennial.contracts.rules import Term
from perennial.customers.models import Customer, Tier
from perennial.customers.queries import visible_customers
from perennial.revenue.queries.book import Book
from perennial.revenue.queries.clock import Clock
from perennial.revenue.queries.exclusions import exclusions_at
from perennial.revenue.queries.sources import Key, terms_known
from perennial.revenue.rules.definitions import MergedBase
from perennial.revenue.rules.due_items import DueItem, due_items
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.prepaid import Prepaid, prepaid, together
from perennial.revenue.rules.renewal import (
    RenewalRates,
    RenewalReport,
    by_segment,
    rates_of,
    report,
)
from perennial.revenue.rules.yearly import Yearly
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.units.money import ratio
from perennial.units.period import ONE_DAY, Period, add_months

NO_TIER: Final = ""
NOBODY: Final = "none"  # the same in an address


@dataclass(frozen=True, slots=True)
class ProductPart:
    """What was due of a product among the decided items, and how much of the same product was
    renewed; `kept` is capped at what was due, item by item."""

    product: str
    due: Fraction
    renewed: Fraction
    kept: Fraction

    @property
    def rate(self) -> Fraction | None:
        return ratio(self.kept, self.due)


@dataclass(frozen=True, slots=True)
class Renewals:
    """A period's report as far as `book` goes; tiers are those of now, '' for none."""

    book: Book
    report: RenewalReport
    tier_of: Mapping[int, str]
    tiers: Sequence[tuple[str, RenewalRates, RenewalRates]]  # raw, adjusted
    prepaid: Prepaid

    def products(self) -> list[ProductPart]:
        """The largest first; empty when an amount is not known or nothing names a product."""
        decided = [item for item in self.report.items if not item.is_pending]
        if any(item.unknown for item in decided):
            return []
        names = {name for it in decided for name in (*it.due_by_product, *it.renewed_by_product)}
        found = [_part(name, decided) for name in names] if names != {""} else []
        return sorted(found, key=lambda part: (-part.due, part.product))


def _part(product: str, decided: Sequence[DueItem]) -> ProductPart:
    nothing = Fraction(0)
    pairs = [
        (it.due_by_product.get(product, nothing), it.renewed_by_product.get(product, nothing))
        for it in decided
    ]
    return ProductPart(
        product,
        due=sum((due for due, _ in pairs), nothing),
        renewed=sum((renewed for _, renewed in pairs), nothing),
        kept=sum((max(min(due, renewed), nothing) for due, renewed in pairs), nothing),
    )


def renewals_of(user: User, period: Period, *, clock: Clock, today: date) -> Renewals:
    """What falls due in the whole `period`. Without a day of knowledge, what is known `today`.
    Raises PermissionDenied for those who see no money."""
    book = Book(user, clock.known_on)
    key, state = Key(book.source), ledger_state()
    own: frozenset[int] | None = None
    if not book.is_company:
        own = frozenset(visible_customers(user).values_list("pk", flat=True))
    left_out = tuple(exclusions_at(clock.known_on))
    found = _report(key, clock.known_on or today, period, own, left_out, state)
    tier_of = dict(Customer.objects.exclude(tier="").values_list("pk", "tier"))
    return Renewals(
        book, found, tier_of, _tiers(found, tier_of), _share(key, clock.as_of, own, state)
    )


def anything_due(user: User) -> bool:
    """Any contract of this user's customers has an end, or had one."""
    ends = ServiceTerm.objects.filter(due_end_on__isnull=False)
    if not can(user, Page.COMPANY_REVENUE):
        ends = ends.filter(customer__in=visible_customers(user))
    return ends.exists()


def _tiers(
    found: RenewalReport, tier_of: Mapping[int, str]
) -> list[tuple[str, RenewalRates, RenewalRates]]:
    def tier(item: DueItem) -> str:
        return tier_of.get(item.customer_id, NO_TIER)

    raw = by_segment(found.items, tier)
    adjusted = by_segment(found.adjusted_items, tier) if found.excluded else raw
    order = [*Tier.values, NO_TIER]
    return [(it, raw[it], adjusted.get(it) or rates_of([])) for it in order if it in raw]


@lru_cache(maxsize=16)
def _report(
    key: Key,
    known_on: date,
    period: Period,
    own: frozenset[int] | None,
    left_out: tuple[Exclusion, ...],
    state: tuple[object, ...],
) -> RenewalReport:
    """Of everybody, or of some customers."""
    definitions = key.source.definitions
    moves = definitions.merged_base is MergedBase.MOVE
    window = (date.min, date.max) if moves else (period.first_on, period.last_on)
    items = _items(key, known_on, *window, state)
    return report(
        items if own is None else [item for item in items if item.customer_id in own],
        left_out,
        from_on=period.first_on,
        to_on=period.last_on,
        definitions=definitions,
    )


@lru_cache(maxsize=16)
def _items(
    key: Key, known_on: date, from_on: date, to_on: date, _state: tuple[object, ...]
) -> Sequence[DueItem]:
    """The largest first, those of unknown amount before them."""
    source = key.source
    terms: Sequence[Term]
    if source.known_on is not None:
        terms = terms_known(source.known_on)
    else:
        terms = _terms_around(from_on, to_on)
    items = due_items(
        terms,
        known_on=known_on,
        definitions=source.definitions,
        rates=source.rates,
        from_on=from_on,
        to_on=to_on,
    )
    return sorted(items, key=lambda it: (_size(it.due_amount), it.due_on, it.customer_id))


def _size(amount: Fraction | None) -> float:
    """For the order on the screen: unknown first, then the largest."""
    return float("-inf") if amount is None else -float(amount)


def _terms_around(from_on: date, to_on: date) -> list[Term]:
    """All terms of the customers for whom something may fall due in the window."""
    if from_on == date.min:
        by_customer = terms_of()
    else:
        ends = ServiceTerm.objects.filter(due_end_on__gt=from_on, due_end_on__lte=to_on + ONE_DAY)
        by_customer = terms_of(where=Q(customer__in=ends.values("customer")))
    return [term for terms in by_customer.values() for term in terms]


@lru_cache(maxsize=8)
def _share(key: Key, on: date, own: frozenset[int] | None, state: tuple[object, ...]) -> Prepaid:
    """Of everybody, or of some customers."""
    found = _prepaid(key, on, state)
    return together(share for pk, share in found.items() if own is None or pk in own)


@lru_cache(maxsize=4)
def _prepaid(key: Key, on: date, _state: tuple[object, ...]) -> Mapping[int, Prepaid]:
    """By customer, over the year that ends with `on`."""
    source = key.source
    since_on = add_months(on + ONE_DAY, -12)
    yearly = Yearly(source.definitions, source.rates)
    if source.known_on is not None:
        by_customer: dict[int, list[Term]] = {}
        for term in terms_known(source.known_on):
            by_customer.setdefault(term.customer_id, []).append(term)
    else:
        live = Q(end_on__isnull=True) | Q(end_on__gt=on) | Q(signed_on__gte=since_on)
        by_customer = terms_of(where=live)
    return {
        pk: prepaid(terms, since_on=since_on, on=on, yearly=yearly)
        for pk, terms in by_customer.items()
    }
