"""The last step of the day: the rows that the screens show, written where they changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from perennial.customers.models import Customer
from perennial.desk.figures import COLUMNS, gather, row_for
from perennial.desk.freshness import remember_feeds
from perennial.desk.models import CustomerFigures
from perennial.desk.queries import AS_OF
from perennial.desk.segments import filling as segments
from perennial.team.models import InstallationFact
from perennial.units.progress import Progress, silent

BATCH = 500


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Rebuild the figures as of the end of `day`; run twice, the second changes nothing.

    An older day than the newest changes nothing either: health, alerts and the queue stay at the
    newest, and a page must not mix two days."""
    fact = InstallationFact.objects.filter(name=AS_OF).first()
    if fact and fact.value > day.isoformat():
        return {"customers": 0, "written": 0}
    sources = gather(day)
    previous = _previous(day)
    known = {row[0]: row[1:] for row in CustomerFigures.objects.values_list("pk", *COLUMNS)}
    changed: list[CustomerFigures] = []
    customers = Customer.objects.only("external_id", "stage")
    for done, customer in enumerate(customers.iterator(BATCH), start=1):
        row = row_for(customer, sources)
        row["score_before"] = previous.get(customer.pk)
        if known.get(customer.pk) != tuple(row[name] for name in COLUMNS):
            changed.append(CustomerFigures(customer_id=customer.pk, **row))
        progress(done)
    _write(changed, day)
    counts = {"customers": len(known.keys() | {row.pk for row in changed}), "written": len(changed)}
    return counts | segments.fill(day)


def _previous(day: date) -> dict[int, Any]:
    """The scores of the day before: today's rows become yesterday's when a day has passed."""
    fact = InstallationFact.objects.filter(name=AS_OF).first()
    column = "score" if fact and fact.value < day.isoformat() else "score_before"
    return dict(CustomerFigures.objects.values_list("pk", column))


def _write(changed: list[CustomerFigures], day: date) -> None:
    with transaction.atomic():
        CustomerFigures.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["customer"],
            update_fields=list(COLUMNS),
        )
        InstallationFact.objects.update_or_create(name=AS_OF, defaults={"value": day.isoformat()})
        remember_feeds(day)
