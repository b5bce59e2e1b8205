"""The document of unit economics: ARPA, ASP, CAC, the LTV variants, payback and the checks."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from perennial.revenue.documents.figures import Document, Figures, rate_number
from perennial.revenue.documents.settings import Basis
from perennial.revenue.rules.economics import Check, Economics


def economics_document(
    basis: Basis,
    found: Economics,
    *,
    window_churn: Fraction | None,
    unknown: Mapping[str, str] | None = None,
) -> Document:
    """`window_churn`: logo churn of the window itself. `unknown`: the movements of the window
    that cannot be trusted, with why."""
    distrust = _distrust(unknown or {})
    figures = Figures(exact=basis.exact, unknown=distrust)
    figures.text("settings", basis.document())
    reasons = found.reasons
    for name in ("arpa", "asp", "cac"):
        figures.amount(name, getattr(found, name), reasons.get(name, ""))
    values = Figures(exact=basis.exact, unknown=distrust)
    for one in found.ltv:
        values.amount(one.variant, one.amount, one.reason)
    figures.text("ltv", values.values)
    figures.rate("window_churn", window_churn, reasons.get("monthly_churn", ""))
    for name in ("monthly_churn", "yearly_churn", "payback_months"):
        figures.rate(name, getattr(found, name), reasons.get(name, ""))
    figures.text("tests", [_check(it, distrust.get("tests", "")) for it in found.tests])
    document = figures.document()
    document["reasons"] |= {f"ltv.{name}": why for name, why in values.reasons.items()}
    return document


def _distrust(unknown: Mapping[str, str]) -> dict[str, str]:
    """Which figures rest on amounts that cannot be trusted."""
    found = {}
    if "end" in unknown:
        names = ("arpa", "payback_months", "l1", "l2", "l3", "l4", "l5", "tests")
        found = dict.fromkeys(names, unknown["end"])
    if "expansion" in unknown:
        found.setdefault("l3", unknown["expansion"])
    if "new" in unknown:
        found["asp"] = unknown["new"]
    return found


def _check(check: Check, distrust: str) -> dict[str, Any]:
    rests_on_mrr = check.name != "yearly_churn"
    reason = distrust if distrust and rests_on_mrr else check.reason
    is_known = check.value is not None and not reason
    return {
        "test": check.name,
        "value": rate_number(check.value) if is_known and check.value is not None else None,
        "limit": rate_number(check.limit),
        "passed": check.passed if is_known else None,
        "reason": reason or None,
    }
