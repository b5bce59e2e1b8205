"""Who is credited with an upsell (增购归属): sales soon after the first signing, the CSM later.

The window grows with the first deal's yearly value: below 20,000 it is 3 months, up to and with
100,000 it is 6, above 12. Signed before first signing + window: sales; on that day or after: CSM.
An upsell is an add-on order, or what a renewal in time is worth above the amount due.
Credit needs work (权责利一致): a CSM's credit without a logged touch in the 60 days up to the
signing is listed. Source: metric specification A7, seed s2; the cut points are ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from perennial.contracts.rules import Kind, Term, committed
from perennial.units.period import ONE_DAY, add_months

# A term's yearly amount in the company's currency at the rate of a day; None: not known.
Worth = Callable[[Term, date], Fraction | None]
OrderKey = tuple[int, str]  # customer and order
GroupKey = tuple[int, date | str]  # customer and end of the term, or an open-ended order's id


class Credit(StrEnum):
    SALES = "sales"
    CSM = "csm"


class Source(StrEnum):
    """Where an upsell was signed."""

    ADDON = "addon"
    RENEWAL = "renewal"  # the part above the amount due


@dataclass(frozen=True, slots=True)
class CreditRules:
    """The settings: yearly values in the company's currency, whole months, days."""

    small_below: Fraction = Fraction(20_000)
    large_above: Fraction = Fraction(100_000)
    small_months: int = 3
    middle_months: int = 6
    large_months: int = 12
    work_days: int = 60

    def months(self, acv: Fraction) -> int:
        """The window of a first deal; both cut points belong to the middle."""
        if acv < self.small_below:
            return self.small_months
        return self.large_months if acv > self.large_above else self.middle_months


DEFAULT: Final = CreditRules()


@dataclass(frozen=True, slots=True)
class FirstDeal:
    """What a customer signed first: everything recurring of that day, per year."""

    signed_on: date
    acv: Fraction | None


@dataclass(frozen=True, slots=True)
class Upsell:
    """An order that sold more to a customer; `amount` is per year, None when it is not known."""

    customer_id: int
    order_id: str
    source: Source
    signed_on: date
    start_on: date
    amount: Fraction | None


@dataclass(frozen=True, slots=True)
class Decision:
    """`to` None: the first deal's size is not known and the windows differ. `csm_from_on` is the
    first day that belongs to the CSM. `by_window` is what holds without the override."""

    to: Credit | None
    by_window: Credit | None
    months: int | None
    csm_from_on: date | None

    @property
    def is_overridden(self) -> bool:
        return self.to is not self.by_window


def credit(
    signed_on: date, deal: FirstDeal, *, rules: CreditRules = DEFAULT, override: Credit | None
) -> Decision:
    """Who is credited with what was signed on a day. Months are calendar months, month ends
    clamped: three months after 30 November is 28 or 29 February."""
    if deal.acv is not None:
        months = rules.months(deal.acv)
        turn_on = add_months(deal.signed_on, months)
        by_window = _before(signed_on, turn_on)
        return Decision(override or by_window, by_window, months, turn_on)
    lengths = (rules.small_months, rules.middle_months, rules.large_months)
    possible = {_before(signed_on, add_months(deal.signed_on, months)) for months in lengths}
    sure = possible.pop() if len(possible) == 1 else None
    return Decision(override or sure, sure, None, None)


def _before(signed_on: date, turn_on: date) -> Credit:
    return Credit.SALES if signed_on < turn_on else Credit.CSM


def first_deals(terms: Iterable[Term], *, worth: Worth) -> dict[int, FirstDeal]:
    """By customer. Trials, buy-outs, orders at zero and those that never began are no deal."""
    signed: dict[int, dict[date, list[Fraction | None]]] = defaultdict(lambda: defaultdict(list))
    for term in committed(terms):
        value = worth(term, term.signed_on)
        if term.kind is not Kind.DOWNSELL and value != 0:
            signed[term.customer_id][term.signed_on].append(value)
    firsts = {customer_id: min(days) for customer_id, days in signed.items()}
    return {pk: FirstDeal(on, _total(signed[pk][on])) for pk, on in firsts.items()}


def upsells(terms: Iterable[Term], *, worth: Worth, grace_days: int) -> list[Upsell]:
    """Every upsell in all terms of these customers, by signing day. A renewal later than the
    grace after the due day sells nothing more: what it renews was lost by then (A4)."""
    orders: dict[OrderKey, list[Term]] = defaultdict(list)
    groups: dict[GroupKey, list[Term]] = defaultdict(list)
    for term in committed(terms):
        orders[term.customer_id, term.order_id].append(term)
        groups[term.customer_id, term.due_end_on or term.order_id].append(term)
    found = [
        *((key, Source.ADDON, amount) for key, amount in _addons(orders, worth)),
        *(
            (key, Source.RENEWAL, amount)
            for key, amount in _above(orders, groups, worth, grace_days)
        ),
    ]
    sold = [
        Upsell(*key, source, orders[key][0].signed_on, orders[key][0].start_on, amount)
        for key, source, amount in found
        if amount is None or amount > 0
    ]
    return sorted(sold, key=lambda it: (it.signed_on, it.customer_id, it.order_id))


def _addons(
    orders: Mapping[OrderKey, list[Term]], worth: Worth
) -> Iterator[tuple[OrderKey, Fraction | None]]:
    for key, lines in orders.items():
        if not _renews(lines) and any(line.kind is Kind.ADDON for line in lines):
            sold = [it for it in lines if it.kind is Kind.ADDON and it.end_on != it.start_on]
            yield key, _total(worth(line, line.signed_on) for line in sold)


def _above(
    orders: Mapping[OrderKey, list[Term]],
    groups: Mapping[GroupKey, list[Term]],
    worth: Worth,
    grace_days: int,
) -> Iterator[tuple[OrderKey, Fraction | None]]:
    """What each renewal adds above the amounts due that it renews. A renewal of several due
    groups is shared among them by their amounts; of several renewals of one group, the part
    above the amount due belongs to those that were signed last."""
    days = {key: _rate_day(key, group) for key, group in groups.items()}
    due = {
        key: _total(worth(line, days[key]) for line in _renewable(group))
        for key, group in groups.items()
    }
    begun = _begun(groups)
    given: dict[GroupKey, list[tuple[OrderKey, Fraction | None]]] = defaultdict(list)
    for order, lines in sorted(orders.items(), key=lambda item: (item[1][0].signed_on, item[0])):
        named = {(order[0], other) for line in _renews(lines) for other in line.renews}
        reached = {
            key
            for one in named
            for key, start_on in begun.get(one, {}).items()
            if start_on < lines[0].start_on and _in_time(lines[0], key, grace_days)
        }
        for key, share in _shares({key: due[key] for key in reached}):
            value = _total(worth(line, days[key]) for line in lines)
            part = None if share is None or value is None else value * share
            given[key].append((order, part))
    above: dict[OrderKey, Fraction | None] = defaultdict(Fraction)
    for key, shares in given.items():
        for order, extra in _extras(shares, due[key]):
            held = above[order]
            above[order] = None if held is None or extra is None else held + extra
    yield from above.items()


def _begun(groups: Mapping[GroupKey, list[Term]]) -> dict[OrderKey, dict[GroupKey, date]]:
    """By order, the groups that it belongs to and when it began there: what begins with or after
    a renewal is not renewed by it."""
    found: dict[OrderKey, dict[GroupKey, date]] = defaultdict(dict)
    for key, lines in groups.items():
        for line in lines:
            held = found[line.customer_id, line.order_id]
            held[key] = min(line.start_on, held.get(key, line.start_on))
    return found


def _shares(
    due: Mapping[GroupKey, Fraction | None],
) -> Iterator[tuple[GroupKey, Fraction | None]]:
    """A renewal's shares in the groups that it renews, by their amounts; groups that owe nothing
    fall never due."""
    whole = _total(amount for amount in due.values() if amount is None or amount > 0)
    for key, amount in due.items():
        if whole is None or amount is None:
            yield key, None
        elif amount > 0:
            yield key, amount / whole


def _extras(
    shares: Iterable[tuple[OrderKey, Fraction | None]], due: Fraction | None
) -> Iterator[tuple[OrderKey, Fraction | None]]:
    """How much of each share, in the order of signing, lies above the amount due."""
    reached: Fraction | None = Fraction(0)
    for order, share in shares:
        if reached is None or share is None or due is None:
            reached = None
            yield order, None
            continue
        was, reached = max(reached, due), reached + share
        yield order, max(reached - was, Fraction(0))


def _in_time(renewal: Term, group: GroupKey, grace_days: int) -> bool:
    """Signed by due day + grace, begun by end + grace; an open-ended order falls never due."""
    end = group[1]
    if isinstance(end, str):
        return True
    grace = timedelta(days=grace_days)
    return renewal.signed_on <= end - ONE_DAY + grace and renewal.start_on <= end + grace


def _rate_day(key: GroupKey, group: list[Term]) -> date:
    """What is due and what renews it are taken at one day's rate: that of the due day."""
    end = key[1]
    return group[0].signed_on if isinstance(end, str) else end - ONE_DAY


def _renewable(group: list[Term]) -> list[Term]:
    """What falls due with the group, without the renewal that ends on its very day."""
    ids = {line.order_id for line in group}
    return [line for line in group if line.kind is not Kind.RENEWAL or ids.isdisjoint(line.renews)]


def _renews(lines: Iterable[Term]) -> list[Term]:
    return [line for line in lines if line.kind is Kind.RENEWAL]


def _total(amounts: Iterable[Fraction | None]) -> Fraction | None:
    """The exact sum; None as soon as one of them is not known."""
    total = Fraction(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def work_before(
    signed_on: date, touched_on: Iterable[date], *, rules: CreditRules = DEFAULT
) -> int:
    """How many touches were logged in the days up to the signing, its own day included:
    (signed_on − work_days, signed_on]."""
    since = signed_on - timedelta(days=rules.work_days)
    return sum(since < on <= signed_on for on in touched_on)
