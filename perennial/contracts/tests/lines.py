"""Short ways to write ledger lines in tests, and ledgers that chance wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from perennial.contracts.rules import Basis, Kind, Line, Pause, resolve

Amount = int | Fraction


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def line(
    order_id: str, start: str, end: str | None = None, amount: Amount | None = 1200, **also: Any
) -> Line:
    """A `new` line for the whole term, or per month when open-ended; customer 1."""
    given: dict[str, Any] = {
        "customer_id": 1,
        "kind": Kind.NEW,
        "signed_on": day(start),
        "recorded_at": moment(start),
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


def cancels(
    order_ids: str, start: str, signed: str | None = None, order_id: str = "X", **also: Any
) -> Line:
    return line(
        order_id,
        start,
        amount=None,
        kind=Kind.CANCELLATION,
        renews=tuple(order_ids.split(";")),
        signed_on=day(signed or start),
        **also,
    )


def ends(*lines: Line, pauses: tuple[Pause, ...] = ()) -> dict[str, date | None]:
    return {term.order_id: term.end_on for term in resolve(lines, pauses)}


FIRST = date(2024, 1, 1)
KINDS = (Kind.NEW, Kind.NEW, Kind.ADDON, Kind.DOWNSELL, Kind.RENEWAL, Kind.RENEWAL, Kind.TRIAL,
         Kind.BUYOUT, Kind.USAGE, Kind.CANCELLATION)  # fmt: skip


def random_ledger(seed: int, size: int = 14) -> tuple[list[Line], list[Pause]]:
    """Lines and pauses of two customers over two years, some of them corrected or withdrawn
    later; they name one another as it comes."""
    chance = Random(seed)
    lines: list[Line] = []
    for number in range(size):
        kind = KINDS[0] if number < 2 else chance.choice(KINDS)
        customer = number % 2
        mine = [it for it in lines if it.customer_id == customer and it.kind is not Kind.TRIAL]
        start = FIRST + timedelta(chance.randrange(600))
        open_ended = kind is Kind.CANCELLATION or not chance.randrange(5)
        ends = [it.end_on for it in mine if it.end_on is not None and it.end_on > start]
        end = start + timedelta(chance.choice((30, 184, 365, 366, 730)))
        if ends and chance.randrange(2):
            end = chance.choice(ends)  # co-termed
        amount = Fraction(chance.randrange(1, 9_000), chance.choice((1, 100)))
        nothing = kind in (Kind.CANCELLATION, Kind.TRIAL)
        lines.append(
            Line(
                customer_id=customer,
                order_id=f"O{number}",
                kind=kind,
                start_on=start,
                end_on=None if open_ended else end,
                signed_on=start - timedelta(chance.randrange(60)),
                recorded_at=_moment(start + timedelta(chance.randrange(-30, 30))),
                currency="CNY",
                amount=None if nothing else -amount if kind is Kind.DOWNSELL else amount,
                basis=Basis.NONE if nothing else Basis.INTERVAL if open_ended else Basis.TERM,
                renews=_named(kind, mine, chance),
            )
        )
    lines += [_corrected(it, chance) for it in chance.sample(lines, 3)]
    return lines, [_pause(chance) for _ in range(3)]


def _moment(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 9, tzinfo=UTC)


def _named(kind: Kind, mine: list[Line], chance: Random) -> tuple[str, ...]:
    if kind in (Kind.NEW, Kind.TRIAL, Kind.BUYOUT, Kind.USAGE) or not mine:
        return ()
    return tuple(it.order_id for it in chance.sample(mine, min(len(mine), chance.choice((1, 2)))))


def _corrected(it: Line, chance: Random) -> Line:
    later = it.recorded_at + timedelta(chance.randrange(1, 90))
    if not chance.randrange(3):
        return replace(it, void=True, recorded_at=later)
    return replace(it, amount=it.amount and it.amount * 2, recorded_at=later)


def _pause(chance: Random) -> Pause:
    start = FIRST + timedelta(chance.randrange(600))
    return Pause(
        customer_id=chance.randrange(2),
        start_on=start,
        end_on=chance.choice((None, start + timedelta(45))),
        recorded_at=_moment(start),
        order_id=chance.choice(("", "O0", "O1", "O4")),
    )
