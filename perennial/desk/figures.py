"""What the slices below know about every customer on one day, as one row each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min

from perennial.alerts.models import Alert
from perennial.contracts.models import OrderLine
from perennial.contracts.queries import Due, entitlements, next_due
from perennial.customers.models import Customer, Touch
from perennial.desk.models import CustomerFigures
from perennial.desk.together import together
from perennial.health.models import CurrentHealth
from perennial.metrics.queries import UsageRow, customer_metrics, weekly_counts
from perennial.metrics.queries.own import activity_rule
from perennial.metrics.rules.states import ActivityRule, is_silent
from perennial.revenue.queries import contracted_mrr_on
from perennial.revenue.queries.exchange import exchange
from perennial.surveys.queries import latest_nps
from perennial.tickets.queries import open_counts
from perennial.units.moment import day_end
from perennial.units.money import round_half_up
from perennial.work.models import WorkItem

TREND_WEEKS = 12


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything by customer id (usage: by external id), read once for all customers."""

    day: date
    mrr: dict[int, Fraction | None]  # None: an amount is not known
    first_order_on: dict[int, date]
    seats: dict[int, int]
    due: dict[int, Due]
    usage: dict[str, UsageRow]
    trend: dict[str, list[float]]
    health: dict[int, CurrentHealth]
    nps: dict[int, float]
    tickets: dict[int, int]
    alerts: dict[int, int]
    at_risk: dict[int, Decimal]
    touched_on: dict[int, date]
    activity: ActivityRule


def gather(day: date) -> Sources:
    """Read the slices below: about a dozen queries, whatever the number of customers."""
    end = day_end(day, settings.PERENNIAL_TIME_ZONE)
    zone = settings.PERENNIAL_TIME_ZONE
    touches = Touch.objects.filter(happened_at__lt=end).order_by().values_list("customer_id")
    alerts = Alert.objects.filter(resolved_on__isnull=True, customer__isnull=False)
    items = WorkItem.objects.filter(state__in=("open", "snoozed")).order_by()
    orders = OrderLine.objects.filter(void=False).order_by().values_list("customer_id")
    found = Sources(
        day=day,
        mrr=contracted_mrr_on(None, day),
        first_order_on=dict(orders.annotate(first=Min("start_on"))),
        seats=_seats(day),
        due=exchange(day).dues(next_due(None, day)),
        usage=customer_metrics(as_of=day),
        trend=weekly_counts(day, weeks=TREND_WEEKS),
        health={row.customer_id: row for row in CurrentHealth.objects.defer("parts")},
        nps=latest_nps(before=end),
        tickets=open_counts(at=end),
        alerts=dict(alerts.order_by().values_list("customer_id").annotate(n=Count("pk"))),
        at_risk=dict(items.values_list("customer_id").annotate(most=Max("money_at_risk"))),
        touched_on={
            pk: at.astimezone(zone).date() for pk, at in touches.annotate(last=Max("happened_at"))
        },
        activity=activity_rule(),
    )
    return together(found)


def _seats(day: date) -> dict[int, int]:
    """Seats bought by customer; only of those whose lines name any."""
    return {
        customer_id: service.seats
        for customer_id, service in entitlements(None, day).items()
        if service.seats is not None
    }


def row_for(customer: Customer, sources: Sources) -> dict[str, Any]:
    """The figures of one customer as column values, without `customer` and `score_before`."""
    pk, usage = customer.pk, sources.usage.get(customer.external_id)
    return {
        **_money(pk, sources),
        "stage": customer.stage,
        **_usage(usage, sources.seats.get(pk)),
        **_health(sources.health.get(pk)),
        "trend": [round(week, 1) for week in sources.trend.get(customer.external_id, [])],
        "nps": sources.nps.get(pk),
        "open_tickets": sources.tickets.get(pk, 0),
        "open_alerts": sources.alerts.get(pk, 0),
        "last_touch_on": sources.touched_on.get(pk),
        "is_silent": usage is not None
        and is_silent(usage.last_seen_on, on=sources.day, rule=sources.activity),
        "money_at_risk": sources.at_risk.get(pk),
    }


def _money(pk: int, sources: Sources) -> dict[str, Any]:
    due = sources.due.get(pk)
    mrr = sources.mrr.get(pk, Fraction(0)) if pk in sources.first_order_on else None
    return {
        "mrr": None if mrr is None else round_half_up(mrr),
        "arr": None if mrr is None else round_half_up(mrr * 12),
        "renewal_on": due.due_on if due else None,
        "renewal_amount": due.amount if due else None,
        "is_renewed": bool(due and due.renewed),
    }


def _usage(usage: UsageRow | None, seats: int | None) -> dict[str, Any]:
    # Events that name nobody say nothing about people: unknown, not zero.
    used = usage.active_people_28d if usage and usage.people_known else None
    trend = usage.usage_trend_rate if usage else None
    return {
        "usage_trend_rate": None if trend is None else round(float(trend), 6),
        "seats_used": used,
        "seats_bought": seats,
        "seat_rate": round(used / seats, 6) if used is not None and seats else None,
        "last_seen_on": usage.last_seen_on if usage else None,
    }


def _health(health: CurrentHealth | None) -> dict[str, Any]:
    score = health.score if health else None
    past = health.score_30d_ago if health else None
    return {
        "score": None if score is None else round(float(score), 4),
        "band": health.band if health else "",
        "coverage_rate": health.coverage_rate if health else None,
        "score_change": (
            round(float(score) - float(past), 4) if score is not None and past is not None else None
        ),
    }


COLUMNS = tuple(
    field.attname for field in CustomerFigures._meta.concrete_fields if not field.primary_key
)
