"""Where the rows behind an effect are seen: a tab of the customer, a metric, a profile."""

from __future__ import annotations

from django.urls import reverse

from perennial.customers.models import Customer
from perennial.health.queries.scorecard import Told
from perennial.health.rules import Cause, Part
from perennial.health.rules.definition import METRIC_SOURCE

# Group or source → what follows the address of the customer.
_TABS = {
    "active_days": "?tab=usage",
    "volume_trend": "?tab=usage",
    "last_seen": "?tab=usage",
    "breadth": "?tab=usage",
    "seat_use": "?tab=usage",
    "people_trend": "?tab=people",
    "goals_met": "?tab=usage",
    "key_contact": "?tab=timeline&kind=touches",
    "any_touch": "?tab=timeline&kind=touches",
    "key_people_left": "?tab=people",
    "support_load": "#tickets",
    "open_tickets": "#tickets",
    "open_complaints": "#tickets",
    "nps": "#answers",
    "csat": "#answers",
    "overdue": "?tab=contracts",
    "due_in": "?tab=contracts",
    "seats_change": "?tab=contracts",
    "value_change": "?tab=contracts",
    "executive_use": "#said",
    "process_embedding": "#said",
    "sentiment": "#said",
    "value_perception": "#said",
}


def rows_of(part: Part, customer: Customer) -> str:
    """The address of what a measure was made from."""
    page = reverse("desk:customer", args=[customer.pk])
    if part.source.startswith(METRIC_SOURCE):
        metric = part.source.removeprefix(METRIC_SOURCE).split(";")[0]
        return f"{reverse('metrics:catalogue')}#{metric}"
    return page + _TABS.get(part.source, "")


def rows_behind(told: Told, customer: Customer, *, profile: str) -> str:
    """The address of what is behind an effect."""
    page = reverse("desk:customer", args=[customer.pk])
    if told.part is not None:
        return rows_of(told.part, customer)
    match told.effect.cause:
        case Cause.OVERRIDE:
            return f"{page}#said"
        case Cause.CHILD | Cause.HIERARCHY | Cause.MISSING:
            return f"{reverse('desk:customers')}?q={told.effect.of}" if told.effect.of else page
        case _:
            return reverse("health:profile", args=[profile]) if profile else page
