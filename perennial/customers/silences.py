"""Collecting why a customer went silent."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from perennial.customers.audit import record_about
from perennial.customers.models import Customer, Silence
from perennial.team.models import User
from perennial.units.moment import business_day


@transaction.atomic
def say_why(
    customer: Customer,
    *,
    reason: str,
    note: str,
    silent_since_on: date | None,
    by: User | None,
    at: datetime,
) -> Silence:
    """Keep a reason beside the earlier ones."""
    said = Silence.objects.create(
        customer=customer,
        reason=reason,
        note=note,
        silent_since_on=silent_since_on,
        said_on=business_day(at, settings.PERENNIAL_TIME_ZONE),
        by=by,
        recorded_at=at,
    )
    detail = {"reason": reason, "evidence": note}
    record_about(customer, action="customer.silence_explained", detail=detail, by=by, at=at)
    return said
