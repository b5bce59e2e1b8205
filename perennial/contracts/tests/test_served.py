"""Which lines are served on a day, asked day by day straight from the words of the revenue files,
against the terms that are worked out once."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from perennial.contracts.rules import RECURRING, Kind, Line, known, resolve
from perennial.contracts.tests.lines import FIRST, random_ledger


def cancelled_on(line: Line, lines: list[Line]) -> date | None:
    """The first day without service by a cancellation of the order, or of what it reduces."""
    about = {line.order_id, *(line.renews if line.kind is Kind.DOWNSELL else ())}
    days = [
        it.start_on
        for it in lines
        if it.kind is Kind.CANCELLATION and not about.isdisjoint(it.renews)
    ]
    first = min(days, default=None)
    in_time = first is not None and (line.end_on is None or first <= line.end_on)
    return first if in_time else None


def due_end(line: Line, lines: list[Line]) -> date | None:
    ends = [it for it in (line.end_on, cancelled_on(line, lines)) if it is not None]
    return max(min(ends), line.start_on) if ends else None


def is_renewed_by(renewal: Line, line: Line, lines: list[Line]) -> bool:
    """Whether an early renewal ends the line on its own first day."""
    end = due_end(line, lines)
    if renewal.order_id == line.order_id or due_end(renewal, lines) == renewal.start_on:
        return False
    if end is not None and renewal.start_on >= end:
        return False
    if line.order_id in renewal.renews:
        return True
    if line.kind is Kind.DOWNSELL and any(
        it.order_id in line.renews
        and it.order_id in renewal.renews
        and it.order_id != renewal.order_id
        and it.kind in RECURRING
        and due_end(it, lines) is None
        for it in lines
    ):
        return True  # what reduces an open-ended order
    beside = line.kind is Kind.RENEWAL and not set(line.renews).isdisjoint(renewal.renews)
    of_the_group = any(
        it.order_id in renewal.renews
        and it.kind in RECURRING
        and it.customer_id == line.customer_id
        and due_end(it, lines) == end
        for it in lines
    )
    return end is not None and of_the_group and not beside and line.start_on < renewal.start_on


def is_served(line: Line, day: date, lines: list[Line]) -> bool:
    end = due_end(line, lines)
    if day < line.start_on or (end is not None and day >= end):
        return False
    return line.kind not in RECURRING or not any(
        it.start_on <= day and is_renewed_by(it, line, lines)
        for it in lines
        if it.kind is Kind.RENEWAL
    )


@given(some.integers(min_value=0, max_value=10**9))
@settings(max_examples=60, deadline=None)
def test_terms_say_who_is_served_on_every_day(seed):
    lines, pauses = random_ledger(seed)
    current = [it for it in known(lines, before=None) if not it.void]
    terms = resolve(lines, pauses)
    for step in range(0, 900, 30):
        day = FIRST + timedelta(step)
        live = {(term.order_id, term.line) for term in terms if term.live_on(day)}
        expected = {
            it.key
            for it in current
            if it.kind is not Kind.CANCELLATION and is_served(it, day, current)
        }
        assert live == expected, day
