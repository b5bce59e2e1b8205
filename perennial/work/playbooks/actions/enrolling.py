"""Many customers at once: laid out here, enrolled in portions by the worker, taken back whole.

A portion is one transaction with its own place in the list: killed anywhere, it goes on where
the last whole portion ended, and nobody enters twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from perennial.customers.queries import visible_customers
from perennial.team.audit import record
from perennial.team.lease import hold
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.progress import Progress, silent
from perennial.units.sentence import sentence
from perennial.work.models import Enrolment, Run, StepRun
from perennial.work.playbooks.engine.moving import Moment, begin, stop_runs
from perennial.work.playbooks.queries.entering import admitted_now
from perennial.work.playbooks.rules.caps import TAKEN_BACK, LeftOut
from perennial.work.playbooks.rules.definition import of
from perennial.work.playbooks.versions import version_in_force

PORTION = 500
AT_ONCE = 50  # so few need no worker
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Undone:
    """How many runs were stopped, and how many somebody had begun to work on."""

    stopped: int
    kept: int


@transaction.atomic
def enrol(name: str, *, customers: Sequence[int], by: User, at: datetime) -> Enrolment:
    """Let these customers enter, in their order, as far as caps allow; those whom `by` may not
    see are left out. Many are enrolled by the worker. Raises InputRefused."""
    version = version_in_force(name, at=at)
    if version is None:
        text = sentence("There is no playbook “{name}” that can be started.")
        raise InputRefused(text, code="no_playbook", params={"name": name})
    seen = set(visible_customers(by).values_list("pk", flat=True))
    wanted = [pk for pk in dict.fromkeys(customers) if pk in seen]
    if not 0 < len(wanted) <= MOST:
        text = sentence("Choose 1 to {most} customers.")
        raise InputRefused(text, code="wrong_count", params={"most": str(MOST)})
    made = Enrolment.objects.create(version=version, customers=wanted, by=by, made_at=at)
    _note("playbook_enrolment", made, {"customers": len(wanted)}, by=by, at=at)
    if len(wanted) <= AT_ONCE:
        while not _portion(made.pk, at=at):
            pass
        made.refresh_from_db()
    return made


def run_waiting(*, at: datetime, progress: Progress = silent) -> int:
    """Go on with what waits, one after the other; how many customers entered. For the worker."""
    if not Enrolment.objects.filter(state=Enrolment.State.WAITING).exists():
        return 0
    entered = 0
    with hold("enrolments"):
        waiting = Enrolment.objects.filter(state=Enrolment.State.WAITING).order_by("pk")
        for it in waiting:
            while not _portion(it.pk, at=at):
                it.refresh_from_db()
                progress(it.done, len(it.customers))
            it.refresh_from_db()
            entered += it.enrolled
    return entered


@transaction.atomic
def _portion(pk: int, *, at: datetime) -> bool:
    """Enrol the next customers of a list; True when it is through."""
    made = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__playbook", "by")
        .get(pk=pk)
    )
    if made.state != Enrolment.State.WAITING:
        return True
    wanted = made.customers[made.done : made.done + PORTION]
    moment = Moment.now(at)
    if made.by is None:  # the colleague who wanted it is gone, and so is the gate
        found: dict[int, LeftOut | None] = dict.fromkeys(wanted, LeftOut.GONE)
    else:
        # Asked again: customers change hands while a long list waits.
        seen = set(visible_customers(made.by).filter(pk__in=wanted).values_list("pk", flat=True))
        inside = [customer for customer in wanted if customer in seen]
        found = dict.fromkeys(wanted, LeftOut.GONE)
        found |= admitted_now(made.version, inside, as_of=moment.as_of, by_machine=False)
    enter = [customer for customer, why in found.items() if why is None]
    source = Run.Source.PERSON
    begin(made.version, enter, source=source, enrolment=made, moment=moment, by=made.by)
    why_not = Counter(why.value for why in found.values() if why is not None)
    made.left_out = dict(Counter(made.left_out) + why_not)
    made.done += len(wanted)
    made.enrolled += len(enter)
    if made.done >= len(made.customers):
        made.state, made.finished_at = Enrolment.State.DONE, at
    made.save()
    return made.state == Enrolment.State.DONE


@transaction.atomic
def undo_enrolment(made: Enrolment, *, by: User, at: datetime) -> Undone:
    """Stop the runs that nobody has worked on yet; the others go on. What still waits does not
    enter any more. Raises InputRefused when it was undone before."""
    made = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("version__playbook")
        .get(pk=made.pk)
    )
    if made.state == Enrolment.State.UNDONE:
        raise InputRefused(sentence("This enrolment was undone already."), code="undone")
    running = made.runs.filter(state=Run.State.RUNNING).select_related(
        "version", "playbook", "customer__owner", "customer__merged_into__owner", "by"
    )
    by_hand = Q(by__isnull=False) | Q(state=StepRun.State.OPEN, item__version__gt=1)
    rows = StepRun.objects.filter(by_hand, run__enrolment=made)
    touched = set(rows.values_list("run", flat=True))
    stopped = [run for run in running if run.pk not in touched]
    moment = Moment.now(at)
    for first in range(0, len(stopped), PORTION):
        stop_runs(stopped[first : first + PORTION], TAKEN_BACK, moment=moment)
    made.state, made.finished_at = Enrolment.State.UNDONE, at
    made.save()
    done = Undone(len(stopped), made.enrolled - len(stopped))
    detail = {"stopped": done.stopped, "kept": done.kept}
    _note("playbook_enrolment_undone", made, detail, by=by, at=at)
    return done


def _note(action: str, made: Enrolment, detail: dict[str, int], *, by: User, at: datetime) -> None:
    record(
        action,
        object_type="playbook",
        object_id=made.version.playbook.name,
        summary=of(made.version.definition).title.en,
        detail={"enrolment": made.pk, **detail},
        by=by,
        at=at,
    )
