"""A customer's calls to action, as a card of the customer's page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import pgettext_lazy

from perennial.customers.models import Customer
from perennial.team.access import Page, can, sees_money
from perennial.team.models import User
from perennial.web.panels import Panel
from perennial.work import shown
from perennial.work.models import State
from perennial.work.queries import of_customer

CLOSED_SHOWN = 10


def items(user: User, customer: Customer, day: date) -> dict[str, Any]:
    """What is to be done, the weightiest first, and what was closed lately."""
    del day
    found = of_customer(user, customer).select_related(
        "customer", "customer__owner", "owner", "team", "closed_by"
    )
    waiting = found.exclude(state=State.DONE).order_by("due_on", "-rank_value", "pk")
    closed = found.filter(state=State.DONE).order_by("-closed_at", "-pk")
    return {
        "rows": shown.rows(waiting, user=user),
        "closed": shown.rows(closed[:CLOSED_SHOWN], user=user),
        "money": sees_money(user),
        "can_act": can(user, Page.EDIT_CUSTOMERS),
    }


ITEMS = Panel(pgettext_lazy("menu", "Actions"), "work/panel_items.html", items)
