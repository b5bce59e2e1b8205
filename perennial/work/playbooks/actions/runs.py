"""Runs at one customer: start, stop, skip a step, say how one ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from perennial.customers.audit import record_about
from perennial.customers.models import Customer
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence
from perennial.work.actions.changing import change
from perennial.work.models import Outcome, Run, State, StepRun, WorkItem
from perennial.work.playbooks.engine.moving import Moment, advance, begin, stop_runs
from perennial.work.playbooks.queries.entering import admitted_now
from perennial.work.playbooks.rules.caps import LeftOut
from perennial.work.playbooks.rules.definition import Step, of
from perennial.work.playbooks.versions import version_in_force

REASON_LETTERS, NOTE_LETTERS = 200, 20_000
WHY_NOT: Mapping[LeftOut, str] = {
    LeftOut.RUNNING: sentence("This playbook is running at this customer already."),
    LeftOut.EVER: sentence("This customer has been through this playbook as often as it may."),
    LeftOut.LATELY: sentence("This customer was in this playbook only a short while ago."),
    LeftOut.FULL: sentence("As many customers are in this playbook as may be at once."),
}


@transaction.atomic
def start(
    name: str,
    *,
    customer: Customer,
    item: WorkItem | None = None,
    owner: User | None = None,
    by: User | None,
    at: datetime,
) -> Run:
    """Begin a playbook at a customer; its first steps are there at once.

    `item`: the call to action that it answers; `owner`: who does its steps instead of the CSM.
    Raises InputRefused: no such playbook, running already, as often as it may.
    """
    version = version_in_force(name, at=at)
    if version is None:
        text = sentence("There is no playbook “{name}” that can be started.")
        raise InputRefused(text, code="no_playbook", params={"name": name})
    if item is not None and item.customer.pk != customer.pk:
        text = sentence("This call to action belongs to another customer.")
        raise InputRefused(text, code="wrong_item")
    moment = Moment.now(at)
    found = admitted_now(version, [customer.pk], as_of=moment.as_of, by_machine=False)
    why = found[customer.pk]
    if why is not None:
        raise InputRefused(WHY_NOT[why], code=why.value)
    run = begin(
        version,
        [customer.pk],
        source=Run.Source.PERSON,
        owner=owner,
        item=item,
        moment=moment,
        by=by,
    )[0]
    _note("playbook.started", run, {"version": version.number}, by=by, at=at)
    run.refresh_from_db()
    return run


@transaction.atomic
def stop(run: Run, *, reason: str, by: User | None, at: datetime) -> Run:
    """End a run; its open calls to action close. Raises InputRefused without a reason, or when
    it has ended."""
    if not reason.strip():
        raise InputRefused(sentence("Say why it stops."), code="no_reason", column="reason")
    run = _running(run)
    stop_runs([run], reason.strip(), moment=Moment.now(at))
    _note("playbook.stopped", run, {"reason": reason.strip()[:REASON_LETTERS]}, by=by, at=at)
    run.refresh_from_db()
    return run


@transaction.atomic
def skip(run: Run, *, step: str, reason: str, by: User | None, at: datetime) -> StepRun:
    """Leave a step out, whether it has started or failed or is still to come."""
    if not reason.strip():
        raise InputRefused(sentence("Say why the step is left out."), column="reason")
    run = _running(run)
    _known_step(run, step)
    found = StepRun.objects.select_related("item").filter(run=run, step=step).first()
    row = found or StepRun(run=run, step=step)
    if row.state in (StepRun.State.DONE, StepRun.State.SKIPPED):
        raise InputRefused(sentence("This step has ended already."), code="step_ended")
    moment = Moment.now(at)
    row.state, row.note = StepRun.State.SKIPPED, reason.strip()[:NOTE_LETTERS]
    row.done_on, row.done_at, row.by = moment.as_of, at, by
    row.result = {**row.result, "why": "person"}
    row.save()
    _close(row, run, by=by, at=at)
    for child in row.sub_runs.filter(state=Run.State.RUNNING):
        stop_runs([_running(child)], "parent_ended", moment=moment)
    advance([run.pk], moment=moment, by=by, watch=False)
    row.refresh_from_db()
    return row


@transaction.atomic
def finish(
    run: Run, *, step: str, outcome: str = "", note: str = "", by: User | None, at: datetime
) -> StepRun:
    """Say how an open step ended, by the id of one of its outcomes; its call to action closes.

    Raises InputRefused when it is not open, or for an outcome that it does not have.
    """
    run = _running(run)
    meant = _known_step(run, step)
    row = StepRun.objects.select_related("item").filter(run=run, step=step).first()
    if row is None or row.state != StepRun.State.OPEN:
        raise InputRefused(sentence("This step is not open."), code="step_not_open")
    if meant.outcomes and meant.outcome(outcome) is None:
        text = sentence("Choose how the step ended.")
        raise InputRefused(text, code="no_outcome", column="outcome")
    moment = Moment.now(at)
    row.state, row.outcome, row.note = StepRun.State.DONE, outcome, note.strip()[:NOTE_LETTERS]
    row.done_on, row.done_at, row.by = moment.as_of, at, by
    row.save()
    _close(row, run, by=by, at=at)
    advance([run.pk], moment=moment, by=by, watch=False)
    row.refresh_from_db()
    return row


def _close(row: StepRun, run: Run, *, by: User | None, at: datetime) -> None:
    """Close the step's call to action, undoably, or say in the audit log how the step ended. The
    step itself is written already: this does not move the run."""
    done = row.state == StepRun.State.DONE
    item = row.item
    if item is None or item.state == State.DONE or by is None:
        action = "playbook.step_done" if done else "playbook.step_skipped"
        detail = {"step": row.step, "outcome": row.outcome, "reason": row.note[:300]}
        _note(action, run, detail, by=by, at=at)
        return
    values = {
        "state": State.DONE,
        "outcome": Outcome.SUCCESS if done else Outcome.NOT_NEEDED,
        "note": row.note,
        "snoozed_until": None,
        "snoozed_reason": "",
        "closed_at": at,
        "closed_on": row.done_on,
        "closed_by_id": by.pk,
    }
    change(item, "work.completed", values=values, by=by, at=at)


def _running(run: Run) -> Run:
    rows = Run.objects.select_for_update(of=("self",)).filter(pk=run.pk)
    found = rows.select_related(
        "version", "playbook", "customer__owner", "customer__merged_into__owner", "by"
    ).get()
    if found.state != Run.State.RUNNING:
        raise InputRefused(sentence("This run has ended already."), code="run_ended")
    return found


def _known_step(run: Run, name: str) -> Step:
    step = of(run.version.definition).step(name)
    if step is None:
        text = sentence("There is no step “{name}”.")
        raise InputRefused(text, code="unknown_step", params={"name": name})
    return step


def _note(
    action: str, run: Run, detail: Mapping[str, Any], *, by: User | None, at: datetime
) -> None:
    found = {"playbook": run.playbook.name, "run": run.pk, **detail}
    record_about(run.customer, action=action, detail=found, by=by, at=at)
