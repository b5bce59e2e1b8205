"""The document of the renewal rates (续约率, 续费率): raw and adjusted side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from perennial.revenue.documents.figures import Document, Figures
from perennial.revenue.documents.settings import Basis
from perennial.revenue.rules.due_items import DueItem
from perennial.revenue.rules.renewal import RenewalRates, RenewalReport

RATES = ("logo_renewal_rate", "amount_renewal_rate", "amount_renewal_rate_with_upsell")
BOUNDS = ("logo_low", "logo_high", "amount_low", "amount_high")


def renewals_document(basis: Basis, report: RenewalReport, *, names: Mapping[int, str]) -> Document:
    """`names`: the customers' external ids, in whose order the items stand."""

    def place(item: DueItem) -> tuple[str, date]:
        return names[item.customer_id], item.due_on

    excluded = [_excluded(item, names) for item in sorted(report.excluded, key=place)]
    return {
        "settings": basis.document(),
        **_rates(report.raw, basis),
        "adjusted": {**_rates(report.adjusted, basis), "excluded": excluded},
        "items": [_item(item, basis, names) for item in sorted(report.items, key=place)],
    }


def _rates(rates: RenewalRates, basis: Basis) -> Document:
    figures = Figures(exact=basis.exact)
    figures.count("due_customers", rates.due_customers)
    figures.amount("due_amount", rates.due_amount, rates.unknown)
    figures.count("renewed_customers", rates.renewed_customers)
    figures.count("open_customers", rates.open_customers)
    for name in RATES:
        value = getattr(rates, name)
        figures.rate(name, value, rates.reason(value))
    bounds = Figures()
    for name in BOUNDS:
        value = getattr(rates.bounds, name)
        bounds.rate(name, value, rates.reason(value, of_all=True))
    figures.text("bounds", bounds.values)
    figures.reasons |= {f"bounds.{name}": why for name, why in bounds.reasons.items()}
    return figures.document()


def _item(item: DueItem, basis: Basis, names: Mapping[int, str]) -> Document:
    figures = Figures(exact=basis.exact)
    figures.text("customer_id", names[item.customer_id])
    figures.text("due_on", item.due_on.isoformat())
    figures.amount("due_amount", item.due_amount, item.unknown)
    figures.amount("renewed_amount", item.renewed_amount, item.unknown)
    figures.text("status", item.status.value)
    figures.text("order_ids", list(item.order_ids))
    figures.text("renewed_by", list(item.renewed_by))
    return figures.document()


def _excluded(item: DueItem, names: Mapping[int, str]) -> dict[str, Any]:
    why = item.exclusion
    assert why is not None
    return {
        "customer_id": names[item.customer_id],
        "due_on": item.due_on.isoformat(),
        "order_id": why.order_id,
        "reason": why.reason,
        "evidence": why.evidence,
        "approved_by": why.approved_by,
    }
