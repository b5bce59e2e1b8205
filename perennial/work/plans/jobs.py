"""The day of plans: touchpoints planned ahead, goals measured."""

from __future__ import annotations

from datetime import date

from perennial.work.models import Goal, Plan
from perennial.work.plans.actions.plans import keep
from perennial.work.plans.planning import plan_touchpoints


def fill(*, day: date) -> dict[str, int]:
    """Plan the touchpoints of everybody served, and measure the goals of plans under way."""
    found = plan_touchpoints(day=day)
    running = Goal.objects.exclude(metric="").filter(
        plan__state__in=(Plan.State.ACTIVE, Plan.State.DRAFT)
    )
    return found | {"goals": keep(running.select_related("plan__customer__merged_into"), day=day)}
