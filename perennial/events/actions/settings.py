"""Setting the small values of event intake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from perennial.events.queries.settings import FACT, intake_settings
from perennial.events.rules.settings import IntakeSettings
from perennial.team.audit import record
from perennial.team.models import InstallationFact, User


@transaction.atomic
def change_intake_settings(
    changes: Mapping[str, object], *, by: User | None, at: datetime
) -> IntakeSettings:
    """Set some values by their names; what holds from now on. Raises InputRefused."""
    before = intake_settings()
    after = IntakeSettings.of(before.stored() | dict(changes))
    if after == before:
        return before
    InstallationFact.objects.update_or_create(name=FACT, defaults={"value": after.stored()})
    old, new = before.stored(), after.stored()
    changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    record(
        "intake_settings_changed",
        object_type="intake",
        object_id="settings",
        summary=", ".join(changed),
        detail=changed,
        by=by,
        at=at,
    )
    return after
