"""Tickets through the gate, and how many are open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from perennial.customers.models import Customer
from perennial.customers.queries import records_of
from perennial.team.models import User
from perennial.tickets.models import Ticket


def tickets_of(user: User, customer: Customer) -> QuerySet[Ticket]:
    """A customer's tickets, newest first; none of a customer whom the user may not see."""
    return Ticket.objects.filter(customer__in=records_of(user, customer)).order_by("-opened_at")


def open_counts(*, at: datetime, customer_ids: Collection[int] | None = None) -> dict[int, int]:
    """Tickets open at a moment by customer id; a customer without any has no entry."""
    still_open = Ticket.objects.filter(opened_at__lt=at).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gte=at)
    )
    if customer_ids is not None:
        still_open = still_open.filter(customer_id__in=customer_ids)
    counted = still_open.order_by().values_list("customer_id").annotate(n=Count("id"))
    return dict(counted)
