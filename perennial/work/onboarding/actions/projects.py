"""Delivery projects (交付项目): begun, planned, done phase by phase, stopped. Usage, never a
person, says whether what went live is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from perennial.contracts.models import OrderLine
from perennial.customers.audit import record_about
from perennial.customers.models import Customer
from perennial.metrics.queries import daily_counts
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence
from perennial.work.models import Phase, Project
from perennial.work.onboarding.actions.onboardings import REASON_LETTERS, conflict, today
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.queries.facts import is_connected
from perennial.work.onboarding.rules.delivery import GOLIVE, PHASES, in_use_on

BATCH = 500
USE_LOOKED_FOR_DAYS = 365  # so long after the go-live
LONGEST_DAYS = 5 * 365
NOTE_LETTERS = 300
_STATE = Project.State


@dataclass(frozen=True, slots=True)
class Planned:
    """What a project is: `standard_rate` 0–1 of the work is standard, the rest made to order;
    `planned` days by phase."""

    title: str
    started_on: date
    order_id: str = ""
    owner: User | None = None
    standard_rate: float | None = None
    planned: Mapping[str, date | None] = field(default_factory=dict)


@transaction.atomic
def begin(customer: Customer, it: Planned, *, by: User | None, at: datetime) -> Project:
    """A new project with its six phases. Raises InputRefused, by field."""
    _check(customer, it)
    made = Project.objects.create(
        customer=customer,
        title=it.title.strip(),
        order_id=it.order_id,
        owner=it.owner,
        standard_rate=it.standard_rate,
        started_on=it.started_on,
        golive_planned_on=it.planned.get(GOLIVE),
        recorded_at=at,
    )
    Phase.objects.bulk_create(
        Phase(project=made, name=name, planned_on=it.planned.get(name)) for name in PHASES
    )
    _line(made, "project.begun", {"started_on": it.started_on.isoformat()}, by=by, at=at)
    return made


@transaction.atomic
def edit(project: Project, it: Planned, *, version: int, by: User | None, at: datetime) -> Project:
    """Change what was planned. Raises EditConflict; InputRefused, by field."""
    _check(project.customer, it)
    done = [one.done_on for one in project.phases.all() if one.done_on]
    if done and min(done) < it.started_on:
        raise InputRefused(sentence("A phase was done before this day."), column="started_on")
    values = {
        "title": it.title.strip(),
        "order_id": it.order_id,
        "owner": it.owner,
        "standard_rate": it.standard_rate,
        "started_on": it.started_on,
        "golive_planned_on": it.planned.get(GOLIVE),
    }
    _change(project, version=version, values=values)
    for phase in project.phases.all():
        if phase.planned_on != it.planned.get(phase.name):
            found = Phase.objects.filter(pk=phase.pk)
            found.update(planned_on=it.planned.get(phase.name), version=F("version") + 1)
    _line(project, "project.edited", {"title": project.title}, by=by, at=at)
    return project


def _check(customer: Customer, it: Planned) -> None:
    if not it.title.strip():
        raise InputRefused(sentence("A project needs a title."), column="title")
    latest = it.started_on + timedelta(days=LONGEST_DAYS)
    before: date | None = None
    for name in PHASES:
        day = it.planned.get(name)
        if day is None:
            continue
        if not it.started_on <= day <= latest:
            raise InputRefused(
                sentence("This day lies before the start, {day}.")
                if day < it.started_on
                else sentence("This is more than five years after the start."),
                column=name,
                params={"day": it.started_on.isoformat()},
            )
        if before is not None and day < before:
            raise InputRefused(
                sentence("This phase is planned before the one that precedes it."), column=name
            )
        before = day
    orders = OrderLine.objects.filter(customer=customer, order_id=it.order_id)
    if it.order_id and not orders.exists():
        raise InputRefused(sentence("This customer has no such order."), column="order_id")


@transaction.atomic
def set_phase(
    project: Project,
    *,
    name: str,
    done_on: date | None,
    note: str,
    version: int,
    by: User | None,
    at: datetime,
) -> Phase:
    """A phase is done on a day, or (None) not done after all. The last one ends the project.

    Raises EditConflict; InputRefused for a day before the start or an earlier phase's, or in the
    future, and while the project is stopped.
    """
    phases = {it.name: it for it in project.phases.all()}
    if project.state == _STATE.STOPPED:
        raise InputRefused(sentence("This project is stopped."), code="stopped")
    if done_on is not None:
        _check_done(project, phases, name, done_on, at)
    phase = phases[name]
    found = Phase.objects.filter(pk=phase.pk, version=version)
    values = {"done_on": done_on, "note": note.strip()[:NOTE_LETTERS]}
    if not found.update(**values, version=F("version") + 1):
        raise conflict()
    before, phase.done_on = phase.done_on, done_on
    _settle(project, phases)
    detail = {"phase": name, "done_on": [str(before or ""), str(done_on or "")]}
    _line(project, "project.phase_set", detail, by=by, at=at)
    phase.refresh_from_db()
    return phase


def _check_done(
    project: Project, phases: Mapping[str, Phase], name: str, done_on: date, at: datetime
) -> None:
    if done_on > today(at):
        raise InputRefused(sentence("This day lies in the future."), column="done_on")
    if done_on < project.started_on:
        raise InputRefused(
            sentence("This day lies before the start, {day}."),
            column="done_on",
            params={"day": project.started_on.isoformat()},
        )
    at_place = PHASES.index(name)
    earlier = [phases[it].done_on for it in PHASES[:at_place]]
    later = [phases[it].done_on for it in PHASES[at_place + 1 :]]
    if any(day and day > done_on for day in earlier) or any(day and day < done_on for day in later):
        raise InputRefused(
            sentence("Phases follow each other: this day does not fit the others."),
            column="done_on",
        )


def _settle(project: Project, phases: Mapping[str, Phase]) -> None:
    """The go-live, and whether all is done, follow from the phases. A go-live taken back or moved
    asks usage anew."""
    golive_on = phases[GOLIVE].done_on
    values: dict[str, object] = {
        "golive_on": golive_on,
        "state": _STATE.DONE if phases[PHASES[-1]].done_on else _STATE.RUNNING,
    }
    if golive_on != project.golive_on:
        values["in_use_on"] = None
    _change(project, version=project.version, values=values)


@transaction.atomic
def stop(project: Project, *, reason: str, version: int, by: User | None, at: datetime) -> Project:
    """End it with a reason. Raises InputRefused without one, or when it does not run."""
    if not reason.strip():
        raise InputRefused(sentence("Stopping needs a reason."), column="reason")
    if project.state != _STATE.RUNNING:
        raise InputRefused(sentence("This project does not run."), code="not_running")
    values = {"state": _STATE.STOPPED, "stopped_reason": reason.strip()[:REASON_LETTERS]}
    _change(project, version=version, values=values)
    _line(project, "project.stopped", {"reason": project.stopped_reason}, by=by, at=at)
    return project


@transaction.atomic
def resume(project: Project, *, by: User | None, at: datetime) -> Project:
    """Undo a stop."""
    if project.state != _STATE.STOPPED:
        raise InputRefused(sentence("There is nothing to undo."), code="nothing_to_do")
    values = {"state": _STATE.RUNNING, "stopped_reason": ""}
    _change(project, version=project.version, values=values)
    _line(project, "project.resumed", {}, by=by, at=at)
    return project


def _change(project: Project, *, version: int, values: Mapping[str, object]) -> None:
    found = Project.objects.filter(pk=project.pk, version=version)
    if not found.update(**values, version=F("version") + 1):
        raise conflict()
    project.refresh_from_db()


def _line(
    project: Project, action: str, detail: Mapping[str, object], *, by: User | None, at: datetime
) -> None:
    found = {"project": project.pk, "title": project.title, **detail}
    record_about(project.customer, action=action, detail=found, by=by, at=at)


@transaction.atomic
def look_at_use(*, day: date) -> int:
    """The day by which usage showed what was declared live; of how many projects it now does."""
    earliest = day - timedelta(days=USE_LOOKED_FOR_DAYS)
    live = Project.objects.filter(in_use_on=None, golive_on__gt=earliest, golive_on__lte=day)
    waiting = list(live.exclude(state=_STATE.STOPPED).select_related("customer"))
    if not waiting or not is_connected():
        return 0
    definition = in_force()
    first_on = min(it.golive_on for it in waiting if it.golive_on)
    names = sorted({it.customer.external_id for it in waiting})
    counts = daily_counts(from_on=first_on, to_on=day, customers=names)
    place = {name: at for at, name in enumerate(counts.customers)}
    changed = []
    for it in waiting:
        row = place.get(it.customer.external_id)
        if row is None or it.golive_on is None:
            continue
        it.in_use_on = in_use_on(
            counts.counts[row, (it.golive_on - first_on).days :].tolist(),
            first_on=it.golive_on,
            days=definition.use_days,
            within_days=definition.use_window_days,
        )
        if it.in_use_on is not None:
            changed.append(it)
    Project.objects.bulk_update(changed, ["in_use_on"], batch_size=BATCH)
    return len(changed)
