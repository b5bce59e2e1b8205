"""The day's classes, at the start of health's step: stage, fit and tier of every customer."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from perennial.health.classes.facts import facts_on
from perennial.health.classes.past import stages_until
from perennial.health.classes.queries import all_in_force, verdicts
from perennial.health.classes.writing import adopt, keep, keep_past_day
from perennial.team.models import InstallationFact

JUDGED_ON = "classes_judged_on"


def classify(*, day: date, at: datetime | None = None) -> dict[str, int]:
    """Judge everybody at the end of `day`; run twice, the second changes nothing.

    An older day than the newest gives a class only to whom nothing was known of then: what was
    said then stays.
    """
    at = at or timezone.now()
    facts, rules = facts_on(day), all_in_force()
    found = verdicts(facts, rules, on=day, imported=adopt(facts))
    newest = InstallationFact.objects.filter(name=JUDGED_ON).first()
    if newest and newest.value > day.isoformat():
        return {"customers": len(facts.pks), "written": keep_past_day(facts, found, at=at)}
    began = {} if newest else stages_until(facts, rules, at=at)
    written = keep(facts, found, on=day, at=at, began=began)
    InstallationFact.objects.update_or_create(name=JUDGED_ON, defaults={"value": day.isoformat()})
    return {"customers": len(facts.pks), "written": written}
