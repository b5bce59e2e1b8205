"""The cards of a customer's page: its plans, and its touchpoints."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perennial.customers.models import Customer
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.web.panels import Panel
from perennial.work.plans.queries import near_touches, of_customer, plans_of, shared_plans
from perennial.work.plans.shown import shown, touchpoints_shown

PAST_DAYS, MOST = 120, 40


def plans(user: User, customer: Customer, _day: date) -> dict[str, Any]:
    """Every plan of the customer, those under way first."""
    rows = list(plans_of(user, customer))
    linked = shared_plans([it.pk for it in rows], at=timezone.now())
    today = _today()
    order = {"active": 0, "draft": 1}
    found = [shown(it, today=today, is_shared=it.pk in linked) for it in rows]
    return {
        "plans": sorted(found, key=lambda it: order.get(it.plan.state, 2)),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
        "today": today,
    }


def touchpoints(user: User, customer: Customer, _day: date) -> dict[str, Any]:
    """What is planned, what is late, and what was held lately."""
    today = _today()
    rows = of_customer(user, customer).filter(due_on__gte=today - timedelta(days=PAST_DAYS))
    found = list(rows[:MOST])
    near: dict[int, object] = dict(near_touches(found))
    return {
        "rows": touchpoints_shown(found, today=today, near=near),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
        "today": today,
    }


def _today() -> date:
    return business_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)


PLANS = Panel(_("Success plans"), "work/plans/panel_plans.html", plans)
TOUCHPOINTS = Panel(_("Touchpoints"), "work/plans/panel_touchpoints.html", touchpoints)
