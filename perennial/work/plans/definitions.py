"""Plan templates and rules of touchpoints in force: what the company says, else what we ship."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from perennial.customers.models import Stage
from perennial.units.errors import RowError
from perennial.work.models import Touchpoint, WorkDefinition
from perennial.work.plans.rules.shipped import PLANS, RULES
from perennial.work.plans.rules.template import plan_faults, rule_faults, rule_of, rule_plain
from perennial.work.plans.rules.touchpoints import Rule

Kind = WorkDefinition.Kind
_SHIPPED: dict[str, dict[str, dict[str, Any]]] = {
    Kind.TOUCHPOINTS: {it.name: rule_plain(it) for it in RULES},
    Kind.SUCCESS_PLAN: {it["name"]: it for it in PLANS},
}


def in_force(kind: Kind) -> dict[str, dict[str, Any]]:
    """Definitions by name, shipped ones first; a newer version of a name stands for it, and a
    retired name is gone."""
    found = dict(_SHIPPED[kind])
    rows = WorkDefinition.objects.filter(kind=kind).order_by("version")
    newest = {row.name: row for row in rows}
    for name, row in newest.items():
        if row.retired_at is None:
            found[name] = row.definition
        else:
            found.pop(name, None)
    return found


def version_of(kind: Kind, name: str) -> int:
    """The number of the newest version of a name; 0 for what nobody has changed yet."""
    rows = WorkDefinition.objects.filter(kind=kind, name=name)
    return rows.aggregate(newest=Max("version"))["newest"] or 0


def rules_in_force() -> list[Rule]:
    """The rules by which touchpoints are planned."""
    return [rule_of(it) for it in in_force(Kind.TOUCHPOINTS).values()]


def template_named(name: str) -> dict[str, Any] | None:
    return in_force(Kind.SUCCESS_PLAN).get(name)


def faults_of(kind: Kind, definition: dict[str, Any]) -> list[RowError]:
    """What is wrong with a definition, each with its place."""
    if kind == Kind.SUCCESS_PLAN:
        return plan_faults(definition)
    return rule_faults(definition, kinds=Touchpoint.Kind.values, stages=Stage.values)
