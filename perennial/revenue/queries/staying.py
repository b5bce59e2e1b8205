"""How long customers stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

from perennial.revenue.queries.sources import Source
from perennial.revenue.rules.histories import Histories
from perennial.revenue.rules.staying import Stay
from perennial.units.period import ONE_DAY, term_months


class Known(Protocol):
    """Histories and what they stand on: a Book, or the whole company's."""

    @property
    def source(self) -> Source: ...
    @property
    def histories(self) -> Histories: ...


def stays(book: Known, on: date, *, groups: Mapping[int, str] | None = None) -> Iterator[Stay]:
    """How long each customer paid by the end of `on`, in months, from its first paid day. One
    that pays, or whose service ended within the days of grace, has not left: its renewal is
    pending, and not known is not lost. A gap that was ended by a return is not counted out."""
    grace_days = book.source.definitions.grace_days
    known = book.histories
    for key in known.keys():  # noqa: SIM118 - no mapping
        history = known.history(key)
        first = history.first_paid
        if first is None or first > on:
            continue
        end, left = on + ONE_DAY, False
        if not history.state(on).paying:
            steps = reversed(history.between(first, on))
            end = next(it.on for it in steps if it.before.paying and not it.after.paying)
            left = (on - end).days >= grace_days
        customer = key if isinstance(key, int) else key[0]
        yield Stay(float(term_months(first, end)), left, (groups or {}).get(customer, ""))
