"""The small settings of event intake, kept as one fact of this installation."""

from __future__ import annotations

from typing import Final

from perennial.events.rules.settings import IntakeSettings
from perennial.team.models import InstallationFact

FACT: Final = "intake"


def intake_settings() -> IntakeSettings:
    """What is set, over the defaults."""
    found = InstallationFact.objects.filter(name=FACT).values_list("value", flat=True).first()
    return IntakeSettings.of(found or {})
