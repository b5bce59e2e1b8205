"""What was told is claimed once."""

from __future__ import annotations

from datetime import datetime

from perennial.alerts.models import AlertChange


def claim_changes(at: datetime) -> list[AlertChange]:
    """Changes that nobody has told yet, oldest first; now they are ours.

    A row is ours if our update touched it: of two tellers one gets it. Inside the caller's
    transaction a crash gives them back.
    """
    waiting = AlertChange.objects.filter(told_at__isnull=True).order_by("pk")
    related = waiting.select_related("alert", "alert__customer", "alert__customer__owner")
    return [
        change
        for change in related
        if AlertChange.objects.filter(pk=change.pk, told_at__isnull=True).update(told_at=at)
    ]
