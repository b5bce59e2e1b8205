"""One alert: what was found against what was expected, how it lives, and who works on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from perennial.alerts.models import Alert, Evidence, Rule
from perennial.alerts.own_history import own_rate
from perennial.alerts.wording import METRICS, sentence, told
from perennial.customers.queries import at_customer
from perennial.desk.today import Line, line
from perennial.desk.usage import usage_context
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.web.charts.usage import Day, Marker, usage
from perennial.web.formats import number
from perennial.work.models import State, WorkItem
from perennial.work.queries import visible_items
from perennial.work.reasons import REASONS

USAGE = frozenset({Rule.USAGE_DROP, Rule.SILENT, Rule.RENEWAL_INACTIVE})
LONGEST_DAYS, SHOWN = 180, 60


@dataclass(frozen=True, slots=True)
class Seen:
    """One day's evidence as a row of the table."""

    day: date
    why: str
    expected: float | None
    observed: float | None
    probability: float | None


def picture(user: User, alert: Alert, *, on: date) -> dict[str, Any]:
    """The metric with what was to be expected: usage by day, or what the evidence showed."""
    if alert.customer is not None and alert.rule in USAGE:
        span = min(max((on - alert.since_on).days + 60, 90), LONGEST_DAYS)
        found = usage_context(user, alert.customer, on, span=span) or {}
        return {"chart": found.get("chart"), "of_usage": True, "label": found.get("subtitle", "")}
    series = list(alert.evidence.order_by("day"))[-LONGEST_DAYS:]
    measured = [it for it in series if it.observed is not None]
    if len(measured) < 2:
        return {"chart": None, "label": ""}
    title = str(METRICS.get(alert.metric, alert.metric))
    marks = [Marker(alert.raised_on, _("Raised"), until_on=alert.resolved_on)]
    if alert.resolved_on:
        marks.append(Marker(alert.resolved_on, _("Resolved"), tone="good"))
    shown = _days(measured)
    return {"chart": usage(shown, markers=marks, title=title), "label": title}


def _days(series: Sequence[Evidence]) -> list[Day]:
    """Every day of the stretch; what was not seen on a day is a gap."""
    by_day = {it.day: it for it in series}
    first, last = series[0].day, series[-1].day
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        Day(
            on,
            it.observed if it else None,
            None,
            0.0 if it and it.expected is not None else None,
            it.expected if it else None,
        )
        for on in days
        for it in [by_day.get(on)]
    ]


def rows(user: User, alert: Alert) -> list[Seen]:
    """The evidence, newest first."""
    money = sees_money(user)
    return [
        Seen(
            it.day,
            told(alert.rule, kind=it.kind, params=it.params, money=money),
            it.expected,
            it.observed,
            it.probability,
        )
        for it in alert.evidence.order_by("-day")[:SHOWN]
    ]


def how_sure(alert: Alert) -> str:
    """How often this detector is wrong, by this company's own past; empty for plain facts."""
    if alert.rule != Rule.USAGE_DROP:
        return ""
    rate = own_rate(alert.kind)
    if rate.alerts_per_year is None or rate.recovered_per_year is None:
        return _("How often this detector is wrong here is not known: %(reason)s.") % {
            "reason": rate.reason
        }
    return _(
        "On your own past (%(years)s customer-years): %(alerts)s such alerts per customer and"
        " year, of which %(recovered)s were over by themselves within four weeks, as false alarms"
        " are."
    ) % {
        "years": number(rate.customer_years),
        "alerts": number(rate.alerts_per_year, decimals=2),
        "recovered": number(rate.recovered_per_year, decimals=2),
    }


def work_of(user: User, alert: Alert) -> tuple[WorkItem, Line] | None:
    """The item of this alert: the active one, else the one closed last."""
    if alert.customer is None:
        return None
    reason = REASONS[Rule(alert.rule)]
    items = visible_items(user).filter(at_customer(alert.customer.pk))
    items = items.filter(reason=reason, about=alert.about)
    found = items.exclude(state=State.DONE).first() or items.order_by("-closed_at").first()
    return (found, line(found, money=sees_money(user))) if found else None


def why(user: User, alert: Alert) -> str:
    return sentence(alert, money=sees_money(user))
