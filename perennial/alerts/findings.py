"""What one day finds wrong beside usage, from the facts of all customers at once."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Max

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.contracts.queries import overdue_invoices
from perennial.customers.models import Person, Touch
from perennial.health.inputs import Served
from perennial.health.scorecard import PRE_RENEWAL_DAYS
from perennial.surveys.models import Answer, SurveyKind
from perennial.units.moment import day_end, day_start

CONTACT_LEFT_DAYS = 30
DETRACTOR_DAYS, DETRACTOR_SCORE = 30, 6
OVERDUE_DAYS = 7  # a week late is a matter of post, not of risk
UNTOUCHED_DAYS = 45
CONTACT_SEVERITY = {"S": 0.8, "A": 0.6}


def signals(customers: list[Served], *, day: date) -> list[Candidate]:
    """The simple ones: each is a fact with a date, no statistics."""
    served = {customer.pk for customer in customers}
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    found = [
        *_contacts_left(day),
        *_detractors(day, end=end),
        *_overdue(served, day),
        *_untouched(customers, day, end=end),
    ]
    worst: dict[tuple[int | None, Rule], Candidate] = {}
    for it in found:
        if it.customer_id in served:
            key = (it.customer_id, it.rule)
            worst[key] = max(worst.get(key, it), it, key=lambda one: one.severity)
    return list(worst.values())


def _contacts_left(day: date) -> list[Candidate]:
    left = Person.objects.filter(
        grade__in=CONTACT_SEVERITY,
        to_on__gt=day - timedelta(days=CONTACT_LEFT_DAYS),
        to_on__lte=day,
    )
    return [
        Candidate(
            person.customer_id,
            Rule.CONTACT_LEFT,
            "people",
            CONTACT_SEVERITY[person.grade],
            person.to_on or day,
            params={
                "name": person.name,
                "role": person.role,
                "grade": person.grade,
                "left_on": (person.to_on or day).isoformat(),
            },
        )
        for person in left.order_by("pk")
    ]


def _detractors(day: date, *, end: datetime) -> list[Candidate]:
    """People whose newest NPS answer is 0–6; a later good answer takes it back."""
    start = day_start(day - timedelta(days=DETRACTOR_DAYS - 1), settings.PERENNIAL_TIME_ZONE)
    answers = Answer.objects.filter(
        kind=SurveyKind.NPS, answered_at__gte=start, answered_at__lt=end
    )
    newest = {
        (answer.customer_id, answer.person_id_text or answer.external_id): answer
        for answer in answers.order_by("answered_at", "pk")
    }
    return [
        Candidate(
            answer.customer_id,
            Rule.DETRACTOR,
            "nps",
            round(0.4 + 0.5 * (1 - float(answer.score) / DETRACTOR_SCORE), 4),
            answer.answered_at.astimezone(settings.PERENNIAL_TIME_ZONE).date(),
            observed=float(answer.score),
            params={"score": float(answer.score), "comment": answer.comment[:200]},
        )
        for answer in newest.values()
        if answer.score <= DETRACTOR_SCORE
    ]


def _overdue(served: set[int], day: date) -> list[Candidate]:
    return [
        Candidate(
            pk,
            Rule.INVOICE_OVERDUE,
            "invoices",
            round(min(0.1 + late / 100, 1.0), 4),
            bill.oldest_due_on,
            observed=float(late),
            params={
                "days": late,
                "count": bill.count,
                "amount": str(bill.amount),
                "currency": bill.currency,
            },
        )
        for pk, bill in overdue_invoices(served, day).items()
        if (late := (day - bill.oldest_due_on).days) >= OVERDUE_DAYS
    ]


def _untouched(customers: list[Served], day: date, *, end: datetime) -> list[Candidate]:
    """A renewal within 90 days, and nobody has spoken with them for weeks."""
    touches = Touch.objects.filter(happened_at__lt=end).order_by()
    last = dict(touches.values_list("customer_id").annotate(Max("happened_at")))
    if not last:
        return []
    found = []
    for customer in customers:
        due, at = customer.open_due, last.get(customer.pk)
        if due is None:
            continue
        ahead = (due.due_on - day).days
        quiet = (day - at.astimezone(settings.PERENNIAL_TIME_ZONE).date()).days if at else None
        if not 0 <= ahead <= PRE_RENEWAL_DAYS:
            continue
        if quiet is None or quiet > UNTOUCHED_DAYS:
            params = {"days": quiet, "ahead": ahead, "due_on": due.due_on.isoformat()}
            found.append(
                Candidate(customer.pk, Rule.RENEWAL_UNTOUCHED, "touches", 0.5, day, params=params)
            )
    return found
