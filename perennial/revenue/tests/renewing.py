"""Short ways to write what falls due and what renews it, and to read what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from perennial.contracts.rules import Kind, Line, resolve
from perennial.revenue.rules.definitions import DEFAULT, Definitions
from perennial.revenue.rules.exclusions import Exclusion
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.renewal import RenewalReport, renewals
from perennial.revenue.tests.ledger import Amount, day, line, moment
from perennial.units.period import ONE_DAY

FAR = "2099-12-31"


def renews(
    names: str, order_id: str, start: str, end: str | None, amount: Amount | None, **also: Any
) -> Line:
    """A renewal of `A;B`, signed on its first day unless told otherwise."""
    given = {"kind": Kind.RENEWAL, "renews": tuple(names.split(";"))} | also
    if isinstance(given.get("signed_on"), str):
        given["signed_on"] = day(given["signed_on"])
    return line(order_id, start, end, amount, **given)


def report(
    lines: Sequence[Line],
    first: str = "2025-01-01",
    last: str = "2025-12-31",
    *,
    known: str = FAR,
    definitions: Definitions = DEFAULT,
    rates: Rates | None = None,
    exclusions: Sequence[Exclusion] = (),
    **settings: Any,
) -> RenewalReport:
    """As known at the end of the day `known` (default: long after)."""
    known_on = day(known)
    terms = resolve(lines, known_before=moment(known_on + ONE_DAY))
    return renewals(
        terms,
        from_on=day(first),
        to_on=day(last),
        known_on=known_on,
        definitions=replace(definitions, **settings),
        rates=rates or Rates(),
        exclusions=exclusions,
    )


def told(found: RenewalReport) -> list[tuple[str, str, Fraction | None, Fraction | None]]:
    """Due day, status, due and renewed amount of each item."""
    return [
        (item.due_on.isoformat(), item.status.value, item.due_amount, item.renewed_amount)
        for item in found.items
    ]
