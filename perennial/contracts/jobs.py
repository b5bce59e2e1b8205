"""The day keeps the terms of the customers whose ledger changed since the last run."""

from __future__ import annotations

from datetime import date

from perennial.contracts.actions import keep_terms
from perennial.contracts.queries import entitlements, kept_marks, marks
from perennial.customers.people.standards.actions import keep_products
from perennial.units.progress import Progress, silent

CHUNK = 500  # customers in one transaction; a killed run goes on after the last one


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Bring the kept terms up to the ledger as it is known now, whatever the day."""
    now, kept = marks(), kept_marks()
    stale = sorted(pk for pk, mark in now.items() if kept.get(pk) != mark)
    gone = sorted(kept.keys() - now.keys())
    for start in range(0, len(gone), CHUNK):
        keep_terms({}, gone=gone[start : start + CHUNK])
    terms = 0
    for start in range(0, len(stale), CHUNK):
        terms += keep_terms({pk: now[pk] for pk in stale[start : start + CHUNK]})
        progress(min(start + CHUNK, len(stale)), len(stale))
    keep_products({pk: it.products for pk, it in entitlements(None, day).items()})
    return {"customers": len(stale), "terms": terms}
