"""How many customers meet a north-star goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perennial.customers.queries import visible_customers
from perennial.metrics.queries.asked import Asked
from perennial.metrics.queries.named import all_metrics, figures_of
from perennial.metrics.queries.segments import members
from perennial.metrics.rules.own import GoalDefinition
from perennial.metrics.rules.periods import By, Grain
from perennial.team.models import User


@dataclass(frozen=True, slots=True)
class Reach:
    """Of the customers that somebody may see and that a goal is meant for."""

    met: int
    missed: int
    unknown: int

    @property
    def share(self) -> float | None:
        """Of those whose figure is known; None when it is of nobody."""
        known = self.met + self.missed
        return self.met / known if known else None


def reach_of(user: User, goal: GoalDefinition, *, as_of: date) -> Reach:
    """At the end of a day, in the goal's own window."""
    named = next(it for it in all_metrics() if it.name == goal.metric)
    meant = members(goal.segment, as_of=as_of)
    wanted = frozenset(
        name
        for name in visible_customers(user).values_list("external_id", flat=True)
        if meant is None or name in meant
    )
    asked = Asked(
        metric=named.metric,
        grain=Grain.DAY,
        by=By.CUSTOMER,
        from_on=as_of,
        to_on=as_of,
        today=as_of,
        window_days=goal.window_days,
        customers=wanted,
    )
    values = {row["customer"]: row["value"] for row in figures_of(named, asked).to_pylist()}
    found = [values.get(name, named.metric.absent) for name in wanted]
    known = [value for value in found if value is not None]
    met = sum(goal.is_met(float(value)) for value in known)
    return Reach(met, len(known) - met, len(found) - len(known))
