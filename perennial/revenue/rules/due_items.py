"""What fell due, and what became of it: each due item with the renewals that count for it.

A due item is everything of a customer that ends on the same day; its amount is the yearly sum
of its lines. It is renewed by the orders that name one of its orders, signed and begun within
the grace: several add up, one that renews several items is shared among them by their amounts.
Without such an order it is lost once the grace is over (at once, when all of it was cancelled).
Source: metric specification A4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from perennial.contracts.rules import Kind, Term, committed, falling_due, notice_of
from perennial.revenue.rules.definitions import Definitions
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.yearly import WHOLE, ZERO, Amount, Part, Yearly
from perennial.units.period import ONE_DAY, term_months

Key = tuple[int, date]  # customer, due day


class DueStatus(StrEnum):
    RENEWED_EARLY = "renewed_early"
    ON_TIME = "on_time"
    LATE = "late"
    PENDING = "pending"
    LOST = "lost"
    EXCLUDED = "excluded"


RENEWED = frozenset({DueStatus.RENEWED_EARLY, DueStatus.ON_TIME, DueStatus.LATE})


@dataclass(frozen=True, slots=True)
class DueItem:
    """One due item as known on a day. Amounts are exact ARR, None when they cannot be told
    (`unknown` says why). `outcome` is what became of it, excluded or not."""

    customer_id: int
    due_on: date
    due_amount: Fraction | None
    renewed_amount: Fraction | None
    outcome: DueStatus
    order_ids: tuple[str, ...]
    renewed_by: tuple[str, ...]
    started_on: date  # the first of its terms
    signed_on: date | None  # the first renewal's
    notice_on: date | None  # all of it was cancelled
    prepaid_months: Fraction  # the longest of its terms, as signed
    due_by_product: Mapping[str, Fraction]  # both empty when an amount is unknown
    renewed_by_product: Mapping[str, Fraction]
    unknown: str = ""
    exclusion: Exclusion | None = None  # approved: left out of the adjusted rates

    @property
    def status(self) -> DueStatus:
        return DueStatus.EXCLUDED if self.exclusion else self.outcome

    @property
    def is_pending(self) -> bool:
        return self.outcome is DueStatus.PENDING

    @property
    def is_renewed(self) -> bool:
        return self.outcome in RENEWED

    @property
    def kept_amount(self) -> Fraction | None:
        """What was renewed, without upsell: at most what was due."""
        if self.due_amount is None or self.renewed_amount is None:
            return None
        return min(self.due_amount, self.renewed_amount)


def due_items(
    terms: Iterable[Term],
    *,
    known_on: date,
    definitions: Definitions,
    rates: Rates,
    from_on: date = date.min,
    to_on: date = date.max,
) -> list[DueItem]:
    """The items due in [from_on, to_on], by customer and due day.

    `terms` as known at the end of `known_on`, all of each customer. Groups whose amount is zero
    or less are no due items. A time-limited discount is always spread here, so that what was
    due and what renews it are measured alike.
    """
    live = committed(terms)
    groups = falling_due(live)
    yearly = Yearly(definitions, rates)
    worth = {key: yearly.total(group, on=key[1]) for key, group in groups.items()}
    groups = {key: group for key, group in groups.items() if worth[key].counts}
    renewals = _renewals(live, groups, worth, grace_days=definitions.grace_days)
    return [
        _item(key, groups[key], worth[key], renewals.get(key, ()), yearly, known_on=known_on)
        for key in sorted(groups)
        if from_on <= key[1] <= to_on
    ]


def _renewals(
    live: Iterable[Term],
    groups: Mapping[Key, Sequence[Term]],
    worth: Mapping[Key, Amount],
    *,
    grace_days: int,
) -> dict[Key, list[Part]]:
    """By due item, the lines that renew it in time."""
    begun: dict[tuple[int, str], dict[Key, date]] = defaultdict(dict)
    for key, group in groups.items():
        for term in group:
            held = begun[term.customer_id, term.order_id]
            held[key] = min(term.start_on, held.get(key, date.max))
    orders: dict[tuple[int, str], list[Term]] = defaultdict(list)
    for term in live:
        orders[term.customer_id, term.order_id].append(term)
    found: dict[Key, list[Part]] = defaultdict(list)
    for (customer_id, _order_id), lines in orders.items():
        named = {it for line in lines if line.kind is Kind.RENEWAL for it in line.renews}
        for line in lines if named else ():
            own = line.renews if line.kind is Kind.RENEWAL and line.renews else named
            renewed = {
                key
                for order_id in own
                for key, start_on in begun.get((customer_id, order_id), {}).items()
                if start_on < line.start_on and _in_time(line, key[1], grace_days)
            }
            for key, share in _shares(sorted(renewed), worth):
                found[key].append((line, share))
    return found


def _in_time(line: Term, due_on: date, grace_days: int) -> bool:
    """Signed by the due day and begun by the end, each plus the grace; a line that itself falls
    due on that day renews nothing."""
    last_on = due_on + timedelta(days=grace_days)
    in_group = line.due_end_on == due_on + ONE_DAY
    return line.signed_on <= last_on and line.start_on <= last_on + ONE_DAY and not in_group


def _shares(keys: Sequence[Key], worth: Mapping[Key, Amount]) -> list[tuple[Key, Amount]]:
    """A renewal of several items is never counted twice: each has its part by amount due."""
    if len(keys) == 1:
        return [(keys[0], WHOLE)]
    unknown = next((worth[key] for key in keys if worth[key].known is None), None)
    if unknown:
        return [(key, unknown) for key in keys]
    amounts = [worth[key].known or ZERO for key in keys]
    whole = sum(amounts, ZERO)
    return [(key, Amount(amount / whole)) for key, amount in zip(keys, amounts, strict=True)]


def _item(
    key: Key,
    group: Sequence[Term],
    due: Amount,
    renewals: Sequence[Part],
    yearly: Yearly,
    *,
    known_on: date,
) -> DueItem:
    customer_id, due_on = key
    renewed = yearly.shared(renewals, on=due_on)
    if not renewed.counts:  # a renewal for nothing is none
        renewals = ()
    signed_on = min((line.signed_on for line, _share in renewals), default=None)
    notice_on = notice_of(group)
    unknown = due.unknown or renewed.unknown
    whole = [(term, WHOLE) for term in group]
    return DueItem(
        customer_id=customer_id,
        due_on=due_on,
        due_amount=due.known,
        renewed_amount=renewed.known if renewals else ZERO,
        outcome=_outcome(due_on, signed_on, notice_on, known_on, yearly.definitions),
        order_ids=tuple(sorted({term.order_id for term in group})),
        renewed_by=tuple(sorted({line.order_id for line, _share in renewals})),
        started_on=min(term.start_on for term in group),
        signed_on=signed_on,
        notice_on=notice_on,
        prepaid_months=max((_months(term) for term in group), default=ZERO),
        due_by_product={} if unknown else yearly.by_product(whole, on=due_on),
        renewed_by_product={} if unknown else yearly.by_product(renewals, on=due_on),
        unknown=unknown,
    )


def _outcome(
    due_on: date,
    signed_on: date | None,
    notice_on: date | None,
    known_on: date,
    definitions: Definitions,
) -> DueStatus:
    if signed_on is not None:
        if signed_on > due_on:
            return DueStatus.LATE
        early = (due_on - signed_on).days > definitions.early_days
        return DueStatus.RENEWED_EARLY if early else DueStatus.ON_TIME
    grace_on = due_on + timedelta(days=definitions.grace_days)
    return DueStatus.LOST if notice_on or known_on > grace_on else DueStatus.PENDING


def _months(term: Term) -> Fraction:
    """Its length as it was signed."""
    end_on = term.scheduled_end_on or term.due_end_on
    return term_months(term.start_on, end_on) if end_on else ZERO
