"""What people say: a score of their own for a while, and what data cannot see."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from perennial.customers.audit import record_about
from perennial.customers.models import Customer, Person
from perennial.health.models import Opinion, Override, Said
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.sentence import sentence

LONGEST_OVERRIDE_DAYS = 90
HIGHEST_SCORE, HIGHEST_OPINION = 100, 10


@transaction.atomic
def set_override(
    customer: Customer, *, score: int, reason: str, until_on: date, by: User | None, at: datetime
) -> Override:
    """Hold a score of one's own until a day, at most 90 days; it replaces the one that holds.

    The computed score keeps running beneath. Raises InputRefused, by field.
    """
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    if not 0 <= score <= HIGHEST_SCORE:
        raise InputRefused(sentence("A score is from 0 to 100."), column="score")
    if not reason.strip():
        raise InputRefused(sentence("An override needs a reason."), column="reason")
    if not today <= until_on <= today + timedelta(days=LONGEST_OVERRIDE_DAYS):
        raise InputRefused(
            sentence("It holds from today on, at most {days} days."),
            column="until_on",
            params={"days": str(LONGEST_OVERRIDE_DAYS)},
        )
    _holding(customer, today).update(withdrawn_at=at)
    made = Override.objects.create(
        customer=customer,
        score=score,
        reason=reason.strip()[:500],
        from_on=today,
        until_on=until_on,
        by=by,
        recorded_at=at,
    )
    detail = {"score": score, "reason": made.reason, "until_on": until_on.isoformat()}
    record_about(customer, action="health.overridden", detail=detail, by=by, at=at)
    return made


@transaction.atomic
def withdraw_override(customer: Customer, *, by: User | None, at: datetime) -> None:
    """End the override that holds. Raises InputRefused when none does."""
    held = _holding(customer, business_day(at, settings.PERENNIAL_TIME_ZONE))
    newest = held.order_by("-recorded_at").first()
    if newest is None:
        raise InputRefused(sentence("No override holds for this customer."), code="no_override")
    held.update(withdrawn_at=at)
    record_about(
        customer, action="health.override_withdrawn", detail={"score": newest.score}, by=by, at=at
    )


@transaction.atomic
def say(
    customer: Customer,
    *,
    measure: Said,
    value: Decimal,
    evidence: str,
    person: Person | None = None,
    by: User | None,
    at: datetime,
) -> Opinion:
    """Write down what somebody of ours sees, 0–10. Append-only: a later one takes its place.

    Value perception is of one of the customer's people. Raises InputRefused, by field.
    """
    if not 0 <= value <= HIGHEST_OPINION:
        raise InputRefused(sentence("This is from 0 to 10."), column="value")
    if (measure is Said.VALUE_PERCEPTION) != (person is not None):
        raise InputRefused(sentence("Value perception is of one person."), column="person")
    if person is not None and person.customer.pk != customer.pk:
        raise InputRefused(sentence("This person belongs to another customer."), column="person")
    made = Opinion.objects.create(
        customer=customer,
        measure=measure,
        person=person,
        value=value,
        evidence=evidence.strip(),
        said_on=business_day(at, settings.PERENNIAL_TIME_ZONE),
        by=by,
        recorded_at=at,
    )
    detail: dict[str, object] = {
        "measure": str(measure),
        "value": str(value),
        "evidence": made.evidence[:200],
    }
    record_about(customer, action="health.said", detail=detail, by=by, at=at)
    return made


def _holding(customer: Customer, today: date) -> QuerySet[Override]:
    return Override.objects.filter(
        customer=customer, until_on__gte=today, withdrawn_at__isnull=True
    )
