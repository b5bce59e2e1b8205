"""What plans and touchpoints owe: due within a week or overdue, as causes of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Q

from perennial.work.cause import Cause
from perennial.work.models import Plan, PlanAction, Reason, Touchpoint
from perennial.work.plans.actions.settled import about
from perennial.work.plans.definitions import Kind, in_force
from perennial.work.plans.wording import kind_titles

SOON_DAYS = 7
SOON_SEVERITY, LATE_SEVERITY, LATE_PER_WEEK, MOST_SEVERITY = 0.2, 0.35, 0.1, 0.8


def touchpoints(day: date) -> list[Cause]:
    """Touchpoints due within a week, and those whose day has passed."""
    due = Touchpoint.objects.filter(
        state=Touchpoint.State.PLANNED,
        due_on__lte=day + timedelta(days=SOON_DAYS),
    ).only("customer_id", "kind", "title", "key", "due_on")
    titles = {name: it["title"] for name, it in in_force(Kind.TOUCHPOINTS).items()}
    return [
        _cause(it.customer_id, Reason.TOUCHPOINT, it.pk, it.due_on, title_of(it, titles), day)
        for it in due
    ]


def actions(day: date) -> list[Cause]:
    """Joint actions of plans under way: ours within a week, theirs once they are late."""
    ours = Q(side=PlanAction.Side.OURS, due_on__lte=day + timedelta(days=SOON_DAYS))
    theirs = Q(side=PlanAction.Side.THEIRS, due_on__lt=day)
    due = PlanAction.objects.filter(
        ours | theirs,
        done_on=None,
        plan__state=Plan.State.ACTIVE,
    ).select_related("plan")
    return [
        _cause(it.plan.customer_id, Reason.PLAN, it.pk, it.due_on, it.title, day)
        for it in due
        if it.due_on is not None
    ]


def title_of(
    touchpoint: Touchpoint, titles: Mapping[str, Mapping[str, str]]
) -> str | Mapping[str, str]:
    """Its own title, else its rule's, else its kind's: the last two in both languages."""
    rule = touchpoint.key.partition(":")[0]
    return touchpoint.title or titles.get(rule) or kind_titles()[touchpoint.kind]


def _cause(
    customer: int,
    reason: Reason,
    pk: int,
    due_on: date,
    title: str | Mapping[str, str],
    day: date,
) -> Cause:
    late_days = (day - due_on).days
    late = LATE_SEVERITY + LATE_PER_WEEK * late_days / 7
    severity = min(late, MOST_SEVERITY) if late_days > 0 else SOON_SEVERITY
    return Cause(
        customer,
        reason,
        severity,
        min(due_on, day),
        "",
        due_on,
        {"title": title, "due_on": due_on.isoformat()},
        about(pk),
    )
