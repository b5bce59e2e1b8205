"""The day of the playbooks: who enters by itself, who leaves, what completes itself, what starts.

Runs act on the morning after the day whose facts are read. Killed anywhere and run again, the
same day ends in the same state.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from perennial.customers.filters import FilterRefused
from perennial.health.inputs import served
from perennial.team.models import InstallationFact
from perennial.units.moment import day_end
from perennial.units.progress import Progress, silent
from perennial.work.models import Playbook, Run
from perennial.work.playbooks.engine.moving import Moment, advance, begin
from perennial.work.playbooks.facts import Facts
from perennial.work.playbooks.queries.entering import admitted_now, wanted_by
from perennial.work.playbooks.rules.definition import BY_ALERT, of
from perennial.work.playbooks.versions import newest

PORTION = 500
LOOKED_AT = "playbooks"  # the fact: the newest day


def fill(*, day: date, progress: Progress = silent) -> dict[str, int]:
    """Bring every run to the morning after `day`; an older day than the newest changes nothing."""
    fact = InstallationFact.objects.filter(name=LOOKED_AT).first()
    if fact and date.fromisoformat(fact.value["day"]) > day:
        return {"enrolled": 0, "ended": 0}
    moment = Moment(day, day + timedelta(days=1), day_end(day, settings.PERENNIAL_TIME_ZONE))
    enrolled = _enrol(moment)
    running = Run.objects.filter(state=Run.State.RUNNING, enrolled_on__lte=moment.as_of)
    waiting = list(running.order_by("pk").values_list("pk", flat=True))
    ended = 0
    for first in range(0, len(waiting), PORTION):
        part = waiting[first : first + PORTION]
        ended += advance(part, moment=moment, by=None, watch=True)
        progress(min(first + PORTION, len(waiting)), len(waiting))
    InstallationFact.objects.update_or_create(
        name=LOOKED_AT, defaults={"value": {"day": day.isoformat()}}
    )
    return {"enrolled": enrolled, "ended": ended}


def _enrol(moment: Moment) -> int:
    """Whoever matches an automatic playbook, within its caps."""
    automatic = Playbook.objects.filter(is_automatic=True, retired_at__isnull=True)
    rows = list(automatic.order_by("pk"))
    if not rows:
        return 0
    here = {it.pk for it in served(moment.day)}
    facts = Facts(here, moment.day)
    return sum(_enrol_in(it, facts, here, moment) for it in rows)


@transaction.atomic
def _enrol_in(playbook: Playbook, facts: Facts, here: set[int], moment: Moment) -> int:
    version = newest(playbook)
    definition = of(version.definition) if version else None
    if version is None or definition is None or not definition.trigger:
        return 0
    try:
        wanted: Sequence[int] = wanted_by(definition, facts, here)
    except FilterRefused:
        return 0  # a field that is gone: the playbook's page says so
    found = admitted_now(version, wanted, as_of=moment.as_of, by_machine=True)
    enter = [pk for pk, why in found.items() if why is None]
    alerted = definition.trigger.startswith(BY_ALERT)
    source = Run.Source.SIGNAL if alerted else Run.Source.SEGMENT
    for first in range(0, len(enter), PORTION):
        begin(version, enter[first : first + PORTION], source=source, moment=moment, by=None)
    return len(enter)
