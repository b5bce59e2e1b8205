"""From order lines to terms: what a customer is served, from when until when, for how much.

A cancellation ends the order that it names, and the downsells of that order, but not its
add-ons. A renewal that starts early ends what it renews on its own first day: everything of
the customer that was to end on the same day as the renewed order; of an open-ended one, its
downsells. A pause earns nothing while it lasts, but the customer stays. Trials and buy-outs
never recur.
Source: revenue files; metric specification A0, A2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from perennial.contracts.rules.line import (
    RECURRING,
    ZERO,
    Kind,
    Line,
    Pause,
    dated,
    known,
    monthly,
    one_time,
    unknown,
)
from perennial.units.period import ONE_DAY

Span = tuple[date, date | None]  # half-open; None: until further notice
Key = tuple[str, str]


class Ending(StrEnum):
    """Why a term ends when it does."""

    TERM = "term"
    OPEN = "open"
    CANCELLED = "cancelled"
    RENEWED = "renewed"  # early: its renewal has begun


@dataclass(frozen=True, slots=True)
class Term:
    """A line in service over [start_on, end_on). `mrr` is exact, before pauses.

    `scheduled_end_on` is as signed; `due_end_on` knows of cancellations but not of early
    renewals: the term falls due on the day before it. A term that ended before it began has
    end_on = start_on. `usage` is the monthly metered revenue of a usage term, never part of
    `mrr`. `unknown` says why the recurring amount is not known (split_missing); `mrr` is zero
    then. `mrr` has a time-limited discount spread over the term; shown with its dates it is
    `discounted_mrr` before `discount_end_on` and `full_mrr` from then on.
    """

    customer_id: int
    order_id: str
    line: str
    kind: Kind
    product: str
    seats: int | None
    start_on: date
    end_on: date | None
    scheduled_end_on: date | None
    due_end_on: date | None
    signed_on: date
    mrr: Fraction
    currency: str
    renews: tuple[str, ...]
    ending: Ending
    notice_on: date | None  # when the customer gave notice
    pauses: tuple[Span, ...]
    notice_recorded_on: date | None = None  # when we wrote it down, or a renewal took over
    unknown: str = ""
    usage: Fraction = ZERO
    one_off: Fraction = ZERO
    discount_end_on: date | None = None
    discounted_mrr: Fraction = ZERO
    full_mrr: Fraction = ZERO
    auto_renew: bool | None = None
    notice_days: int | None = None

    @property
    def notice_until_on(self) -> date | None:
        """The last day on which notice can be given; None when no notice is agreed."""
        if self.notice_days is None or self.scheduled_end_on is None:
            return None
        return self.scheduled_end_on - ONE_DAY - timedelta(self.notice_days)

    def live_on(self, day: date) -> bool:
        """In service at the end of `day`, paused or not."""
        return self.start_on <= day and (self.end_on is None or day < self.end_on)

    def paused_on(self, day: date) -> bool:
        return any(start <= day and (end is None or day < end) for start, end in self.pauses)

    def mrr_on(self, day: date) -> Fraction:
        """What it earns a month at the end of `day`; zero while paused."""
        return self.mrr if self.live_on(day) and not self.paused_on(day) else Fraction(0)


def resolve(
    lines: Iterable[Line], pauses: Iterable[Pause] = (), *, known_before: datetime | None = None
) -> list[Term]:
    """The terms that follow from the ledger as it was known before a moment (None: now).

    Needs all lines of each customer, in any order; returns one Term per service line, sorted
    by customer, start, order and line.
    """
    current = [line for line in known(lines, before=known_before) if not line.void]
    services = [line for line in current if line.kind is not Kind.CANCELLATION]
    notices = _notices(current, services)
    due_ends = {line.key: _due_end(line, notices.get(line.key)) for line in services}
    cuts = _renewals(services, due_ends, cancelled=set(notices))
    spans = _spans_by_customer(known(pauses, before=known_before))
    terms = [
        _term(line, notices.get(line.key), due_ends[line.key], cuts.get(line.key), spans)
        for line in services
    ]
    return sorted(terms, key=lambda term: (term.customer_id, term.start_on, *_key(term)))


def _key(term: Term) -> Key:
    return term.order_id, term.line


def earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends, where None is never."""
    return min((end for end in (one, other) if end is not None), default=None)


def _notices(current: list[Line], services: list[Line]) -> dict[Key, Line]:
    """For each service line that was cancelled, the cancellation that ends it first. A downsell
    has that of its order also when it ends before it: it never counts longer than its order."""
    by_order: dict[str, Line] = {}
    for line in current:
        if line.kind is Kind.CANCELLATION:
            for order_id in line.renews:
                held = by_order.get(order_id)
                if held is None or (line.start_on, line.signed_on) < (
                    held.start_on,
                    held.signed_on,
                ):
                    by_order[order_id] = line
    if not by_order:
        return {}
    notices = {}
    for line in services:
        named = (line.order_id, *(line.renews if line.kind is Kind.DOWNSELL else ()))
        ends = [by_order[order_id] for order_id in named if order_id in by_order]
        if ends:
            first = min(ends, key=lambda end: (end.start_on, end.signed_on))
            if line.kind is Kind.DOWNSELL or _within(first, line):
                notices[line.key] = first
    return notices


def _within(notice: Line, line: Line) -> bool:
    """Whether the cancellation ends the service, which its own term does not end before."""
    return line.end_on is None or notice.start_on <= line.end_on


def _due_end(line: Line, notice: Line | None) -> date | None:
    end = earlier(line.end_on, notice.start_on if notice else None)
    return max(end, line.start_on) if end else None


def _renewals(
    services: list[Line], due_ends: dict[Key, date | None], *, cancelled: set[Key]
) -> dict[Key, date]:
    """For each line that a renewal ends early, the renewal's first day; for a cancelled one also
    that of a renewal after its end: it counts no longer, whenever churn is recognised.

    A renewal renews the whole due group (customer, end date) of the orders that it names;
    open-ended orders have no group: only what reduces them ends with them.
    """
    renewals = [line for line in services if line.kind is Kind.RENEWAL and line.renews]
    if not renewals:
        return {}
    orders, groups, reductions = _by_what_ends(services, due_ends)
    cuts: dict[Key, date] = {}
    for renewal in renewals:
        if due_ends[renewal.key] == renewal.start_on:
            continue  # a renewal cancelled before it began ends nothing
        named = [line for order_id in renewal.renews for line in orders.get(order_id, ())]
        ends = {(line.customer_id, due_ends[line.key]) for line in named}
        for customer_id, end in ends:
            is_early = end is None or renewal.start_on < end
            if not is_early and cancelled.isdisjoint(line.key for line in named):
                continue
            replaced = [
                line
                for line in (groups[customer_id, end] if end else named)
                if due_ends[line.key] == end and _replaces(renewal, line)
            ]
            if end is None:
                less = (it for line in replaced for it in reductions.get(line.order_id, ()))
                replaced += [it for it in less if _outlasts(due_ends[it.key], renewal.start_on)]
            for line in replaced:
                cuts[line.key] = min(renewal.start_on, cuts.get(line.key, date.max))
    return cuts


def _by_what_ends(
    services: list[Line], due_ends: dict[Key, date | None]
) -> tuple[dict[str, list[Line]], dict[tuple[int, date], list[Line]], dict[str, list[Line]]]:
    """Recurring lines by order and by due group, and downsells by the order that they reduce."""
    orders: dict[str, list[Line]] = defaultdict(list)
    groups: dict[tuple[int, date], list[Line]] = defaultdict(list)
    reductions: dict[str, list[Line]] = defaultdict(list)
    for line in services:
        if line.kind in RECURRING:
            orders[line.order_id].append(line)
            if end := due_ends[line.key]:
                groups[line.customer_id, end].append(line)
        if line.kind is Kind.DOWNSELL:
            for order_id in line.renews:
                reductions[order_id].append(line)
    return orders, groups, reductions


def _outlasts(end: date | None, day: date) -> bool:
    return end is None or day < end


def _replaces(renewal: Line, line: Line) -> bool:
    """Whether a line of a renewed group ends with the renewal: what it names does. Of the rest
    of the group, renewals of the same orders stand beside each other, and what begins with or
    after the renewal goes on."""
    if line.order_id in renewal.renews:
        return line.order_id != renewal.order_id
    if line.kind is Kind.RENEWAL and not set(renewal.renews).isdisjoint(line.renews):
        return False
    return line.order_id != renewal.order_id and line.start_on < renewal.start_on


def _spans_by_customer(pauses: Iterable[Pause]) -> dict[int, list[Pause]]:
    spans: dict[int, list[Pause]] = defaultdict(list)
    for pause in pauses:
        spans[pause.customer_id].append(pause)
    return spans


def _term(
    line: Line,
    notice: Line | None,
    due_end: date | None,
    cut: date | None,
    spans: dict[int, list[Pause]],
) -> Term:
    is_early = cut is not None and (due_end is None or cut < due_end)
    end = max(cut, line.start_on) if cut is not None and is_early else due_end
    recorded_on = (notice.recorded_on or notice.recorded_at.date()) if notice else None
    amount = monthly(line)
    discounted, full = dated(line, amount)
    return Term(
        customer_id=line.customer_id,
        order_id=line.order_id,
        line=line.line,
        kind=line.kind,
        product=line.product,
        seats=line.seats,
        start_on=line.start_on,
        end_on=end,
        scheduled_end_on=line.end_on,
        due_end_on=due_end,
        signed_on=line.signed_on,
        mrr=ZERO if line.kind is Kind.USAGE else amount,
        currency=line.currency,
        renews=line.renews,
        ending=_ending(end, due_end, notice if notice and _within(notice, line) else None),
        notice_on=notice.signed_on if notice else None,
        pauses=_paused(line, spans[line.customer_id]) if line.customer_id in spans else (),
        notice_recorded_on=earlier(recorded_on, cut) if notice else None,
        unknown=unknown(line),
        usage=amount if line.kind is Kind.USAGE else ZERO,
        one_off=one_time(line),
        discount_end_on=line.discount_end_on,
        discounted_mrr=discounted,
        full_mrr=full,
        auto_renew=line.auto_renew,
        notice_days=line.notice_days,
    )


def _ending(end: date | None, due_end: date | None, notice: Line | None) -> Ending:
    if end != due_end:
        return Ending.RENEWED
    if notice is not None:
        return Ending.CANCELLED
    return Ending.OPEN if end is None else Ending.TERM


def _paused(line: Line, pauses: Iterable[Pause]) -> tuple[Span, ...]:
    """When the line's order rests: by itself, with its customer, or with what it reduces."""
    orders = {line.order_id, "", *(line.renews if line.kind is Kind.DOWNSELL else ())}
    return tuple((it.start_on, it.end_on) for it in pauses if it.order_id in orders)
