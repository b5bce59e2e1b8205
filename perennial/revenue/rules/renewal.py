"""续约率 (by customers) and 续费率 (by money): what became of the contracts that fell due.

续约率 = customers renewed / customers due. 续费率 pure = Σ min(due, renewed) / Σ due, never above
100 %; with upsell = Σ renewed / Σ due. The base is what fell due in the period, not the whole
base. While items are open the rates count what is decided, and bounds say what remains possible:
all open items lost, or all renewed. Raw rates count everything; adjusted ones leave out the
approved exclusions. A few large renewals can hide many small losses: then money beats count.
Source: metric specification A4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final, TypeVar

from perennial.contracts.rules import Term
from perennial.revenue.rules.definitions import Definitions, MergedBase
from perennial.revenue.rules.due_items import DueItem, due_items
from perennial.revenue.rules.exclusions import MERGED, Exclusion, by_order
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.state import exact_sum
from perennial.units.money import ratio

NOTHING_DUE: Final = "nothing_due"
NOTHING_DECIDED: Final = "nothing_decided"
HIDING: Final = Fraction(1, 10)  # money rate − count rate above which small losses hide (ours)
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The rates if every open item were lost, and if every one were renewed as it is due."""

    logo_low: Fraction | None
    logo_high: Fraction | None
    amount_low: Fraction | None
    amount_high: Fraction | None


@dataclass(frozen=True, slots=True)
class RenewalRates:
    """Counts are of distinct customers: one is renewed when at least one of its items was, else
    open while one is open. Amounts are exact ARR; None when one of them is unknown.

    `due_amount` is everything that falls due; of the decided items `decided_amount` is what was
    due, `kept_amount` and `renewed_amount` what was renewed, without and with upsell.
    """

    due_customers: int
    renewed_customers: int
    open_customers: int
    due_amount: Fraction | None
    decided_amount: Fraction | None
    kept_amount: Fraction | None
    renewed_amount: Fraction | None
    unknown: str = ""

    @property
    def lost_customers(self) -> int:
        return self.due_customers - self.renewed_customers - self.open_customers

    @property
    def logo_renewal_rate(self) -> Fraction | None:
        decided = self.due_customers - self.open_customers
        return ratio(Fraction(self.renewed_customers), Fraction(decided))

    @property
    def amount_renewal_rate(self) -> Fraction | None:
        return _share(self.kept_amount, self.decided_amount)

    @property
    def amount_renewal_rate_with_upsell(self) -> Fraction | None:
        return _share(self.renewed_amount, self.decided_amount)

    @property
    def open_amount(self) -> Fraction | None:
        if self.due_amount is None or self.decided_amount is None:
            return None
        return self.due_amount - self.decided_amount

    @property
    def bounds(self) -> Bounds:
        renewed, due = Fraction(self.renewed_customers), Fraction(self.due_customers)
        best = None
        if self.kept_amount is not None and self.open_amount is not None:
            best = self.kept_amount + self.open_amount
        return Bounds(
            logo_low=ratio(renewed, due),
            logo_high=ratio(renewed + self.open_customers, due),
            amount_low=_share(self.kept_amount, self.due_amount),
            amount_high=_share(best, self.due_amount),
        )

    @property
    def money_over_count(self) -> Fraction | None:
        """续费率 − 续约率: above HIDING a few large renewals hide many small losses."""
        money, count = self.amount_renewal_rate, self.logo_renewal_rate
        return None if money is None or count is None else money - count

    @property
    def hides_losses(self) -> bool:
        gap = self.money_over_count
        return gap is not None and gap > HIDING

    def reason(self, rate: Fraction | None, *, of_all: bool = False) -> str:
        """Why a rate of these figures is None ('' when it is not); `of_all`: a bound."""
        if rate is not None:
            return ""
        if self.unknown:
            return self.unknown
        return NOTHING_DECIDED if self.due_customers and not of_all else NOTHING_DUE


def _share(part: Fraction | None, whole: Fraction | None) -> Fraction | None:
    return None if part is None or whole is None else ratio(part, whole)


@dataclass(frozen=True, slots=True)
class RenewalReport:
    """`items` fell due in the period; `adjusted_items` are what the adjusted rates count."""

    items: list[DueItem]
    adjusted_items: list[DueItem]
    raw: RenewalRates
    adjusted: RenewalRates

    @property
    def excluded(self) -> list[DueItem]:
        return [item for item in self.items if item.exclusion]


def renewals(
    terms: Iterable[Term],
    *,
    from_on: date,
    to_on: date,
    known_on: date,
    definitions: Definitions,
    rates: Rates,
    exclusions: Iterable[Exclusion] = (),
) -> RenewalReport:
    """What fell due in [from_on, to_on], both days included, as known at the end of `known_on`.

    `terms` are all terms of the customers in question, resolved as known then; `exclusions`
    those known then.
    """
    found = due_items(terms, known_on=known_on, definitions=definitions, rates=rates)
    return report(found, exclusions, from_on=from_on, to_on=to_on, definitions=definitions)


def report(
    found: Iterable[DueItem],
    exclusions: Iterable[Exclusion],
    *,
    from_on: date,
    to_on: date,
    definitions: Definitions,
) -> RenewalReport:
    """The report of a period from due items; a merged base that moves needs all of them."""
    left_out = by_order(exclusions)
    marked = [
        replace(item, exclusion=next(filter(None, map(left_out.get, item.order_ids)), None))
        if left_out
        else item
        for item in found
    ]
    adjusted = [item for item in marked if not item.exclusion] if left_out else marked
    if definitions.merged_base is MergedBase.MOVE:
        adjusted = _moved(adjusted, marked)

    def due(items: Collection[DueItem]) -> list[DueItem]:
        return [item for item in items if from_on <= item.due_on <= to_on]

    items, counted = due(marked), due(adjusted)
    raw = rates_of(items)
    return RenewalReport(items, counted, raw, raw if counted == items else rates_of(counted))


def _moved(kept: Iterable[DueItem], marked: Iterable[DueItem]) -> list[DueItem]:
    """With the base of merged customers in the next due item of the one that survives; where
    there is none, it stays left out. Where the ledger has merged them, it stands there already."""
    here = [it for it in marked if it.exclusion and it.exclusion.survivor_id == it.customer_id]
    there = [it for it in here if it.exclusion and it.exclusion.reason == MERGED]
    found = {(item.customer_id, item.due_on): item for item in (*kept, *there)}
    for item in marked:
        why = item.exclusion
        survivor = why.survivor_id if why and why.reason == MERGED else None
        if survivor not in (None, item.customer_id):
            host = min(
                (key for key in found if key[0] == survivor and key[1] >= item.due_on),
                default=None,
            )
            if host:
                found[host] = _together(found[host], item)
    return list(found.values())


def _together(host: DueItem, item: DueItem) -> DueItem:
    return replace(
        host,
        due_amount=_sum((host.due_amount, item.due_amount)),
        renewed_amount=_sum((host.renewed_amount, item.renewed_amount)),
        due_by_product=_added(host.due_by_product, item.due_by_product),
        renewed_by_product=_added(host.renewed_by_product, item.renewed_by_product),
        unknown=host.unknown or item.unknown,
    )


def _added(one: Mapping[str, Fraction], two: Mapping[str, Fraction]) -> dict[str, Fraction]:
    nothing = Fraction(0)
    return {key: one.get(key, nothing) + two.get(key, nothing) for key in {**one, **two}}


def rates_of(items: Iterable[DueItem]) -> RenewalRates:
    """The figures of any set of due items: all of them, a tier's, a CSM's."""
    by_customer: dict[int, list[DueItem]] = defaultdict(list)
    for item in items:
        by_customer[item.customer_id].append(item)
    everything = [item for theirs in by_customer.values() for item in theirs]
    decided = [item for item in everything if not item.is_pending]
    renewed = sum(any(it.is_renewed for it in theirs) for theirs in by_customer.values())
    still_open = sum(
        any(it.is_pending for it in theirs) and not any(it.is_renewed for it in theirs)
        for theirs in by_customer.values()
    )
    return RenewalRates(
        due_customers=len(by_customer),
        renewed_customers=renewed,
        open_customers=still_open,
        due_amount=_sum(item.due_amount for item in everything),
        decided_amount=_sum(item.due_amount for item in decided),
        kept_amount=_sum(item.kept_amount for item in decided),
        renewed_amount=_sum(item.renewed_amount for item in decided),
        unknown=next((item.unknown for item in everything if item.unknown), ""),
    )


def _sum(amounts: Iterable[Fraction | None]) -> Fraction | None:
    known: list[Fraction] = []
    for amount in amounts:
        if amount is None:
            return None
        known.append(amount)
    return exact_sum(known)


def by_segment(
    items: Iterable[DueItem], segment: Callable[[DueItem], S]
) -> Mapping[S, RenewalRates]:
    """The same figures by tier, CSM or whatever each customer has one of: sums are totals."""
    parts: dict[S, list[DueItem]] = defaultdict(list)
    for item in items:
        parts[segment(item)].append(item)
    return {key: rates_of(part) for key, part in parts.items()}
