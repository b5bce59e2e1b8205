"""North-star goals that customers in normal operation do not reach."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

from perennial.alerts.candidates import Candidate
from perennial.alerts.models import Rule
from perennial.alerts.rules.signals import GOAL_AFTER_DAYS, GOAL_SLACK_RATE
from perennial.alerts.signals.facts import Facts
from perennial.metrics.catalog import NORTH_STAR_MET
from perennial.metrics.queries.asked import Asked
from perennial.metrics.queries.own import activity_rule, goals
from perennial.metrics.queries.segments import members
from perennial.metrics.queries.states import Aim, reached
from perennial.metrics.rules.own import Comparison, GoalDefinition
from perennial.metrics.rules.periods import By, Grain
from perennial.metrics.rules.states import ActivityRule, goals_met

Verdicts = list[tuple[bool, bool]]  # of each goal: met in full, nearly met


def goals_missed(facts: Facts) -> list[Candidate] | None:
    """Raised when too few goals are within a tenth of their target; over when enough are met."""
    if not facts.usage or not goals():
        return None
    rule = activity_rule()
    started = {pk: it.started_on for pk, it in facts.customers.items()}
    pks = {facts.customers[pk].external_id: pk for pk in facts.usage}
    found = []
    for pk, verdicts in _verdicts(facts.day, pks).items():
        since = started[pk]
        young = since is not None and (facts.day - since).days < GOAL_AFTER_DAYS
        met = [full for full, _near in verdicts]
        if young or goals_met(met, rule=rule):
            continue
        found.append(_missed(pk, verdicts, rule=rule, day=facts.day))
    return found


def _missed(pk: int, verdicts: Verdicts, *, rule: ActivityRule, day: date) -> Candidate:
    met, meant = sum(full for full, _near in verdicts), len(verdicts)
    needed = min(rule.goals_needed, meant)
    return Candidate(
        pk,
        Rule.GOAL_MISSED,
        "north_star_met",
        round(0.2 + 0.3 * (needed - met) / needed, 4),
        day,
        expected=float(needed),
        observed=float(met),
        params={"met": met, "meant": meant, "needed": needed},
        enters=not goals_met([near for _full, near in verdicts], rule=rule),
    )


def _verdicts(day: date, pks: dict[str, int]) -> dict[int, Verdicts]:
    """Of each customer, the goals that are meant for it and measured."""
    asked = Asked(NORTH_STAR_MET, Grain.DAY, By.CUSTOMER, day, day, day)
    found: dict[int, Verdicts] = defaultdict(list)
    for aim, table in reached(asked).items():
        rows = table.select(["customer", "value"]).to_pydict()
        values = dict(zip(rows["customer"], rows["value"], strict=True))
        meant = members(aim.goal.segment, as_of=day)
        for customer, pk in pks.items():
            value = _value(values, customer, aim)
            if value is not None and (meant is None or customer in meant):
                found[pk].append((aim.goal.is_met(value), _eased(aim.goal).is_met(value)))
    return found


def _value(values: dict[str, float | None], customer: str, aim: Aim) -> float | None:
    value = values.get(customer, aim.absent)
    return None if value is None else float(value)


def _eased(goal: GoalDefinition) -> GoalDefinition:
    """The same goal with its target a tenth easier."""
    way = -1 if goal.comparison is Comparison.AT_LEAST else 1
    return replace(goal, target=goal.target + way * GOAL_SLACK_RATE * abs(goal.target))
