"""The documents of movements and of retention."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from perennial.revenue.documents.figures import Document, Figures
from perennial.revenue.documents.settings import Basis
from perennial.revenue.rules import Movement, Movements, RetentionReport
from perennial.revenue.rules.definitions import FxPolicy

ORDER = ("new", "expansion", "contraction", "churn", "reactivation")
AMOUNTS = ("start_mrr", "end_mrr")
RATES = (
    "grr",
    "nrr",
    "logo_retention",
    "grr_movement",
    "nrr_movement",
    "gross_churn",
    "net_churn",
    "logo_churn",
    "quick_ratio",
)


def movements_document(basis: Basis, rows: Sequence[tuple[Movements, RetentionReport]]) -> Document:
    """`rows`: the movements of each period, and the retention between its two ends."""
    return {
        "settings": basis.document(),
        "periods": [_period(report, kept, basis) for report, kept in rows],
    }


def _period(report: Movements, kept: RetentionReport, basis: Basis) -> Document:
    figures = Figures(exact=basis.exact, unknown=report.unknown)
    figures.text("period", report.period.label)
    for name in ("start", *ORDER, *_fx(basis), "end", "usage_revenue"):
        figures.amount(name, report.figure(name))
    counts = Figures(unknown={name: report.unknown.get(f"counts.{name}", "") for name in ORDER})
    for name in ORDER:
        counts.count(name, report.counts[Movement(name)])
    figures.text("counts", counts.values)
    figures.reasons |= {f"counts.{name}": why for name, why in counts.reasons.items()}
    figures.count("customers", report.customers)
    for name in ("grr", "nrr"):
        figures.rate(name, getattr(kept, name), kept.reasons.get(name, ""))
    rounding = Fraction(0) if basis.exact else report.figure("rounding")
    figures.amount("rounding", rounding)
    return figures.document()


def _fx(basis: Basis) -> tuple[str, ...]:
    return ("fx",) if basis.definitions.fx is FxPolicy.SPOT else ()


def retention_document(basis: Basis, report: RetentionReport) -> Document:
    """Between the ends of the day before the window and of its last day."""
    figures = Figures(exact=basis.exact, unknown=report.reasons)
    figures.text("settings", basis.document())
    for name in AMOUNTS:
        figures.amount(name, getattr(report, name))
    for name in RATES:
        figures.rate(name, getattr(report, name))
    figures.count("start_customers", report.parts.start_logos)
    figures.count("kept_customers", report.parts.kept_logos)
    return figures.document()
