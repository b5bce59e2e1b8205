"""The card of a customer's tickets."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.tickets.queries import tickets_of
from perennial.web.panels import Panel

FEW = 5


def context(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """The newest tickets, open ones first; None without any."""
    del day
    tickets = tickets_of(user, customer)
    is_closed = ExpressionWrapper(Q(closed_at__isnull=False), output_field=BooleanField())
    shown = list(tickets.order_by(is_closed, "-opened_at")[:FEW])
    still_open = sum(ticket.closed_at is None for ticket in shown)
    if still_open == FEW:
        still_open = tickets.filter(closed_at__isnull=True).count()
    return {"tickets": shown, "open": still_open} if shown else None


TICKETS = Panel(_("Tickets"), "tickets/panel_tickets.html", context)
