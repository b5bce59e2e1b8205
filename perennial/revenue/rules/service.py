"""How one term counts under the definitions: from when until when, and for how much.

A cancelled term ends with its service, or on the day of the notice, or on the day on which the
cancellation was recorded, but never before it began nor after it was to end. A pause earns
nothing, or is ignored. A time-limited discount is spread over the term, or counts while it
lasts. Metered usage counts only on request.
Source: metric specification section 0, A1, A2; revenue files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from perennial.contracts.rules import Ending, Term
from perennial.revenue.rules.definitions import (
    ChurnRecognition,
    Definitions,
    Discounts,
    PausePolicy,
    UsageRevenue,
)

Span = tuple[date, date | None]  # half-open; None: until further notice
Portion = tuple[date, date | None, Fraction]  # a span and what the term is worth a month in it


def counted_until(term: Term, definitions: Definitions) -> date | None:
    """The first day on which the term no longer counts; None: it goes on."""
    if term.ending is Ending.RENEWED:
        return term.end_on
    match definitions.churn_recognition:
        case ChurnRecognition.SERVICE_END:
            return term.end_on
        case ChurnRecognition.ON_NOTICE:
            recognised = term.notice_on
        case ChurnRecognition.ON_CANCEL:
            recognised = term.notice_recorded_on
    if recognised is None:
        return term.end_on
    return max(term.start_on, min(recognised, term.scheduled_end_on or date.max))


def worth(term: Term, definitions: Definitions) -> Fraction:
    """What the term is worth a month, in its own currency, a discount spread over it."""
    if term.usage:
        return term.usage if definitions.usage_revenue is UsageRevenue.INCLUDE else Fraction(0)
    return term.mrr


def portions(term: Term, definitions: Definitions) -> list[Portion]:
    """When the term counts and what it is worth a month then, in its own currency, pauses aside;
    nothing when it never recurs."""
    end = counted_until(term, definitions)
    if end is not None and end <= term.start_on:
        return []
    change = term.discount_end_on
    if change is None or not term.full_mrr or definitions.discounts is Discounts.SPREAD:
        found = [(term.start_on, end, worth(term, definitions))]
    elif end is not None and end <= change:
        found = [(term.start_on, end, term.discounted_mrr)]
    else:
        found = [(term.start_on, change, term.discounted_mrr), (change, end, term.full_mrr)]
    return [portion for portion in found if portion[2]]


def rests(
    pauses: Iterable[Span], start: date, end: date | None, definitions: Definitions
) -> Iterator[Span]:
    """The pauses inside [start, end), overlaps merged; none when paused orders keep earning."""
    if definitions.pause_policy is PausePolicy.KEEP:
        return
    reached, last = start, end or date.max
    for begins, ends in sorted(pauses, key=lambda span: span[0]):
        first, until = max(begins, reached), min(ends or date.max, last)
        if first < until:
            yield first, until if until < date.max else None
            reached = until
