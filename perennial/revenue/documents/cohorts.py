"""The document of cohorts: one row per cohort, one cell per whole period (or cycle) after it."""

from __future__ import annotations

from fractions import Fraction

from perennial.revenue.documents.figures import Document, Figures, rate_number
from perennial.revenue.documents.settings import Basis
from perennial.revenue.rules.cohorts import CohortRow, CohortTable


def cohorts_document(basis: Basis, table: CohortTable) -> Document:
    """Cells of periods that are not over are null, as are those of a cohort without a base."""
    return {
        "settings": basis.document(),
        "rows": [_row(row, basis) for row in table.rows],
        "total": [_cell(it) for it in table.total],
    }


def _row(row: CohortRow, basis: Basis) -> Document:
    figures = Figures(exact=basis.exact)
    figures.text("cohort", row.period.label)
    figures.count("size", row.size)
    figures.amount("start_mrr", row.start_mrr, row.unknown)
    figures.text("cells", [_cell(it) for it in row.cells])
    if None in row.cells:
        figures.reasons["cells"] = row.unknown or ("not_over" if row.size else "nobody_came")
    return figures.document()


def _cell(value: Fraction | None) -> float | None:
    return None if value is None else rate_number(value)
