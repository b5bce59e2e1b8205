"""Somebody's own score for a customer, while it holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db.models import Q

from perennial.health.models import Override
from perennial.units.moment import day_end


def overrides_on(
    day: date, *, customers: Collection[int] | None = None, known_on: date | None = None
) -> dict[int, Override]:
    """The override that holds at the end of `day`, by customer id; None: of all customers.

    With `known_on`, as it was recorded by the end of that day.
    """
    end = day_end(min(day, known_on or day), settings.PERENNIAL_TIME_ZONE)
    rows = Override.objects.filter(from_on__lte=day, until_on__gte=day, recorded_at__lt=end)
    rows = rows.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gte=end)).select_related("by")
    if customers is not None:
        rows = rows.filter(customer__in=customers)
    return {it.customer_id: it for it in rows.order_by("recorded_at", "pk")}
