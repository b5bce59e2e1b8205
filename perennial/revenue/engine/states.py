"""Unit by unit: states, moves and first paid days, as the dataclasses of `rules`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from perennial.events.store import Session
from perennial.revenue.engine.amounts import amount
from perennial.revenue.rules import Move, Movement, State, Unit
from perennial.revenue.rules.state import UNKNOWNS

STATES: Final = """
SELECT {unit}, arg_max(after, day) AS mrr, arg_max(is_paying, day) AS paying,
    arg_max(is_unknown, day) AS unknown
FROM steps WHERE day <= $1 GROUP BY {unit} HAVING paying OR mrr <> 0"""

MOVES: Final = """
SELECT {unit}, before, was_paying, was_unknown, after, is_paying, is_unknown, {kind} AS kind
FROM moved
WHERE before <> after OR was_paying <> is_paying OR was_unknown <> is_unknown"""

FIRST_PAID: Final = "SELECT {unit}, min(day) FROM steps WHERE is_paying GROUP BY {unit}"
REASONS: Final = ("", *UNKNOWNS)


def states(session: Session, unit: str, day: date) -> dict[Unit, State]:
    """At the end of `day`, from the session's `steps`; those who pay nothing are left out."""
    rows = session.rows(STATES.format(unit=unit), [day])
    return {_key(row[:-3]): _state(*row[-3:]) for row in rows}


def moves(session: Session, unit: str, *, kind: str) -> list[Move]:
    """The changes of the session's `moved`; `kind` is sums.kind_sql."""
    rows = session.rows(MOVES.format(unit=unit, kind=kind))
    return [
        Move(
            row[0],
            before=_state(*row[-7:-4]),
            after=_state(*row[-4:-1]),
            kind=Movement(row[-1]) if row[-1] else None,
            unit=None if unit == "customer_id" else row[1],
        )
        for row in rows
    ]


def first_paid(session: Session, unit: str) -> dict[Unit, date]:
    """Of all units that ever paid, the first day on which they did."""
    return {_key(row[:-1]): row[-1] for row in session.rows(FIRST_PAID.format(unit=unit))}


def _key(columns: Sequence[Any]) -> Unit:
    return columns[0] if len(columns) == 1 else (columns[0], columns[1])


def _state(mrr: Decimal, paying: bool, unknown: int) -> State:
    return State(amount(mrr), paying, REASONS[unknown])
