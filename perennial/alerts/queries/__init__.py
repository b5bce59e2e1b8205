"""Alerts through the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from perennial.alerts.models import Alert, Rule
from perennial.customers.models import Customer
from perennial.customers.queries import records_of, visible_records
from perennial.team.models import User

LONG_SILENT_DAYS = 365


def visible_alerts(user: User) -> QuerySet[Alert]:
    """Alerts of the customers this user may see, and those about everyone; newest first."""
    return (
        Alert.objects.filter(Q(customer__in=visible_records(user)) | Q(customer__isnull=True))
        .select_related("customer__owner", "customer__merged_into__owner")
        .order_by("-raised_on", "-severity", "pk")
    )


def open_alerts(user: User) -> QuerySet[Alert]:
    return visible_alerts(user).filter(resolved_on__isnull=True)


def alert_for(user: User, pk: int) -> Alert:
    """One alert, or Http404: a foreign one does not exist for this user."""
    found = visible_alerts(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def of_customer(user: User, customer: Customer) -> QuerySet[Alert]:
    """A customer's alerts, open ones first; none of a customer whom the user may not see."""
    found = Alert.objects.filter(customer__in=records_of(user, customer))
    return found.order_by("resolved_on", "-raised_on")


def long_silent(user: User, *, on: date, days: int = LONG_SILENT_DAYS) -> QuerySet[Alert]:
    """Open alerts of customers without an event for `days` or longer: silent, not healthy."""
    return open_alerts(user).filter(rule=Rule.SILENT, since_on__lte=on - timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Cause:
    """An open alert as the queue needs it."""

    customer_id: int
    rule: str
    about: str
    kind: str
    severity: float
    since_on: date
    raised_on: date
    params: dict[str, Any]


def open_causes() -> Iterable[Cause]:
    """Every open alert about one customer; for jobs, not for edges."""
    rows = Alert.objects.filter(resolved_on__isnull=True, customer__isnull=False)
    return [
        Cause(
            row.customer_id,
            row.rule,
            row.about,
            row.kind,
            row.severity,
            row.since_on,
            row.raised_on,
            row.params,
        )
        for row in rows.order_by("pk")
        if row.customer_id is not None
    ]
