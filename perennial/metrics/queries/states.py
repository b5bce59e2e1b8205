"""North-star goals and what follows from them: who is active, inactive or silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from perennial.metrics.catalog import NORTH_STAR_MET
from perennial.metrics.queries.asked import Asked, ask
from perennial.metrics.queries.named import Named, all_metrics, figures_of
from perennial.metrics.queries.own import activity_rule, goals
from perennial.metrics.queries.segments import members
from perennial.metrics.queries.usage import customer_metrics
from perennial.metrics.rules.own import GoalDefinition
from perennial.metrics.rules.periods import By, Grain
from perennial.metrics.rules.states import State, goals_met, state

Key = tuple[date, str]  # the period's first day, the customer


@dataclass(frozen=True, slots=True)
class Aim:
    """A goal, and what it means for its metric that a customer has no row at all."""

    goal: GoalDefinition
    absent: float | None


def activity_states(as_of: date, *, received_by: date | None = None) -> dict[str, State]:
    """The state of every customer that was ever seen, at the end of a day; by external id."""
    rule, rows = activity_rule(), customer_metrics(as_of=as_of, received_by=received_by)
    asked = Asked(
        NORTH_STAR_MET, Grain.DAY, By.CUSTOMER, as_of, as_of, as_of, received_by=received_by
    )
    verdicts = _verdicts(
        reached(asked),
        [(as_of, customer) for customer in rows],
    )
    found = {
        customer: state(
            row.last_seen_on, on=as_of, met=verdicts.get((as_of, customer), ()), rule=rule
        )
        for customer, row in rows.items()
    }
    return {customer: it for customer, it in found.items() if it is not None}


def reached(asked: Asked) -> dict[Aim, pa.Table]:
    """The figures of each goal's metric in the goal's own window, for the periods asked about."""
    known = {it.name: it for it in all_metrics()}
    return {
        Aim(goal, known[goal.metric].metric.absent): figures_of(
            known[goal.metric], replace(asked, window_days=goal.window_days)
        )
        for goal in goals()
        if goal.metric in known
    }


def figures(named: Named, asked: Asked) -> pa.Table:
    """The rows of any metric of the catalogue, as `ask` gives them."""
    if named.name != NORTH_STAR_MET.name:
        return figures_of(named, asked)
    found = reached(asked)
    asked = replace(asked, metric=NORTH_STAR_MET)
    return north_star(asked, found) if found else ask(asked)


def north_star(asked: Asked, found: Mapping[Aim, pa.Table]) -> pa.Table:
    """`north_star_met` where goals are set: 1 when enough are met at the period's end, else 0.

    A customer has a row when a goal's metric, or the period itself, has one.
    """
    rule = activity_rule()
    tables = [ask(asked), *found.values()]
    beside: dict[Key, dict[str, object]] = {}
    for table in reversed(tables):
        beside |= {(row["period_start"], row["customer"]): row for row in table.to_pylist()}
    verdicts = _verdicts(found, beside)
    rows = []
    for key in sorted(beside):
        met = verdicts.get(key)
        value = beside[key]["value"] if met is None else int(goals_met(met, rule=rule))
        observed = beside[key]["coverage"]
        rows.append(beside[key] | {"value": value if observed else None})
    return pa.Table.from_pylist(rows, schema=tables[0].schema)


def _verdicts(reached: Mapping[Aim, pa.Table], keys: Collection[Key]) -> dict[Key, list[bool]]:
    """By period and customer, of each goal that is meant for it, whether it is met."""
    found: dict[Key, list[bool]] = defaultdict(list)
    days = {day for day, _ in keys}
    for aim, table in reached.items():
        rows = table.to_pylist()
        values = {(row["period_start"], row["customer"]): row["value"] for row in rows}
        meant = {day: members(aim.goal.segment, as_of=day) for day in days}
        for key in keys:
            inside = meant[key[0]]
            if inside is None or key[1] in inside:
                value = values.get(key, aim.absent)
                found[key].append(value is not None and aim.goal.is_met(float(value)))
    return dict(found)
