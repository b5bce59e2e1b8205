"""Invoices that were not paid when they fell due."""

from __future__ import annotations

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import OVERDUE_DAYS
from perennial.alerts.signals.facts import Facts
from perennial.contracts.models import Invoice
from perennial.contracts.queries import overdue_invoices


def invoices_overdue(facts: Facts) -> list[Candidate] | None:
    """Raised a week late; over when nothing is late any more."""
    if not Invoice.objects.exists():
        return None
    return [
        Candidate(
            pk,
            Rule.INVOICE_OVERDUE,
            "invoices",
            round(min(0.1 + late / 100, 1.0), 4),
            bill.oldest_due_on,
            observed=float(late),
            expected=0.0,
            params={
                "days": late,
                "count": bill.count,
                "amount": str(bill.amount),
                "currency": bill.currency,
            },
            enters=OVERDUE_DAYS.enters(late),
        )
        for pk, bill in overdue_invoices(None, facts.day).items()
        if OVERDUE_DAYS.holds(late := (facts.day - bill.oldest_due_on).days)
    ]
