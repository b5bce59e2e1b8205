"""Everything that the Revenue page shows of one period."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from perennial.revenue.queries.book import Book, Mover
from perennial.revenue.rules import Movements, Retention, gross_churn
from perennial.units.money import ratio
from perennial.units.period import ONE_DAY, Period, add_months

TOP_MOVERS = 6


@dataclass(frozen=True, slots=True)
class Overview:
    """Net movements, retention over the period and over the twelve months up to its end
    (None for the latter: nobody paid a year ago)."""

    report: Movements
    retention: Retention
    yearly: Retention
    top: list[Mover]
    movers: int
    left_out: dict[str, int]

    @property
    def growth_rate(self) -> Fraction | None:
        return ratio(self.report.net, self.report.start)

    @property
    def gross_churn_rate(self) -> Fraction | None:
        return gross_churn(self.report)


def overview(book: Book, period: Period) -> Overview:
    """Reads three states of the book: a year before the end, the start and the end."""
    after_year = add_months(period.last_on + ONE_DAY, -12)
    report = book.movements(period)
    return Overview(
        report=report,
        retention=book.retention(period),
        yearly=book.retention(Period("", after_year, period.last_on)),
        top=book.told(book.ranked(period)[:TOP_MOVERS]),
        movers=sum(report.counts.values()),
        left_out=book.left_out(),
    )
