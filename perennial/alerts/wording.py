"""Alerts in words: why it was raised, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from perennial.alerts.models import Alert, Kind, Rule
from perennial.health.wording import filled
from perennial.web import formats

METRICS: dict[str, Promise] = {
    "event_count": gettext_lazy("Uses"),
    "people": gettext_lazy("People"),
    "nps": gettext_lazy("NPS"),
    "invoices": gettext_lazy("Invoices"),
    "touches": gettext_lazy("Contacts"),
}
DROPS: dict[str, Promise] = {
    Kind.SUDDEN: gettext_lazy(
        "%(observed)s uses in the last %(days)s days, about %(expected)s expected:"
        " down %(drop_rate)s"
    ),
    Kind.SLOW: gettext_lazy(
        "%(observed)s uses in the last %(days)s days, about %(expected)s expected:"
        " low for weeks, down %(drop_rate)s"
    ),
    Kind.STOP: gettext_lazy(
        "no use for %(days)s days, longer than ever before; about %(expected)s expected"
    ),
    Kind.FADE: gettext_lazy(
        "%(observed)s uses in %(days)s days, about %(expected)s in the months before:"
        " fading, down %(drop_rate)s"
    ),
    Kind.EVERYONE: gettext_lazy(
        "All customers: %(observed)s uses in %(days)s days, about %(expected)s expected, down"
        " %(drop_rate)s. A holiday, an outage, or the event feed?"
    ),
}


def sentence(alert: Alert, *, money: bool) -> str:
    """Why this alert stands; with amounts only where the reader sees money."""
    return told(alert.rule, kind=alert.kind, params=alert.params, money=money)


def told(rule: str, *, kind: str, params: Mapping[str, Any], money: bool) -> str:
    """The sentence of a rule with its numbers."""
    match rule:
        case Rule.USAGE_DROP:
            return filled(str(DROPS[Kind(kind)]), params)
        case Rule.SILENT:
            return filled(_("no use for %(days)s days, the last on %(last_on)s"), params)
        case Rule.CONTACT_LEFT:
            text = _("%(name)s (grade %(grade)s, %(role)s) left on %(left_on)s")
            if not params.get("role"):
                text = _("%(name)s (grade %(grade)s) left on %(left_on)s")
            return filled(text, params)
        case Rule.DETRACTOR:
            text = _("NPS answer %(score)s: “%(comment)s”")
            return filled(text if params.get("comment") else _("NPS answer %(score)s"), params)
        case Rule.INVOICE_OVERDUE:
            if not money:
                text = ngettext(
                    "%(count)s invoice overdue, the oldest by %(days)s days",
                    "%(count)s invoices overdue, the oldest by %(days)s days",
                    int(params["count"]),
                )
                return filled(text, params)
            amount = formats.money(Decimal(str(params["amount"])), str(params["currency"]))
            text = ngettext(
                "%(count)s invoice overdue, the oldest by %(days)s days: %(amount)s",
                "%(count)s invoices overdue, the oldest by %(days)s days: %(amount)s",
                int(params["count"]),
            )
            return filled(text, {**params, "amount": amount})
        case Rule.RENEWAL_UNTOUCHED:
            if params.get("days") is None:
                return filled(_("renewal in %(ahead)s days, no contact on record"), params)
            return filled(_("renewal in %(ahead)s days, last contact %(days)s days ago"), params)
    raise ValueError(rule)


def since(alert: Alert, *, today: date) -> str:
    """How long the cause has lasted, relative to the day shown."""
    return formats.relative(alert.since_on, today=today)


def evidence(alert: Alert) -> str:
    """How sure we are, in one sentence; empty for plain facts."""
    if alert.probability is None:
        return ""
    if alert.probability < 0.0001:
        return _("by chance less than once in 10,000 such weeks")
    once_in = round(1 / max(alert.probability, 1e-9))
    return filled(_("by chance about once in %(once_in)s such weeks"), {"once_in": once_in})
