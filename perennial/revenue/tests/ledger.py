"""Short ways to write a ledger in tests, and the plain road from it to a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from perennial.contracts.rules import Basis, Kind, Line, Pause, Term, resolve
from perennial.revenue.rules import (
    Move,
    Movements,
    Retention,
    State,
    base,
    daily_moves,
    movements,
    net_moves,
    retention,
    state_on,
    steps,
)
from perennial.units.period import Period

Amount = int | str | Fraction


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=UTC)


def line(
    order_id: str, start: str, end: str | None = None, amount: Amount | None = None, **also: Any
) -> Line:
    """A `new` line for the whole term, or per month when open-ended; customer 1."""
    given: dict[str, Any] = {
        "customer_id": 1,
        "kind": Kind.NEW,
        "signed_on": day(start),
        "recorded_at": moment(day(start)),
        "currency": "CNY",
        "basis": Basis.NONE if amount is None else Basis.TERM if end else Basis.INTERVAL,
    } | also
    return Line(
        order_id=order_id,
        start_on=day(start),
        end_on=day(end) if end else None,
        amount=None if amount is None else Fraction(amount),
        **given,
    )


def cancels(order_ids: str, start: str, order_id: str = "X", **also: Any) -> Line:
    return line(order_id, start, kind=Kind.CANCELLATION, renews=tuple(order_ids.split(";")), **also)


def by_customer(
    lines: Iterable[Line], pauses: Iterable[Pause] = (), known_before: datetime | None = None
) -> dict[int, list[Term]]:
    found: dict[int, list[Term]] = {}
    for term in resolve(lines, pauses, known_before=known_before):
        found.setdefault(term.customer_id, []).append(term)
    return found


def states(terms: dict[int, list[Term]], on: date) -> dict[int, State]:
    return {customer_id: state_on(theirs, on) for customer_id, theirs in terms.items()}


def paid_before(terms: dict[int, list[Term]], on: date) -> set[int]:
    """Who ever paid up to the end of `on`, by looking at every day on which anything begins."""
    return {
        customer_id
        for customer_id, theirs in terms.items()
        if any(
            state_on(theirs, it).paying
            for term in theirs
            for it in {term.start_on, *(edge for span in term.pauses for edge in span if edge)}
            | {other.end_on for other in theirs if other.end_on}
            if it <= on
        )
    }


def net(
    lines: Sequence[Line],
    first: str | date,
    last: str | date,
    pauses: Sequence[Pause] = (),
    known_before: datetime | None = None,
) -> Movements:
    """The net report of [first, last], straight from the ledger."""
    period = _period(first, last)
    terms = by_customer(lines, pauses, known_before)
    before, after = states(terms, period.eve_on), states(terms, period.last_on)
    moves = net_moves(before, after, paid_before=paid_before(terms, period.eve_on))
    return movements(period, base(before.values()), moves)


def activity(
    lines: Sequence[Line], first: str | date, last: str | date, pauses: Sequence[Pause] = ()
) -> Movements:
    """The activity report of [first, last], straight from the ledger."""
    period = _period(first, last)
    terms = by_customer(lines, pauses)
    return movements(period, base(states(terms, period.eve_on).values()), daily(terms, period))


def kept(before: dict[int, State], after: dict[int, State]) -> Retention:
    """Retention between two days' states."""
    return retention(base(before.values()), net_moves(before, after, paid_before=()))


def daily(terms: dict[int, list[Term]], period: Period) -> list[Move]:
    return [
        move
        for customer_id, theirs in terms.items()
        for step, move in daily_moves(customer_id, steps(theirs))
        if period.first_on <= step.on <= period.last_on
    ]


def _period(first: str | date, last: str | date) -> Period:
    ends = [day(it) if isinstance(it, str) else it for it in (first, last)]
    return Period("tested", *ends)


def told(report: Movements) -> dict[str, Fraction]:
    """The movements that are not zero."""
    return {kind.value: amount for kind, amount in report.amounts.items() if amount}


def counted(report: Movements) -> dict[str, int]:
    return {kind.value: count for kind, count in report.counts.items() if count}
