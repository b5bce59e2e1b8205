"""Whose customers somebody may be told of: the gate that the postman asks (NOTIFY_REACH)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from perennial.customers.models import Customer
from perennial.customers.queries import visible_records, with_absorbed
from perennial.team.models import User


def customers_of(user: User) -> QuerySet[Customer]:
    """Customers this user may hear of; what was told of one that was merged stays readable."""
    return visible_records(user)


def customers_of_team(team_id: int | None) -> QuerySet[Customer]:
    """Customers that a team's channel may name; None: a channel of everybody's."""
    alive = Customer.objects.filter(merged_into__isnull=True)
    if team_id is not None:
        alive = alive.filter(Q(owner__team=team_id) | Q(team=team_id))
    return with_absorbed(alive)
