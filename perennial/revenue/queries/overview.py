"""Everything that the Revenue page shows of one period."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from perennial.revenue.queries.book import Book, Mover
from perennial.revenue.queries.committed import committed_of
from perennial.revenue.queries.sources import Key, figures_of
from perennial.revenue.rules import Move, Movements, Report, RetentionReport
from perennial.revenue.rules.definitions import RetentionBasis
from perennial.units.money import ratio
from perennial.units.period import ONE_DAY, Period, add_months

TOP_MOVERS = 6


@dataclass(frozen=True, slots=True)
class Overview:
    """The movements of a period, retention over it and over the twelve months up to its end, and
    what follows from them. None is unknown; `unknown` says why the end is (or is empty)."""

    report: Movements
    retention: RetentionReport
    yearly: RetentionReport
    committed: Fraction | None
    top: list[Mover]
    movers: int
    basis: RetentionBasis

    @property
    def unknown(self) -> str:
        return self.report.unknown.get("end", "")

    @property
    def growth_rate(self) -> Fraction | None:
        if self.report.figure("start") is None or self.report.figure("end") is None:
            return None
        return ratio(self.report.end - self.report.start, self.report.start)

    @property
    def yearly_growth_rate(self) -> Fraction | None:
        """ARR against a year before."""
        before, now = self.yearly.start_mrr, self.yearly.end_mrr
        if before is None or now is None:
            return None
        growth = ratio(now, before)
        return None if growth is None else growth - 1

    @property
    def arpa(self) -> Fraction | None:
        """MRR per paying customer at the end."""
        end = self.report.figure("end")
        return None if end is None else ratio(end, Fraction(self.report.customers))


def overview(book: Book, period: Period, report: Report = Report.NET) -> Overview:
    """The figures, worked out once per state of the ledger, with the names of the largest movers
    as this user may see them."""
    found = _of(book, period, report)
    return Overview(
        report=found.report,
        retention=found.retention,
        yearly=found.yearly,
        committed=committed_of(book, period.last_on),
        top=book.told(found.top),
        movers=found.movers,
        basis=book.source.definitions.retention_basis,
    )


def report_of(book: Book, period: Period) -> Movements:
    """The net report of a period, worked out once per state of the ledger."""
    return _of(book, period, Report.NET).report


def _of(book: Book, period: Period, report: Report) -> _Figures:
    whose = None if book.is_company else frozenset(book.customer_ids())
    return _figures(Key(book.source), whose, period, report, book.stands_at)


class _Figures(NamedTuple):
    report: Movements
    retention: RetentionReport
    yearly: RetentionReport
    top: list[Move]
    movers: int


@lru_cache(maxsize=128)
def _figures(
    key: Key,
    whose: frozenset[int] | None,
    period: Period,
    report: Report,
    state: tuple[object, ...],
) -> _Figures:
    """Reads three states: a year before the end, the start and the end."""
    everybody = figures_of(key.source, state)
    book = everybody if whose is None else everybody.only(whose)
    year_ago = add_months(period.last_on + ONE_DAY, -12) - ONE_DAY
    ranked = book.movers(period, report=report)
    return _Figures(
        report=book.movements(period, report),
        retention=book.retention(period.eve_on, period.last_on),
        yearly=book.retention(year_ago, period.last_on),
        top=ranked[:TOP_MOVERS],
        movers=len(ranked),
    )
