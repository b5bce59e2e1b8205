"""The usage chart of a customer: days, what was to be expected, and what happened."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perennial.alerts.models import Alert, Rule
from perennial.alerts.queries import of_customer
from perennial.customers.models import Customer
from perennial.desk.rules import BASELINE_WEEKS, LAG_DAYS, usage_days
from perennial.events.queries import recent_events
from perennial.metrics.queries import daily_counts
from perennial.team.models import User
from perennial.web.charts.usage import Day, Marker, usage
from perennial.web.formats import number
from perennial.web.panels import Panel

SPANS = (30, 90, 365)
PAST_DAYS = LAG_DAYS + 7 * (BASELINE_WEEKS + 1)


def usage_context(
    user: User, customer: Customer, day: date, *, span: int = 90
) -> dict[str, Any] | None:
    """The chart of the `span` days up to `day`; an empty one says how to connect usage."""
    first_on = day - timedelta(days=span + PAST_DAYS - 1)
    found = daily_counts(
        from_on=first_on, to_on=day, customers=[customer.external_id], with_people=True
    )
    if not len(found.customers):
        return {"chart": None, "span": span, "spans": SPANS}
    people = [float(value) for value in found.people[0]]
    events = [float(value) for value in found.counts[0]]
    by_people = any(people)
    drops = list(of_customer(user, customer).filter(rule__in=(Rule.USAGE_DROP, Rule.SILENT)))
    began = [alert.since_on for alert in drops if alert.resolved_on is None]
    frozen = (min(began) - first_on).days if began else None
    known = usage_days(people if by_people else events, frozen_from=frozen)[-span:]
    shown = [
        Day(day - timedelta(days=span - 1 - at), it.count, it.average, it.low, it.high)
        for at, it in enumerate(known)
    ]
    title = (
        _("Active people per day, %(days)s days") if by_people else _("Uses per day, %(days)s days")
    ) % {"days": span}
    markers = [_marker(alert) for alert in drops]
    last = known[-1].average
    return {
        "chart": usage(shown, markers=markers, title=title, description=_said(known)),
        "table": shown[::-1],
        "subtitle": title,
        "latest": number(last, decimals=1) if last is not None else "",
        "span": span,
        "spans": SPANS,
        "total": sum(events[-span:]),
    }


def _marker(alert: Alert) -> Marker:
    title = _("Silent since") if alert.rule == Rule.SILENT else _("Drop began")
    return Marker(alert.since_on, title, tone="bad", until_on=alert.resolved_on)


def _said(days: list[Any]) -> str:
    """The chart in one sentence, for those who hear it."""
    last = days[-1]
    if last.average is None or last.low is None:
        return ""
    return _("Lately %(now)s a day on average; expected were %(low)s to %(high)s.") % {
        "now": number(last.average, decimals=1),
        "low": number(last.low, decimals=1),
        "high": number(last.high, decimals=1),
    }


USAGE = Panel(gettext_lazy("Usage"), "desk/panel_usage.html", usage_context)


def _events(user: User, customer: Customer, day: date) -> dict[str, Any]:
    del user, day
    return {"events": recent_events(customer.external_id, limit=50, before=None)}


EVENTS = Panel(gettext_lazy("Latest events"), "desk/panel_events.html", _events)
