"""Whether what the desk shows is up to date: a day that failed, or days that were missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from perennial.team import days
from perennial.team.models import InstallationFact
from perennial.units.moment import last_complete_day
from perennial.web import formats


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence above the page; `tone` colours it (empty: neutral)."""

    tone: str
    text: str


def note(on: date) -> Note | None:
    """What somebody who looks at the figures of `on` should know; None when all is well."""
    shown = formats.day(on)
    if failed := days.failures():
        text = _(
            "Computing %(day)s failed; the figures are of %(shown)s. It is tried again by "
            "itself; `perennial doctor` says why, and what to do."
        )
        return Note("bad", text % {"day": formats.day(failed[0].day), "shown": shown})
    newest = last_complete_day(timezone.now(), settings.PERENNIAL_TIME_ZONE)
    if on >= newest - timedelta(days=1) or InstallationFact.objects.filter(name="demo").exists():
        return None
    text = _("The figures are of %(shown)s; later days are not computed yet: `perennial run`.")
    return Note("", text % {"shown": shown})
