"""Short ways to write a ledger in tests, and from it to a report on the exact road."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from perennial.contracts.rules import Basis, Kind, Line, Pause, Term, resolve
from perennial.revenue.rules import (
    Histories,
    Movements,
    Rates,
    Report,
    RetentionReport,
    State,
    histories,
)
from perennial.revenue.rules.definitions import Definitions, with_values
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


def adds(order_id: str, start: str, amount: Amount, **also: Any) -> Line:
    """An open-ended add-on, so much a month."""
    return line(order_id, start, None, amount, kind=Kind.ADDON, **also)


def reduces(named: str, start: str, amount: Amount, order_id: str = "D", **also: Any) -> Line:
    """An open-ended downsell of an order, so much a month (negative)."""
    return line(order_id, start, None, amount, kind=Kind.DOWNSELL, renews=(named,), **also)


def pause(start: str, end: str | None = None, order_id: str = "", customer_id: int = 1) -> Pause:
    return Pause(customer_id, day(start), day(end) if end else None, moment(day(start)), order_id)


def by_customer(
    lines: Iterable[Line], pauses: Iterable[Pause] = (), known_before: datetime | None = None
) -> dict[int, list[Term]]:
    found: dict[int, list[Term]] = {}
    for term in resolve(lines, pauses, known_before=known_before):
        found.setdefault(term.customer_id, []).append(term)
    return found


def book(
    lines: Iterable[Line],
    pauses: Iterable[Pause] = (),
    *,
    known_before: datetime | None = None,
    rates: Rates | None = None,
    arrears: Iterable[Any] = (),
    **settings: str,
) -> Histories:
    """The histories of a ledger; settings are written as text, as on the command line."""
    return histories(
        resolve(lines, pauses, known_before=known_before),
        definitions=with_values(Definitions(), settings),
        rates=rates or Rates(),
        arrears=arrears,
    )


def states(terms: dict[int, list[Term]], on: date) -> dict[int, State]:
    """At the end of a day; who pays nothing is there with nothing."""
    found = histories(term for theirs in terms.values() for term in theirs)
    return {customer_id: found.history(customer_id).state(on) for customer_id in terms}


def net(
    lines: Sequence[Line],
    first: str | date,
    last: str | date,
    pauses: Sequence[Pause] = (),
    **settings: Any,
) -> Movements:
    """The net report of [first, last], straight from the ledger."""
    return book(lines, pauses, **settings).movements(period(first, last))


def activity(
    lines: Sequence[Line],
    first: str | date,
    last: str | date,
    pauses: Sequence[Pause] = (),
    **settings: Any,
) -> Movements:
    """The activity report of [first, last], straight from the ledger."""
    return book(lines, pauses, **settings).movements(period(first, last), Report.ACTIVITY)


def kept(
    lines: Sequence[Line], first: str, last: str, pauses: Sequence[Pause] = (), **settings: Any
) -> RetentionReport:
    """The retention between the ends of two days, straight from the ledger."""
    return book(lines, pauses, **settings).retention(day(first), day(last))


def period(first: str | date, last: str | date) -> Period:
    ends = [day(it) if isinstance(it, str) else it for it in (first, last)]
    return Period("tested", *ends)


def told(report: Movements) -> dict[str, Fraction]:
    """The movements that are not zero."""
    return {kind.value: amount for kind, amount in report.amounts.items() if amount}


def counted(report: Movements) -> dict[str, int]:
    return {kind.value: count for kind, count in report.counts.items() if count}
