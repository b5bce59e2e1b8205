"""The document of the what-if (经营测算)."""

from __future__ import annotations

from fractions import Fraction

from perennial.revenue.documents.figures import Document, Figures, amount_text, rate_number
from perennial.revenue.rules.whatif import WhatIf


def whatif_document(
    found: WhatIf, *, start: Fraction, growth: Fraction, exact: bool = False
) -> Document:
    """`start`: new sales of the first period; `growth` of them per period."""
    figures = Figures(exact=exact)
    figures.text(
        "settings",
        {
            "start": amount_text(start, exact=exact),
            "growth": rate_number(growth),
            "renewal": [rate_number(it.renewal) for it in found.scenarios],
            "periods": len(found.scenarios[0].revenue),
            "exact": exact,
        },
    )
    figures.text(
        "scenarios",
        [
            {
                "renewal": rate_number(it.renewal),
                "revenue": [amount_text(amount, exact=exact) for amount in it.revenue],
                "sum": amount_text(it.total, exact=exact),
            }
            for it in found.scenarios
        ],
    )
    figures.text("ratio", [None if it is None else rate_number(it) for it in found.ratio])
    if None in found.ratio:
        figures.reasons["ratio"] = "no_revenue"
    figures.rate("ratio_limit", found.ratio_limit, found.limit_reason)
    return figures.document()
