"""Cards of a customer's page: the journey, the way in, handovers, deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.contracts.models import OrderLine
from perennial.customers.models import Classification, ClassKind, Customer, Stage
from perennial.customers.queries import at_customer, visible_customer
from perennial.health.classes.panels import gates_of
from perennial.team.access import Page, can
from perennial.team.models import User
from perennial.web.panels import Panel
from perennial.work.onboarding import shown
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.queries.deliveries import deliveries
from perennial.work.onboarding.queries.reach import (
    visible_handovers,
    visible_onboardings,
    visible_projects,
)
from perennial.work.onboarding.queries.ways_in import rows
from perennial.work.onboarding.rules.definition import Carried
from perennial.work.onboarding.wording import stage_title, told, touchpoints
from perennial.work.plans.definitions import rules_in_force

MOST = 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in a stage; `until_on` None: it lasts."""

    stage: str
    title: str
    from_on: date
    until_on: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the strip: days in it all in all; None: never been there."""

    title: str
    days: int | None
    is_now: bool


def stretches(customer: Customer, day: date) -> list[Stretch]:
    """The stages so far, the newest first; neighbours that say the same are one. The journey
    begins with the first day of service, whatever was said before."""
    lines = OrderLine.objects.filter(at_customer(customer.pk), void=False)
    opened_on = lines.aggregate(first=Min("start_on"))["first"] or customer.created_on
    found: list[Stretch] = []
    held = Classification.objects.filter(customer=customer, kind=ClassKind.STAGE).exclude(value="")
    for row in held.order_by("from_on", "pk"):
        if row.until_on is not None and row.until_on <= row.from_on:
            continue
        from_on = max(row.from_on, opened_on or row.from_on)
        if row.until_on is not None and row.until_on <= from_on:
            continue
        if found and found[-1].stage == row.value and found[-1].until_on == row.from_on:
            from_on = found.pop().from_on
        until = row.until_on
        if from_on > day:
            continue
        days = max(((until or day) - from_on).days, 0)
        found.append(Stretch(row.value, stage_title(row.value), from_on, until, days))
    return found[::-1]


def journey(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """Where it stands, since when, the two gates, what the stage carries for its tier."""
    if not visible_customer(user, customer).exists():
        return None
    past = stretches(customer, day)
    been: dict[str, int] = {}
    for it in past:
        been[it.stage] = been.get(it.stage, 0) + it.days
    carried = in_force().carried(customer.stage, customer.tier)
    now = next((it for it in past if it.until_on is None and it.stage == customer.stage), None)
    return {
        "title": stage_title(customer.stage),
        "days": now.days if now else None,
        "stages": [
            Step(str(it.label), been.get(it.value), it.value == customer.stage) for it in Stage
        ],
        "gates": gates_of(customer, day),
        "tasks": [told(it.title) for it in carried if it.kind is Carried.TASK],
        "goals": [told(it.title) for it in carried if it.kind is Carried.GOAL],
        "touchpoints": touchpoints(rules_in_force(), stage=customer.stage, tier=customer.tier),
        "past": past[:MOST],
    }


def onboarding(user: User, customer: Customer, day: date) -> dict[str, Any]:
    """The newest way in, with its milestones."""
    newest = (
        visible_onboardings(user).filter(at_customer(customer.pk)).order_by("-started_on", "-pk")
    )
    found = rows(newest[:1], day)
    return {
        "it": shown.way_in(found[0], user) if found else None,
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def handovers(user: User, customer: Customer, day: date) -> dict[str, Any]:  # noqa: ARG001 a panel
    found = visible_handovers(user).filter(at_customer(customer.pk)).order_by("-pk")[:MOST]
    return {
        "rows": shown.handovers(list(found), user),
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


def delivered(user: User, customer: Customer, day: date) -> dict[str, Any]:
    found = (
        visible_projects(user)
        .filter(at_customer(customer.pk))
        .order_by("-started_on", "-pk")[:MOST]
    )
    return {
        "rows": [shown.delivery(it) for it in deliveries(found, day)],
        "can_edit": can(user, Page.EDIT_CUSTOMERS),
    }


JOURNEY = Panel(_("Journey"), "work/onboarding/panel_journey.html", journey)
ONBOARDING = Panel(
    pgettext_lazy("menu", "Onboarding"), "work/onboarding/panel_onboarding.html", onboarding
)
HANDOVERS = Panel(_("Handovers"), "work/onboarding/panel_handovers.html", handovers)
DELIVERIES = Panel(_("Deliveries"), "work/onboarding/panel_deliveries.html", delivered)
