"""What falls on which day: touchpoints, renewals, tasks, milestones, joint actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from perennial.customers.models import Customer
from perennial.customers.queries import in_books
from perennial.desk.queries import visible_figures
from perennial.team.access import books
from perennial.team.models import User
from perennial.web.formats import named
from perennial.work import wording
from perennial.work.models import (
    Milestone,
    Onboarding,
    Plan,
    PlanAction,
    Reason,
    State,
    Touchpoint,
    WorkItem,
)
from perennial.work.onboarding.queries.definitions import definitions_by_row
from perennial.work.onboarding.queries.reach import visible_onboardings
from perennial.work.plans.queries import touchpoints_between, visible_plans
from perennial.work.plans.shown import touchpoints_shown
from perennial.work.queries import mine, visible_items

ICONS = {
    "renewal": "refresh",
    "touchpoint": "message",
    "task": "checklist",
    "milestone": "plant-2",
    "action": "target",
}
KINDS = {
    "renewal": gettext_lazy("Renewal"),
    "touchpoint": gettext_lazy("Touchpoint"),
    "task": pgettext_lazy("call to action", "Task"),
    "milestone": gettext_lazy("Milestone"),
    "action": gettext_lazy("Joint action"),
}
# Tasks of people and playbooks; what the day raises by itself stands with its own source.
TASKS = (Reason.TASK, Reason.STEP)


@dataclass(frozen=True, slots=True)
class Event:
    """Something at one customer on a day. `key` names it for ever, over all users."""

    on: date
    kind: str
    pk: int
    title: str
    customer_id: int
    customer: str
    is_done: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}"

    @property
    def url(self) -> str:
        return reverse("desk:customer", args=[self.customer_id])

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def label(self) -> str:
        return str(KINDS[self.kind])


def events(user: User, from_on: date, until_on: date, *, scope: str = "mine") -> list[Event]:
    """What falls into [from_on, until_on), by day; `scope` mine (the own book, and those stood in
    for) or all that the user may see. Through the gate of each source."""
    found = [
        *_touchpoints(user, from_on, until_on, scope),
        *_renewals(user, from_on, until_on, scope),
        *_tasks(user, from_on, until_on, scope),
        *_milestones(user, from_on, until_on, scope),
        *_actions(user, from_on, until_on, scope),
    ]
    return sorted(found, key=lambda it: (it.on, it.is_done, it.kind, it.pk))


def _own(user: User, path: str = "") -> Q:
    """Of the own book, or given to the user."""
    return in_books(books(user), f"{path}customer") | Q(owner=user)


def _narrowed(found: QuerySet[Any], user: User, scope: str, path: str = "") -> QuerySet[Any]:
    return found.filter(_own(user, path)) if scope == "mine" else found


def _touchpoints(user: User, first: date, until: date, scope: str) -> Iterator[Event]:
    found: Iterable[Touchpoint] = _narrowed(touchpoints_between(user, first, until), user, scope)
    for shown in touchpoints_shown(found, today=first):
        it = shown.touchpoint
        done = it.state == Touchpoint.State.DONE
        yield _event("touchpoint", it.pk, it.due_on, shown.title, it.customer, is_done=done)


def _renewals(user: User, first: date, until: date, scope: str) -> Iterator[Event]:
    rows = visible_figures(user).filter(renewal_on__gte=first, renewal_on__lt=until)
    if scope == "mine":
        rows = rows.filter(customer__owner__in=books(user))
    for it in rows.select_related("customer").only(
        "renewal_on", "is_renewed", "customer__name", "customer__name_en"
    ):
        if it.renewal_on is not None:
            title = str(KINDS["renewal"])
            yield _event("renewal", it.pk, it.renewal_on, title, it.customer, is_done=it.is_renewed)


def _tasks(user: User, first: date, until: date, scope: str) -> Iterator[Event]:
    items: QuerySet[WorkItem] = visible_items(user).filter(
        reason__in=TASKS, due_on__gte=first, due_on__lt=until
    )
    items = items.exclude(state=State.DONE)
    for it in items.filter(mine(user)) if scope == "mine" else items:
        if it.due_on is not None:
            yield _event("task", it.pk, it.due_on, wording.sentence(it), it.customer)


def _milestones(user: User, first: date, until: date, scope: str) -> Iterator[Event]:
    ways = visible_onboardings(user).filter(state=Onboarding.State.RUNNING)
    ways = _narrowed(ways, user, scope).select_related(None)
    found = Milestone.objects.filter(
        onboarding__in=ways, due_on__gte=first, due_on__lt=until
    ).select_related("onboarding__customer__merged_into")
    plans, language = None, (get_language() or "en")[:2]
    for it in found:
        plans = definitions_by_row() if plans is None else plans
        step = plans[it.onboarding.plan_id].step(it.step)
        title = step.title.plain()[language] if step else it.step
        done = it.done_on is not None
        yield _event("milestone", it.pk, it.due_on, title, it.onboarding.customer, is_done=done)


def _actions(user: User, first: date, until: date, scope: str) -> Iterator[Event]:
    plans = visible_plans(user).filter(state=Plan.State.ACTIVE).select_related(None)
    found = PlanAction.objects.filter(plan__in=plans, due_on__gte=first, due_on__lt=until)
    for it in _narrowed(found, user, scope, "plan__").select_related("plan__customer__merged_into"):
        if it.due_on is not None:
            done = it.done_on is not None
            yield _event("action", it.pk, it.due_on, it.title, it.plan.customer, is_done=done)


def _event(
    kind: str, pk: int, on: date, title: str, customer: Customer, *, is_done: bool = False
) -> Event:
    name = named(customer.name, customer.name_en)
    return Event(on, kind, pk, title, customer.pk, name, is_done)
