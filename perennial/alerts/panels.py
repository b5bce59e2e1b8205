"""The alerts of a customer on its page: what fired, how sure we are, how it ended."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from perennial.alerts.models import Alert
from perennial.alerts.queries import of_customer
from perennial.alerts.wording import evidence, sentence, title
from perennial.customers.models import Customer
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.web.panels import Panel

SHOWN = 12
TONES = ((0.6, "bad"), (0.0, "warn"))


def row(alert: Alert, *, money: bool) -> dict[str, Any]:
    """One alert as list and panel show it; no amount for those who see no money."""
    return {
        "alert": alert,
        "title": title(alert),
        "why": sentence(alert, money=money),
        "evidence": evidence(alert),
        "tone": ""
        if alert.resolved_on
        else next(tone for least, tone in TONES if alert.severity >= least),
    }


def context(user: User, customer: Customer, _day: date) -> dict[str, Any] | None:
    """Open alerts first (they feed the 'why now' banner), then how earlier ones ended."""
    found = of_customer(user, customer).order_by("-raised_on", "-pk")
    rows = [row(alert, money=sees_money(user)) for alert in found]
    if not rows:
        return None
    is_open = [it for it in rows if it["alert"].resolved_on is None]
    closed = [it for it in rows if it["alert"].resolved_on is not None]
    return {"open": is_open, "rows": [*is_open, *closed][:SHOWN]}


ALERTS = Panel(_("Alerts"), "alerts/panel_alerts.html", context)
