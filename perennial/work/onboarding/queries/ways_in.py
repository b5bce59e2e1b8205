"""Ways in as the pages show them: where each stands, what is late; all through the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery

from perennial.team.models import User
from perennial.work.models import Milestone, Onboarding, OwnerKind
from perennial.work.onboarding.queries.definitions import definitions_by_row
from perennial.work.onboarding.queries.reach import visible_onboardings
from perennial.work.onboarding.rules.definition import Definition, Step
from perennial.work.onboarding.rules.first_value import Case
from perennial.work.onboarding.rules.milestones import MilestoneState, state_of

LATE = "late"
STATES = (*Onboarding.State.values, LATE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone where it stands. `step` None: the plan has it no more."""

    row: Milestone
    step: Step | None
    state: MilestoneState
    days_late: int
    is_first_value: bool

    @property
    def is_done(self) -> bool:
        return self.row.done_on is not None


@dataclass(frozen=True, slots=True)
class Row:
    """A way in with its milestones, by their due days."""

    way: Onboarding
    marks: tuple[Mark, ...]
    day: int  # since the start

    @property
    def done(self) -> int:
        return sum(it.is_done for it in self.marks)

    @property
    def late(self) -> tuple[Mark, ...]:
        return tuple(it for it in self.marks if it.state is MilestoneState.LATE)

    @property
    def next(self) -> Mark | None:
        """What is late longest, else what is due next."""
        return next((it for it in self.marks if not it.is_done), None)


def narrowed(
    found: QuerySet[Onboarding], *, state: str, kind: str, day: date
) -> QuerySet[Onboarding]:
    """Of a state (`late`: running with something late), and of an owner kind."""
    late = Milestone.objects.filter(onboarding=OuterRef("pk"), done_on=None, due_on__lt=day)
    if state == LATE:
        found = found.filter(Exists(late), state=Onboarding.State.RUNNING)
    elif state in Onboarding.State.values:
        found = found.filter(state=state)
    if kind in OwnerKind.values:
        found = found.filter(owner_kind=kind)
    if state not in (LATE, Onboarding.State.RUNNING):
        return found.order_by("-started_on", "pk")
    since = Subquery(late.order_by("due_on").values("due_on")[:1])
    found = found.annotate(late_since=since)
    return found.order_by(F("late_since").asc(nulls_last=True), "-started_on", "pk")


def counts(user: User, day: date) -> dict[str, int]:
    """Running, late, done and stopped ones that the user may see."""
    found = dict(visible_onboardings(user).order_by().values_list("state").annotate(Count("pk")))
    late = Milestone.objects.filter(
        done_on=None,
        due_on__lt=day,
        onboarding__in=visible_onboardings(user).filter(state=Onboarding.State.RUNNING),
    )
    return found | {LATE: late.values("onboarding").distinct().count()}


def rows(ways: Iterable[Onboarding], day: date) -> list[Row]:
    """With their milestones, in the order given; a question for all."""
    ways = list(ways)
    plans = definitions_by_row()
    of_way: dict[int, list[Milestone]] = {it.pk: [] for it in ways}
    found = Milestone.objects.filter(onboarding__in=list(of_way)).select_related("by")
    for milestone in found.order_by("due_on", "pk"):
        of_way[milestone.onboarding_id].append(milestone)
    return [_row(it, of_way[it.pk], plans[it.plan_id], day) for it in ways]


def _row(way: Onboarding, milestones: list[Milestone], plan: Definition, day: date) -> Row:
    end = min(way.ended_on or day, day) if way.state != Onboarding.State.RUNNING else day
    marks = tuple(_mark(it, plan, end) for it in milestones)
    return Row(way, marks, max((end - way.started_on).days, 0))


def _mark(it: Milestone, plan: Definition, as_of: date) -> Mark:
    late = ((it.done_on or as_of) - it.due_on).days
    return Mark(
        it,
        plan.step(it.step),
        state_of(it.due_on, done=it.done_on, as_of=as_of),
        max(late, 0),
        plan.first_value == it.step,
    )


def cases(user: User, *, by: str, day: date) -> list[Case]:
    """Every way in that began by `day`, for the time to first value; `by` month, tier or kind."""
    names = ("started_on", "first_value_on", "state", "ended_on", "owner_kind", "customer__tier")
    found = visible_onboardings(user).filter(started_on__lte=day).order_by("started_on", "pk")
    return [_case(row, by, day) for row in found.values(*names)]


def _case(row: Mapping[str, Any], by: str, day: date) -> Case:
    reached = row["first_value_on"]
    reached = reached if reached is not None and reached <= day else None
    # Only who was stopped is seen no longer; a plan that is done without it goes on waiting.
    is_stopped = row["state"] == Onboarding.State.STOPPED and row["ended_on"] is not None
    until = min(row["ended_on"], day) if is_stopped else day
    groups = {
        "month": row["started_on"].strftime("%Y-%m"),
        "tier": row["customer__tier"],
        "kind": row["owner_kind"],
    }
    return Case(row["started_on"], reached, until, groups.get(by, ""))
