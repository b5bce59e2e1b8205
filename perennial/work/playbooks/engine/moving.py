"""Moves runs on, begins new ones, and lets a playbook that was started by a step come back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from perennial.alerts.models import QuietWindow
from perennial.alerts.queries.today import newest_day
from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.work.models import Enrolment, PlaybookVersion, Run, StepRun, WorkItem
from perennial.work.playbooks.engine.situation import Situation, situations
from perennial.work.playbooks.engine.turn import Turn
from perennial.work.playbooks.engine.writing import write
from perennial.work.playbooks.facts import Facts
from perennial.work.playbooks.rules.days import WorkCalendar
from perennial.work.playbooks.versions import version_in_force

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a turn acts: on the morning of `as_of`, at `at`, by the facts at the end of `day`."""

    day: date
    as_of: date
    at: datetime

    @classmethod
    def now(cls, at: datetime) -> Moment:
        """Of an act of a person: today, by the newest facts there are."""
        as_of = business_day(at, settings.PERENNIAL_TIME_ZONE)
        return cls(min(newest_day(), as_of - _DAY), as_of, at)


def calendar() -> WorkCalendar:
    """Weekends and the days that quiet windows for everybody take off."""
    off: set[date] = set()
    windows = QuietWindow.objects.filter(customer__isnull=True)
    for from_on, to_on in windows.values_list("from_on", "to_on"):
        off |= {from_on + _DAY * n for n in range((to_on - from_on).days + 1)}
    return WorkCalendar(frozenset(off))


@transaction.atomic
def advance(run_ids: Collection[int], *, moment: Moment, by: User | None, watch: bool) -> int:
    """Move these runs as far as they go; how many ended. `watch`: see Turn."""
    runs = list(
        Run.objects.select_for_update(of=("self",))
        .filter(pk__in=run_ids, state=Run.State.RUNNING)
        .select_related(
            "version", "playbook", "customer__owner", "customer__merged_into__owner", "by"
        )
        .order_by("pk")
    )
    if not runs:
        return 0
    found = situations(runs)
    facts = Facts({it.customer.pk for it in runs}, moment.day)
    Turn(facts, calendar(), moment.as_of, moment.at, watch).take(found)
    write(found, on=moment.as_of, by=by, at=moment.at)
    return sum(it.has_ended for it in found) + _families(found, moment=moment, by=by)


def _families(found: Sequence[Situation], *, moment: Moment, by: User | None) -> int:
    """Start what steps start, and tell the step that started a run that this has ended."""
    ended = 0
    for it in found:
        for name in it.children:
            step = it.definition.step(name)
            if step is not None and not it.has_ended:
                ended += _child(it, it.steps[name], step.playbook, moment=moment, by=by)
    below = [it.run.pk for it in found if it.has_ended]
    orphans = Run.objects.filter(parent__run__in=below, state=Run.State.RUNNING)
    if runs := list(
        orphans.select_related(
            "version", "playbook", "customer__owner", "customer__merged_into__owner", "by"
        )
    ):
        stop_runs(runs, "parent_ended", moment=moment)
    parents = [it.run.parent_id for it in found if it.has_ended and it.run.parent_id]
    return ended + _come_back(parents, moment=moment, by=by)


def _child(it: Situation, row: StepRun, playbook: str, *, moment: Moment, by: User | None) -> int:
    version = version_in_force(playbook, at=moment.at)
    mine = Run.objects.filter(
        playbook__name=playbook, customer=it.run.customer, state=Run.State.RUNNING
    )
    if version is None or mine.exists():
        row.state, row.result = (
            StepRun.State.FAILED,
            {"why": "runs_already" if version else "no_playbook"},
        )
        row.done_on, row.done_at = moment.as_of, moment.at
        row.save()
        return advance([it.run.pk], moment=moment, by=by, watch=False)
    begin(
        version,
        [it.run.customer.pk],
        source=Run.Source.PLAYBOOK,
        owner=it.run.owner,
        parent=row,
        moment=moment,
        by=it.run.by,
    )
    return 0


def _come_back(parents: Collection[int], *, moment: Moment, by: User | None) -> int:
    waiting = StepRun.objects.filter(pk__in=parents, state=StepRun.State.OPEN)
    runs = list(waiting.values_list("run_id", flat=True))
    waiting.update(state=StepRun.State.DONE, done_on=moment.as_of, done_at=moment.at, by_data=True)
    return advance(runs, moment=moment, by=by, watch=False) if runs else 0


def stop_runs(runs: Sequence[Run], reason: str, *, moment: Moment) -> None:
    """End runs whatever stands open; their sub-playbooks and their callers follow."""
    found = situations(runs)
    for it in found:
        it.end_run(Run.State.STOPPED, reason, on=moment.as_of, at=moment.at)
    write(found, on=moment.as_of, by=None, at=moment.at)
    _families(found, moment=moment, by=None)


@transaction.atomic
def begin(
    version: PlaybookVersion,
    customers: Sequence[int],
    *,
    source: Run.Source,
    owner: User | None = None,
    item: WorkItem | None = None,
    enrolment: Enrolment | None = None,
    parent: StepRun | None = None,
    moment: Moment,
    by: User | None,
) -> list[Run]:
    """New runs at customers that were admitted; their first steps start at once."""
    runs = Run.objects.bulk_create(
        [
            Run(
                version=version,
                playbook_id=version.playbook_id,
                customer_id=pk,
                source=source,
                owner=owner,
                item=item,
                enrolment=enrolment,
                parent=parent,
                enrolled_on=moment.as_of,
                enrolled_at=moment.at,
                by=by,
            )
            for pk in customers
        ],
        batch_size=500,
    )
    advance([it.pk for it in runs], moment=moment, by=by, watch=False)
    return runs
