"""The card of what events say about a customer: traits, each with its source."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.events.queries.claims import claims_of
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.web.panels import Panel

MOST = 12
MONEY = frozenset({"mrr", "arr", "revenue", "monthlySpend", "totalSpend"})  # amounts by their name


def context(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """The first traits by name; None without any. Amounts only for those who see amounts."""
    del day
    claims = [it for it in claims_of(user, customer) if sees_money(user) or it.name not in MONEY]
    if not claims:
        return None
    return {"claims": claims[:MOST], "more": max(len(claims) - MOST, 0)}


CLAIMS = Panel(_("What events say"), "events/panel_claims.html", context)
