"""The customer page: a tuple of panels, offered by the slices, for each tab.

Add a card by adding its panel here; the page itself knows nothing about what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.alerts.panels import ALERTS
from perennial.contracts.panels import CONTRACTS
from perennial.customers.assessments.panels import ASSESSMENTS, DIAGNOSES, OFFERS
from perennial.customers.conversation.panels import TALK
from perennial.customers.models import Customer
from perennial.customers.panels import DETAILS
from perennial.customers.people.panels import PEOPLE, PEOPLE_TAB
from perennial.desk.groups import GROUP
from perennial.desk.timeline import CHANGES, TIMELINE, WHOLE_TIMELINE
from perennial.desk.usage import EVENTS, USAGE
from perennial.events.panels import CLAIMS
from perennial.health.classes.panels import CLASSES
from perennial.health.panels import SCORECARD
from perennial.health.risk.panel import RISK
from perennial.health.said_panel import SAID
from perennial.surveys.panels import ANSWERS
from perennial.team.models import User
from perennial.tickets.panels import TICKETS
from perennial.web.panels import Panel
from perennial.work.onboarding.panels import DELIVERIES, HANDOVERS, JOURNEY, ONBOARDING
from perennial.work.panels import ITEMS
from perennial.work.plans.panels import PLANS, TOUCHPOINTS
from perennial.work.playbooks.panels import PLAYBOOKS


@dataclass(frozen=True, slots=True)
class Tab:
    """`wide` stands left, `narrow` right of it."""

    key: str
    title: str | Promise
    wide: tuple[Panel, ...]
    narrow: tuple[Panel, ...] = ()


TABS: tuple[Tab, ...] = (
    Tab(
        "",
        _("Overview"),
        (USAGE, SCORECARD, CONTRACTS, TIMELINE),
        (CLASSES, DETAILS, GROUP, RISK, PEOPLE, SAID, ALERTS, TICKETS, ANSWERS, CLAIMS),
    ),
    Tab("timeline", _("Timeline"), (WHOLE_TIMELINE,)),
    Tab("actions", pgettext_lazy("menu", "Actions"), (ITEMS,), (PLAYBOOKS,)),
    Tab("talk", _("Conversation"), (TALK,)),
    Tab("usage", _("Usage"), (USAGE, EVENTS)),
    Tab("people", _("People"), (PEOPLE_TAB,)),
    Tab("assessments", _("Assessments"), (ASSESSMENTS, OFFERS), (DIAGNOSES,)),
    Tab("journey", _("Journey"), (JOURNEY, ONBOARDING), (HANDOVERS, DELIVERIES)),
    Tab("plan", pgettext_lazy("success", "Plan"), (PLANS,), (TOUCHPOINTS,)),
    Tab("contracts", _("Contracts"), (CONTRACTS,)),
    Tab("changes", _("Changes"), (CHANGES,)),
)


def tab_of(key: str) -> Tab:
    """The tab that the address asks for; the overview when there is no such tab."""
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def drawn(
    panels: Sequence[Panel], request: HttpRequest, user: User, customer: Customer, day: date
) -> list[SafeString]:
    """Each panel as a card; those with nothing to say are left out."""
    cards = []
    for panel in panels:
        found = panel.build(user, customer, day, request.GET.dict())
        if found is not None:
            context = {**found, "customer": customer, "day": day}
            cards.append(render_to_string(panel.template, context, request))
    return cards
