"""What rows of the ledger must hold to among themselves.

A row may be corrected by a later record of the same line, but one moment tells one story: a
line is not in force twice at once. An order belongs to one customer and names only orders of
that customer that exist. Renewals lead back in time: they form no loop, and none was signed
before the order that it renews. The ledger is judged as its newest records stand.
Source: revenue files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from perennial.contracts.rows import OrderRow
from perennial.contracts.rules.line import Kind
from perennial.units.errors import RowError
from perennial.units.sentence import sentence

CONTENT: Final = (
    "customer_id", "kind", "product", "seats", "start_on", "end_on", "signed_on",
    "recurring_amount", "basis", "interval_months", "one_off_amount", "currency", "renews", "void",
    "discount_amount", "discount_end_on", "auto_renew", "notice_days",
)  # fmt: skip
LOOP_SHOWN = 5  # orders of a loop that a message names


def content(row: OrderRow) -> tuple[Any, ...]:
    """What the row says, apart from when it was recorded and where it stands."""
    return tuple(getattr(row, name) for name in CONTENT)


def ledger_faults(rows: Sequence[OrderRow], *, known: Iterable[OrderRow] = ()) -> list[RowError]:
    """What is wrong among the rows, in their order; `known` are rows that the ledger holds
    already (of the same customers and of every order that the rows name).

    Refusing a row may leave another without the order that it names, which is a fault too.
    """
    known = list(known)
    errors = list(_twice(rows))
    refused = {error.row for error in errors}
    while True:
        left = [row for row in rows if row.row not in refused]
        found = [*_links(left, known), *_chains(left, known)]
        if not found:
            return sorted(errors, key=lambda error: error.row or 0)
        errors += found
        refused.update(error.row for error in found)


def _twice(rows: Iterable[OrderRow]) -> Iterator[RowError]:
    """Rows that tell another story of a line than an earlier row does, of the same moment; two
    rows without a recorded_at are of one moment."""
    stories: dict[tuple[object, ...], OrderRow] = {}
    for row in rows:
        moment = row.recorded_at if row.recorded_given else None
        first = stories.setdefault((row.order_id, row.line, moment), row)
        if first is row or content(first) == content(row):
            continue
        terms = (first.start_on, first.end_on), (row.start_on, row.end_on)
        if terms[0] != terms[1] and _overlap(*terms[0], *terms[1]):
            yield _overlapping(first, row)
        else:
            yield contradiction(row)


def _overlap(a: date, a_end: date | None, b: date, b_end: date | None) -> bool:
    return (b_end is None or a < b_end) and (a_end is None or b < a_end)


def _overlapping(first: OrderRow, row: OrderRow) -> RowError:
    return RowError(
        "overlapping_terms",
        sentence(
            "line {line} of order “{order}” would be in force twice on {day}: its term overlaps "
            "the one in row {first}; give it another line, or a later recorded_at to correct it"
        ),
        row.row,
        "start_on",
        params={
            "order": row.order_id,
            "line": row.line,
            "day": max(first.start_on, row.start_on).isoformat(),
            "first": str(first.row),
        },
    )


def contradiction(row: OrderRow) -> RowError:
    """The ledger, or an earlier row, says something else of this line and moment."""
    return RowError(
        "contradiction",
        sentence(
            "the same line was recorded at the same moment ({moment}) with other contents; "
            "give a later recorded_at to correct it"
        ),
        row.row,
        "recorded_at",
        params={"moment": row.recorded_at.isoformat()},
    )


def _links(rows: Sequence[OrderRow], known: Sequence[OrderRow]) -> Iterator[RowError]:
    """Orders of two customers, and names of orders that are not there or somebody else's."""
    owners: dict[str, str] = {row.order_id: row.customer_id for row in known}
    for row in rows:
        owners.setdefault(row.order_id, row.customer_id)
    for row in rows:
        if owners[row.order_id] != row.customer_id:
            message = sentence(
                "order “{order}” belongs to another customer; "
                "to move it, void it and record it under a new id"
            )
            params = {"order": row.order_id}
            yield RowError("order_of_another", message, row.row, "customer_id", params=params)
            continue
        for named in () if row.void else row.renews:
            params = {"order": named}
            if named not in owners:
                message = sentence("“renews” names order “{order}”, which does not exist")
                yield RowError("unknown_order", message, row.row, "renews", params=params)
            elif owners[named] != row.customer_id:
                message = sentence(
                    "“renews” names order “{order}”, which belongs to another customer"
                )
                yield RowError("order_of_another", message, row.row, "renews", params=params)


def _chains(rows: Sequence[OrderRow], known: Sequence[OrderRow]) -> list[RowError]:
    """Renewals in a loop, and renewals signed before what they renew."""
    newest: dict[tuple[str, str], OrderRow] = {}
    for row in (*known, *rows):
        held = newest.get((row.order_id, row.line))
        if held is None or row.recorded_at >= held.recorded_at:
            newest[row.order_id, row.line] = row
    ours = {row.row for row in rows}
    orders: dict[str, list[OrderRow]] = defaultdict(list)
    for row in newest.values():
        if not row.void:
            orders[row.order_id].append(row)
    renewals = [row for its in orders.values() for row in its if row.kind == Kind.RENEWAL]
    looped = list(_looped(renewals, ours))
    return looped or list(_signed_first(renewals, orders, ours))


def _looped(renewals: Sequence[OrderRow], ours: Collection[int]) -> Iterator[RowError]:
    names: dict[str, list[str]] = defaultdict(list)
    for row in renewals:
        names[row.order_id] += row.renews
    found = loops(names)
    for row in renewals:
        loop = found.get(row.order_id)
        if loop and row.row in ours and not set(loop).isdisjoint(row.renews):
            shown = [*loop[:LOOP_SHOWN], *(["…"] if len(loop) > LOOP_SHOWN else []), loop[0]]
            yield RowError(
                "renewal_loop",
                sentence("these renewals lead back to themselves: {loop}"),
                row.row,
                "renews",
                params={"loop": " → ".join(shown)},
            )


def loops(names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The orders that lead back to themselves by the names they give, each with its loop."""
    found: dict[str, tuple[str, ...]] = {}
    done: set[str] = set()
    for start in names:
        if start in done:
            continue
        path, place, todo = [start], {start: 0}, [iter(names[start])]
        while todo:
            named = next(todo[-1], None)
            if named is None:
                todo.pop()
                done.add(path[-1])
                del place[path.pop()]
            elif named in place:
                loop = tuple(path[place[named] :])
                found |= {order_id: loop for order_id in loop if order_id not in found}
            elif named in names and named not in done:
                place[named] = len(path)
                path.append(named)
                todo.append(iter(names[named]))
    return found


def _signed_first(
    renewals: Sequence[OrderRow], orders: Mapping[str, Sequence[OrderRow]], ours: Collection[int]
) -> Iterator[RowError]:
    """Renewals older than all that they renew. One that was signed after the contract and before
    an add-on to it renews both rightly."""
    for renewal in renewals:
        named = [row for order_id in renewal.renews for row in orders.get(order_id, ())]
        first = min(named, key=lambda row: (row.signed_on, row.row), default=None)
        if first is None or renewal.signed_on >= first.signed_on:
            continue
        at_fault = renewal if renewal.row in ours else first
        if at_fault.row in ours:
            yield RowError(
                "signed_before",
                sentence(
                    "renewal “{renewal}” was signed on {signed}, before order “{order}” that "
                    "it renews ({first})"
                ),
                at_fault.row,
                "signed_on",
                params={
                    "renewal": renewal.order_id,
                    "order": first.order_id,
                    "signed": renewal.signed_on.isoformat(),
                    "first": first.signed_on.isoformat(),
                },
            )
