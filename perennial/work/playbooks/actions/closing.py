"""What a call to action of a step brings about: its end moves the run on, its undoing back."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.work.models import Outcome, Reason, Run, State, StepRun, WorkItem
from perennial.work.playbooks.engine.moving import Moment, advance
from perennial.work.playbooks.rules.definition import Step, of


@transaction.atomic
def item_closed(item: WorkItem, *, outcome: str, by: User | None, at: datetime) -> None:
    """A person closed a call to action. Success takes the step's first outcome, failure its
    last, unless one was chosen (`finish`); not needed skips the step. Others: nothing."""
    row = _step_of(item, StepRun.State.OPEN)
    if row is None:
        return
    step = _definition_step(row)
    skipped = outcome == Outcome.NOT_NEEDED and not row.outcome
    row.state = StepRun.State.SKIPPED if skipped else StepRun.State.DONE
    if skipped:
        row.result = {**row.result, "why": "person"}
    elif not row.outcome and step is not None and step.outcomes:
        place = -1 if outcome == Outcome.FAILED else 0
        row.outcome = step.outcomes[place].id
    row.note = row.note or item.note
    row.done_on = business_day(at, settings.PERENNIAL_TIME_ZONE)
    row.done_at, row.by, row.by_data = at, by, False
    row.save()
    advance([row.run_id], moment=Moment.now(at), by=by, watch=False)


def choose(item: WorkItem, *, outcome: str) -> None:
    """Say which outcome of its step a call to action is about to end with; others: nothing. The
    closing itself is the act that is audited."""
    row = _step_of(item, StepRun.State.OPEN)
    step = _definition_step(row) if row else None
    if row is not None and step is not None and step.outcome(outcome):
        StepRun.objects.filter(pk=row.pk).update(outcome=outcome)


@transaction.atomic
def item_reopened(
    item: WorkItem,
    *,
    by: User | None,  # noqa: ARG001 of the completion's undoing, which is audited
    at: datetime,  # noqa: ARG001
) -> None:
    """A completion is undone: the step is open again, and what it brought about and nobody has
    touched goes back to waiting; the run goes on."""
    row = _step_of(item, StepRun.State.DONE, StepRun.State.SKIPPED)
    if row is None or row.done_at is None:
        return
    since = row.done_at
    Run.objects.filter(pk=row.run_id, ended_at=since).exclude(state=Run.State.RUNNING).update(
        state=Run.State.RUNNING, ended_on=None, ended_at=None, end_reason="", edits=F("edits") + 1
    )
    later = StepRun.objects.filter(run=row.run_id).exclude(pk=row.pk)
    by_itself = later.filter(done_at=since, by__isnull=True)
    opened = later.filter(
        state=StepRun.State.OPEN, result__opened_at=since.isoformat(), sub_runs=None
    )
    untouched = opened.filter(Q(item=None) | Q(item__state=State.OPEN, item__version=1))
    items = [it for it in untouched.values_list("item", flat=True) if it is not None]
    StepRun.objects.filter(
        pk__in=[*by_itself.values_list("pk", flat=True), *untouched.values_list("pk", flat=True)]
    ).delete()
    WorkItem.objects.filter(pk__in=items).delete()
    StepRun.objects.filter(pk=row.pk).update(
        state=StepRun.State.OPEN, outcome="", done_on=None, done_at=None, by=None
    )


def _step_of(item: WorkItem, *states: StepRun.State) -> StepRun | None:
    if item.reason != Reason.STEP:
        return None
    rows = StepRun.objects.filter(item=item, state__in=states)
    return rows.select_related("run__version").first()


def _definition_step(row: StepRun) -> Step | None:
    return of(row.run.version.definition).step(row.step)
