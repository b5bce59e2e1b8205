"""One figure for a whole book of customers.

Counts add up (events, uses, active people of each customer, customers whose north star is met).
Shares, days and breadth do not: their figure is the median customer, so that one large customer
does not speak for the rest. Customers whose value is unknown are left out, and counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

ADD_UP: Final = frozenset({"event_count", "active_people", "deep_use_count", "north_star_met"})
SHARES: Final = frozenset({"seat_login_rate", "stickiness"})
CHANGES: Final = frozenset({"usage_trend_rate"})
WITHOUT: Final = frozenset({"last_seen_on"})  # days have no sum


@dataclass(frozen=True, slots=True)
class BookFigure:
    """The figure of a period: None when no customer's value is known."""

    value: float | None
    known: int
    unknown: int


def adds_up(metric: str) -> bool:
    return metric in ADD_UP


def book_figure(metric: str, values: Sequence[float | None]) -> BookFigure:
    """The sum, or the median, of what is known of each customer."""
    known = [value for value in values if value is not None]
    found = (sum(known) if adds_up(metric) else median(known)) if known else None
    return BookFigure(found, len(known), len(values) - len(known))
