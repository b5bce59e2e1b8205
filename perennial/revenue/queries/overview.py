"""Everything that the Revenue page shows of one period."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from perennial.revenue.queries.book import Book, Mover
from perennial.revenue.queries.committed import committed_of
from perennial.revenue.rules import Movements, Report, RetentionReport
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
    """Reads three states of the book: a year before the end, the start and the end."""
    after_year = add_months(period.last_on + ONE_DAY, -12)
    ranked = book.ranked(period)
    return Overview(
        report=book.movements(period, report),
        retention=book.retention(period),
        yearly=book.retention(Period("", after_year, period.last_on)),
        committed=committed_of(book, period.last_on),
        top=book.told(ranked[:TOP_MOVERS]),
        movers=len(ranked),
        basis=book.source.definitions.retention_basis,
    )
