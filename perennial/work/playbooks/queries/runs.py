"""Runs through the gate, and where each step of one stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404

from perennial.customers.models import Customer
from perennial.customers.queries import records_of, visible_records
from perennial.team.models import User
from perennial.work.models import Enrolment, Reason, Run, StepRun, WorkItem
from perennial.work.playbooks.engine.moving import Moment, calendar
from perennial.work.playbooks.engine.situation import situations
from perennial.work.playbooks.facts import Facts
from perennial.work.playbooks.rules.definition import Definition, Outcome, Step, of
from perennial.work.playbooks.rules.progress import Standing, progress


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a run: by the rules today, and its row once it was touched. `why`: a key of
    why.WHY."""

    step: Step
    standing: Standing
    row: StepRun | None

    @property
    def why(self) -> str:
        return str(self.row.result.get("why", "")) if self.row else ""

    @property
    def outcome(self) -> Outcome | None:
        return self.step.outcome(self.row.outcome) if self.row else None


def visible_runs(user: User) -> QuerySet[Run]:
    """The gate of runs."""
    runs = Run.objects.filter(customer__in=visible_records(user))
    return runs.select_related(
        "version", "playbook", "customer__owner", "customer__merged_into__owner", "owner", "by"
    )


def run_for(user: User, pk: int) -> Run:
    """One run, or Http404: a foreign one does not exist for this user."""
    found = visible_runs(user).select_related("parent__run", "item").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def runs_for(user: User, name: str) -> QuerySet[Run]:
    """The runs of one playbook, the newest first."""
    return visible_runs(user).filter(playbook__name=name).order_by("-enrolled_on", "-pk")


def runs_of(user: User, customer: Customer) -> QuerySet[Run]:
    """The runs at a customer, those under way first, each with its steps."""
    runs = Run.objects.filter(customer__in=records_of(user, customer))
    steps = StepRun.objects.select_related("item__owner", "owner")
    return (
        runs.select_related(
            "version", "playbook", "customer__owner", "customer__merged_into__owner", "owner", "by"
        )
        .prefetch_related(Prefetch("steps", steps))
        .order_by("ended_on", "-enrolled_on", "-pk")
    )


def standing(run: Run, *, moment: Moment) -> list[StepView]:
    """Every step in order, with what it waits for."""
    found = situations([run])[0]
    if run.state == Run.State.RUNNING:
        found.renewal_on = Facts({run.customer.pk}, moment.day).renewal_of(run.customer.pk)
    now = progress(found.definition, found.facts(), calendar=calendar(), as_of=moment.as_of)
    rows = {
        it.step: it for it in run.steps.select_related("item__owner", "owner", "by").order_by("pk")
    }
    return [StepView(it.step, it, rows.get(it.step.id)) for it in now.steps]


def outcomes_of(item: WorkItem) -> tuple[Outcome, ...]:
    """How the step behind a call to action may end; empty: it is just done."""
    row = step_of(item)
    step = of(row.run.version.definition).step(row.step) if row else None
    return step.outcomes if step else ()


def step_of(item: WorkItem) -> StepRun | None:
    """The step behind a call to action; None for one that is no step's."""
    if item.reason != Reason.STEP:
        return None
    rows = StepRun.objects.select_related("run__version", "run__playbook").filter(item=item)
    return rows.first()


@dataclass(frozen=True, slots=True)
class Tally:
    """Runs of one playbook that the asker sees, by how they stand."""

    running: int
    done: int
    left: int


def tallies(user: User) -> Mapping[str, Tally]:
    """By name of the playbook."""
    rows = (
        visible_runs(user)
        .order_by()
        .values_list("playbook__name")
        .annotate(
            running=Count("pk", filter=Q(state=Run.State.RUNNING)),
            done=Count("pk", filter=Q(state=Run.State.DONE)),
            left=Count("pk", filter=Q(state__in=(Run.State.EXITED, Run.State.STOPPED))),
        )
    )
    return {name: Tally(running, done, left) for name, running, done, left in rows}


def enrolment_for(user: User, pk: int) -> Enrolment:
    """An enrolment by the one who made it, or Http404."""
    rows = Enrolment.objects.select_related("version__playbook", "by")
    found = rows.filter(pk=pk, by=user).first()
    if found is None:
        raise Http404
    return found


def definitions_of(runs: Sequence[Run]) -> dict[int, Definition]:
    """What each version says, by its key."""
    found: dict[int, Definition] = {}
    for run in runs:
        if run.version_id not in found:
            found[run.version_id] = of(run.version.definition)
    return found
