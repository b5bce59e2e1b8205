"""The talk about a customer as a whole, as a card of the customer's page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.conversation.queries import conversation
from perennial.customers.models import About, Customer
from perennial.team.models import User
from perennial.web.panels import Panel


def talk(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del day
    return {"talk": conversation(user, customer, About.CUSTOMER, customer.pk)}


TALK = Panel(_("Conversation"), "customers/conversation.html", talk)
