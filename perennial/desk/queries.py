"""Reads of the desk: figures through the gate, and the day they stand for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from perennial.customers.queries import visible_customers
from perennial.desk.models import CustomerFigures
from perennial.team.models import InstallationFact, User
from perennial.units.moment import last_complete_day

AS_OF = "figures_as_of"


def visible_figures(user: User, *, of: Collection[int] | None = None) -> QuerySet[CustomerFigures]:
    """The figures of every customer this user may see, or of some of them: the desk's one gate.
    `day_change` is the score against the end of the day before."""
    seen = visible_customers(user)
    seen = seen if of is None else seen.filter(pk__in=of)  # the database need not list the others
    found = CustomerFigures.objects.filter(customer__in=seen)
    return found.annotate(day_change=F("score") - F("score_before"))


def as_of() -> date:
    """The day whose end all figures of the desk show; yesterday before the first run."""
    fact = InstallationFact.objects.filter(name=AS_OF).first()
    if fact is not None:
        return date.fromisoformat(fact.value)
    return last_complete_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
