"""The card of what data cannot see, and of a score that somebody holds."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.health.models import CurrentHealth
from perennial.health.queries import judged_now
from perennial.health.queries.said import said_of
from perennial.health.rules import shown_points
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.web.panels import Panel


def context(user: User, customer: Customer, _day: date) -> dict[str, Any]:
    """As of now, not of the last computed day: what was just said must be seen."""
    today = business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    found = said_of(user, customer, today=today)
    health = CurrentHealth.objects.filter(customer=customer).first() if found.override else None
    computed = judged_now(health).computed if health else None
    return {
        "seen": found.seen,
        "override": found.override,
        "computed": None if computed is None else shown_points(computed),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


SAID = Panel(_("What data cannot see"), "health/panel_said.html", context)
