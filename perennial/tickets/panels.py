"""The card of a customer's tickets."""

from __future__ import annotations

from datetime import date
from typing import Any

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
    still_open = tickets.filter(closed_at__isnull=True)
    shown = [*still_open[:FEW], *tickets.filter(closed_at__isnull=False)[:FEW]][:FEW]
    return {"tickets": shown, "open": still_open.count()} if shown else None


TICKETS = Panel(_("Tickets"), "tickets/panel_tickets.html", context)
