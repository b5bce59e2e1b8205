"""Survey answers through the gate, and the last word of each customer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from perennial.customers.models import Customer
from perennial.customers.queries import records_of
from perennial.surveys.models import Answer, SurveyKind
from perennial.team.models import User


def answers_of(user: User, customer: Customer) -> QuerySet[Answer]:
    """A customer's answers, newest first; none of a customer whom the user may not see."""
    return Answer.objects.filter(customer__in=records_of(user, customer)).order_by("-answered_at")


def latest_nps(
    *, before: datetime, customer_ids: Collection[int] | None = None
) -> dict[int, float]:
    """The newest NPS score (0–10) by customer id; a customer that never answered has none."""
    answers = Answer.objects.filter(kind=SurveyKind.NPS, answered_at__lt=before)
    if customer_ids is not None:
        answers = answers.filter(customer_id__in=customer_ids)
    oldest_first = answers.order_by("answered_at", "pk").values_list("customer_id", "score")
    return {customer_id: float(score) for customer_id, score in oldest_first}
