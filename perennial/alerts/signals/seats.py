"""Seats that get fewer: against 90 days ago, or by what is signed for the coming 90."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Case, F, IntegerField, Q, Sum, When

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import SEATS_DAYS, SEATS_FALL_RATE
from perennial.alerts.signals.facts import Facts
from perennial.contracts.models import OrderKind, ServiceTerm

Seats = tuple[int | None, int | None, int | None]  # before, now, after


def seats_falling(facts: Facts) -> list[Candidate] | None:
    """Downsells and smaller renewals; the end of all service is a renewal's matter, not this."""
    seats = _seats(facts.day)
    if not seats:
        return None
    found = []
    for pk, (before, now, after) in seats.items():
        for way, much, few in (("coming", now, after), ("fallen", before, now)):
            if not much or not few or not SEATS_FALL_RATE.holds(rate := (much - few) / much):
                continue
            found.append(
                Candidate(
                    pk,
                    Rule.SEATS_FALLING,
                    "seats",
                    round(min(rate, 1.0), 4),
                    facts.day - timedelta(days=0 if way == "coming" else SEATS_DAYS),
                    expected=float(much),
                    observed=float(few),
                    params={"way": way, "before": much, "now": few, "fall_rate": round(rate, 4)},
                    enters=SEATS_FALL_RATE.enters(rate),
                )
            )
    return found


def _seats(day: date) -> dict[int, Seats]:
    """Seats in service 90 days ago, now and in 90 days; a downsell's are taken away."""
    signed = Case(
        When(kind=OrderKind.DOWNSELL, then=-F("seats")),
        default=F("seats"),
        output_field=IntegerField(),
    )
    days = (day - timedelta(days=SEATS_DAYS), day, day + timedelta(days=SEATS_DAYS))
    sums = [
        Sum(signed, filter=Q(start_on__lte=on) & (Q(end_on__isnull=True) | Q(end_on__gt=on)))
        for on in days
    ]
    rows = ServiceTerm.objects.filter(
        Q(end_on__isnull=True) | Q(end_on__gt=days[0]), seats__isnull=False
    )
    summed = (
        rows.order_by().values("customer_id").annotate(before=sums[0], now=sums[1], after=sums[2])
    )
    found = summed.values_list("customer_id", "before", "now", "after")
    return {pk: (before, now, after) for pk, before, now, after in found}
