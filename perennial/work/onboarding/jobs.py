"""The way in at the end of a day: begun by the stage, reached by data, checked by usage."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from perennial.work.onboarding.actions.progress import progress
from perennial.work.onboarding.actions.projects import look_at_use
from perennial.work.onboarding.actions.starting import start_due


def fill(*, day: date) -> dict[str, int]:
    """Bring it to the end of `day`; the same day again changes nothing."""
    at = timezone.now()
    begun = start_due(day=day, at=at)
    return {"begun": begun, "live": look_at_use(day=day), **progress(day=day, at=at)}
