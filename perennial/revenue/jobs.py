"""The day brings the MRR changes up to the ledger; a customer whose ledger did not change is
left alone, a killed run goes on where it stopped."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from perennial.contracts.queries import marks
from perennial.revenue.actions import rebuild
from perennial.revenue.models import RevenueMark
from perennial.units.progress import Progress, silent

CHUNK = 500  # customers in one transaction
RULES_VERSION = 1  # raise it when revenue/rules change: the day then redoes every customer


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:  # noqa: ARG001
    """Whatever the day, all changes follow from the ledger as it is known now."""
    currency: str = settings.PERENNIAL_CURRENCY
    now = {pk: f"{mark}-{RULES_VERSION}{currency}" for pk, mark in marks().items()}
    kept = dict(RevenueMark.objects.values_list("customer_id", "mark"))
    gone = sorted(kept.keys() - now.keys())
    for start in range(0, len(gone), CHUNK):
        rebuild({}, currency=currency, rates={}, gone=gone[start : start + CHUNK])
    stale = sorted(pk for pk, mark in now.items() if kept.get(pk) != mark)
    written = 0
    for start in range(0, len(stale), CHUNK):
        part = {pk: now[pk] for pk in stale[start : start + CHUNK]}
        written += rebuild(part, currency=currency, rates={})
        progress(min(start + CHUNK, len(stale)), len(stale))
    return {"customers": len(stale), "changes": written}
