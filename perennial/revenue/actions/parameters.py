"""People change the numbers of the pages: windows, cost of an hour, limits. Append-only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from perennial.revenue.models import Definition
from perennial.revenue.queries.parameters import parameters
from perennial.revenue.rules.parameters import CREDIT, credit_rules, parsed
from perennial.team.audit import record
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence


@transaction.atomic
def set_parameters(
    prefix: str, *, values: Mapping[str, str], by: User | None, at: datetime
) -> dict[str, str]:
    """From now on these parameters (full names) hold; an empty text goes back to the default.
    Returns those that changed. Raises InputRefused for values out of range, for windows that do
    not grow, and when nothing changes."""
    before = parameters(prefix)
    wanted = {name: text.strip() for name, text in values.items() if name.startswith(prefix)}
    for name, text in wanted.items():
        if text:
            parsed(name, text)
    changed = {name: text for name, text in wanted.items() if text != before.get(name, "")}
    if not changed:
        raise InputRefused(sentence("It is set so already."), code="unchanged")
    if prefix == CREDIT:
        credit_rules({name: text for name, text in (before | wanted).items() if text})
    Definition.objects.bulk_create(
        Definition(name=name, value=text or None, recorded_at=at, recorded_by=by)
        for name, text in changed.items()
    )
    record(
        "parameters_changed",
        object_type="parameters",
        object_id=prefix.rstrip("."),
        summary=", ".join(sorted(changed)),
        detail={"before": {name: before.get(name) for name in changed}, "after": changed},
        by=by,
        at=at,
    )
    return changed
