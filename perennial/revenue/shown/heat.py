"""The cohort table as it is drawn: each share with its figure and a depth of colour."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from perennial.revenue.rules.cohorts import CohortTable
from perennial.web.formats import percent

STEPS = (  # shares from which a depth begins: what is lost fast pales, growth is its own tone
    (Fraction(5, 100), 1), (Fraction(25, 100), 2), (Fraction(45, 100), 3), (Fraction(60, 100), 4),
    (Fraction(75, 100), 5), (Fraction(85, 100), 6), (Fraction(95, 100), 7), (Fraction(102, 100), 8),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heat:
    """One cell: what it says, its class, and what stands behind it on hover."""

    text: str
    depth: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    size: int
    start_mrr: Fraction | None
    cells: list[Heat]

    @staticmethod
    def total(table: CohortTable) -> list[Heat]:
        """The last line, weighted by start."""
        return [_heat(share) for share in table.total]


def heat_rows(table: CohortTable) -> list[Row]:
    """One row per cohort, the oldest first."""
    return [
        Row(row.period.label, row.size, row.start_mrr, [_heat(share) for share in row.cells])
        for row in table.rows
    ]


def _heat(share: Fraction | None) -> Heat:
    if share is None:
        return Heat("", "heat-none")
    depth = max((number for edge, number in STEPS if share >= edge), default=0)
    return Heat(percent(share), f"heat-{depth}", percent(share, decimals=2))
