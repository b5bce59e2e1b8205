"""Cohorts of a user's book (同期群): by period, or by renewal cycle. Worked out once per state of
the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial

from perennial.revenue.engine import FastBook
from perennial.revenue.queries.book import Book
from perennial.revenue.queries.sources import (
    Figures,
    Key,
    figures_of,
    terms_known,
)
from perennial.revenue.rules.cohorts import CohortMetric, CohortTable, cohorts
from perennial.revenue.rules.cycles import cycles
from perennial.revenue.rules.due_items import DueItem, due_items
from perennial.units.period import Grain, add_months, first_day

LAST = {Grain.MONTH: 12, Grain.QUARTER: 12, Grain.YEAR: 8}  # so many cohorts fit a page
MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


class By(StrEnum):
    """What the columns count."""

    PERIOD = "period"
    CYCLE = "cycle"


@dataclass(frozen=True, slots=True)
class CohortsAsked:
    """`as_of`: the last day; `today`: what is known today, unless the book knows less."""

    metric: CohortMetric
    grain: Grain
    by: By
    as_of: date
    today: date

    @property
    def from_on(self) -> date:
        first = first_day(self.as_of, self.grain)
        return add_months(first, -MONTHS[self.grain] * (LAST[self.grain] - 1))


def cohort_table(book: Book, asked: CohortsAsked) -> CohortTable:
    """The last cohorts up to `as_of`, of the customers whose figures the user sees."""
    whose = None if book.is_company else frozenset(book.customer_ids())
    return _table(Key(book.source), asked, whose, book.stands_at)


@lru_cache(maxsize=32)
def _table(
    key: Key, asked: CohortsAsked, whose: frozenset[int] | None, state: tuple[object, ...]
) -> CohortTable:
    everybody = figures_of(key.source, state)
    book = everybody if whose is None else everybody.only(whose)
    known_on = key.source.known_on
    if asked.by is By.PERIOD:
        table = book.cohorts if isinstance(book, FastBook) else partial(cohorts, book)
        return table(
            grain=asked.grain,
            metric=asked.metric,
            from_on=asked.from_on,
            to_on=asked.as_of,
            known_on=known_on,
        )
    items = _items(key, known_on or asked.today, state)
    return cycles(
        [item for item in items if whose is None or item.customer_id in whose],
        first_paid=_first_paid(book),
        grain=asked.grain,
        metric=asked.metric,
        from_on=asked.from_on,
        to_on=asked.as_of,
    )


def _first_paid(book: Figures) -> dict[int, date]:
    """By customer, whatever the level."""
    found: dict[int, date] = {}
    for key in book.keys():  # noqa: SIM118 - no mapping
        first = book.first_paid(key)
        customer_id = key if isinstance(key, int) else key[0]
        if first is not None:
            found[customer_id] = min(first, found.get(customer_id, first))
    return found


@lru_cache(maxsize=2)
def _items(key: Key, known_on: date, _state: tuple[object, ...]) -> Sequence[DueItem]:
    return due_items(
        terms_known(key.source.known_on),
        known_on=known_on,
        definitions=key.source.definitions,
        rates=key.source.rates,
        from_on=date.min,
        to_on=date.max,
    )
