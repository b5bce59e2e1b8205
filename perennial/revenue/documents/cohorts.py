"""The document of cohorts: one row per cohort, one cell per whole period (or cycle) after it."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from perennial.revenue.documents.figures import Document, Figures, rate_number
from perennial.revenue.documents.settings import Basis
from perennial.revenue.rules.cohorts import CohortRow, CohortTable
from perennial.revenue.rules.state import UNKNOWNS, first_reason

NOT_OVER: Final = "not_over"
NOBODY_CAME: Final = "nobody_came"


def cohorts_document(basis: Basis, table: CohortTable) -> Document:
    """Cells of periods that are not over are null, as are those of a cohort without a base."""
    rows = [_row(row, basis) for row in table.rows]
    reasons = {}
    if None in table.total:
        whys = {row["reasons"]["cells"] for row in rows if "cells" in row["reasons"]}
        known = (*UNKNOWNS, NOT_OVER)
        reasons["total"] = next((why for why in known if why in whys), NOBODY_CAME)
    return {
        "settings": basis.document(),
        "rows": rows,
        "total": [_cell(it) for it in table.total],
        "reasons": reasons,
    }


def _row(row: CohortRow, basis: Basis) -> Document:
    figures = Figures(exact=basis.exact)
    figures.text("cohort", row.period.label)
    figures.count("size", row.size)
    figures.amount("start_mrr", row.start_mrr, row.unknown)
    figures.text("cells", [_cell(it) for it in row.cells])
    if None in row.cells:
        why = row.unknown or first_reason({part.unknown for part in row.parts} - {""})
        figures.reasons["cells"] = why or (NOT_OVER if row.size else NOBODY_CAME)
    return figures.document()


def _cell(value: Fraction | None) -> float | None:
    return None if value is None else rate_number(value)
