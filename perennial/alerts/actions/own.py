"""Own rules: kept, changed, taken back. Each is one transaction with one audit line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from perennial.alerts.models import OwnRule
from perennial.alerts.queries.own import defined_rules, definition_of
from perennial.alerts.rules.definitions import RuleDefinition, faults_of_rule
from perennial.alerts.signals.columns import FIELDS
from perennial.customers.filters import FilterRefused, compile_filter, parse
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused, RowError
from perennial.units.sentence import sentence

A_DAY = date(2000, 1, 1)


def rule_faults(it: RuleDefinition) -> list[RowError]:
    """What is wrong with an own rule, by field: its filters may ask FIELDS only."""
    found = list(faults_of_rule(it))
    for column in ("enter", "leave"):
        try:
            compile_filter(parse(getattr(it, column)), FIELDS, as_of=A_DAY, user_id=None)
        except FilterRefused as wrong:
            found.append(RowError(wrong.code, wrong.message, column=column, params=wrong.params))
    return found


@transaction.atomic
def keep_rule(it: RuleDefinition, *, by: User | None, at: datetime) -> None:
    """Define an own rule, or change it; the next day judges by it. Raises InputRefused."""
    refuse(rule_faults(it))
    before = {known.name: known for known in defined_rules()}.get(it.name)
    if before == it:
        return
    values = asdict(it) | {"changed_at": at, "by": by}
    OwnRule.objects.update_or_create(name=it.name, defaults=values)
    action = "alert_rule_changed" if before else "alert_rule_defined"
    _note(action, it, by=by, at=at)


@transaction.atomic
def take_rule_back(name: str, *, by: User | None, at: datetime) -> None:
    """Take an own rule back; the next day ends its alerts. Raises InputRefused."""
    row = OwnRule.objects.filter(name=name).first()
    if row is None:
        text = sentence("There is no rule “{value}”.")
        raise InputRefused(text, code="no_rule", params={"value": name})
    _note("alert_rule_taken_back", definition_of(row), by=by, at=at)
    row.delete()


def refuse(faults: Sequence[RowError]) -> None:
    """Raise InputRefused with all of these, if there are any."""
    if faults:
        first = faults[0]
        wrong = InputRefused(
            first.message, code=first.code, params=first.params, column=first.column
        )
        wrong.errors = faults
        raise wrong


def _note(action: str, it: RuleDefinition, *, by: User | None, at: datetime) -> None:
    record(
        action,
        object_type="alert_rule",
        object_id=it.name,
        summary=it.title_en,
        detail=asdict(it),
        by=by,
        at=at,
    )
