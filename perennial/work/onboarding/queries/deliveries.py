"""Delivery projects as the pages show them, late ones first; through the gate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, DateField, F, Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Least

from perennial.team.models import User
from perennial.work.models import Phase, Project
from perennial.work.onboarding.queries.definitions import in_force
from perennial.work.onboarding.queries.facts import is_connected
from perennial.work.onboarding.queries.reach import visible_projects
from perennial.work.onboarding.rules.delivery import (
    PHASES,
    Days,
    Lag,
    UseState,
    current,
    days_late,
    lag,
    use_state,
)

_STATE = Project.State
LATE, UNUSED = "late", "unused"
STATES = (*_STATE.values, LATE, UNUSED)
_FAR = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Part:
    """A phase where it stands."""

    row: Phase
    lag: Lag

    @property
    def days_late(self) -> int:
        return self._late or 0

    _late: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A project with its phases in their order. `golive_late_days` None: no day was planned."""

    project: Project
    parts: tuple[Part, ...]
    current: str
    golive_late_days: int | None
    use: UseState
    use_until_on: date | None

    @property
    def late(self) -> Part | None:
        """The first late phase."""
        return next((it for it in self.parts if it.lag is Lag.LATE), None)

    @property
    def is_running(self) -> bool:
        return self.project.state == _STATE.RUNNING


def narrowed(found: QuerySet[Project], *, state: str, day: date) -> QuerySet[Project]:
    """Of a state, or late, or live and not used; what is late longest stands first."""
    running = Q(state=_STATE.RUNNING)
    late = running & Q(phases__done_on=None, phases__planned_on__lt=day)
    found = found.annotate(late_since=Min("phases__planned_on", filter=late))
    over = _unused(day)
    if state == LATE:
        found = found.filter(late_since__isnull=False)
    elif state == UNUSED:
        found = found.filter(over)
    elif state in _STATE.values:
        found = found.filter(state=state)
    never = Value(_FAR, DateField())
    first = Least(Coalesce("late_since", never), Coalesce("golive_unused", never))
    found = found.annotate(golive_unused=Min("golive_on", filter=over), since=first)
    return found.order_by(F("since").asc(nulls_last=True), "-started_on", "pk")


def _unused(day: date) -> Q:
    if not is_connected():
        return Q(pk__in=[])
    over_on = day - timedelta(days=in_force().use_window_days)
    return Q(golive_on__lte=over_on, in_use_on=None) & ~Q(state=_STATE.STOPPED)


def counts(user: User, day: date) -> dict[str, int]:
    seen = visible_projects(user)
    found = dict(seen.order_by().values_list("state").annotate(Count("pk")))
    late = Phase.objects.filter(
        done_on=None, planned_on__lt=day, project__in=seen.filter(state=_STATE.RUNNING)
    )
    return found | {
        LATE: late.values("project").distinct().count(),
        UNUSED: seen.filter(_unused(day)).count(),
    }


def deliveries(projects: Iterable[Project], day: date) -> list[Delivery]:
    """With their phases, in the order given; a question for all."""
    projects = list(projects)
    of_project: dict[int, dict[str, Phase]] = {it.pk: {} for it in projects}
    for phase in Phase.objects.filter(project__in=list(of_project)):
        of_project[phase.project_id][phase.name] = phase
    within, connected = in_force().use_window_days, is_connected()
    return [
        _delivery(it, of_project[it.pk], day, within=within, connected=connected) for it in projects
    ]


def _delivery(
    project: Project, rows: dict[str, Phase], day: date, *, within: int, connected: bool
) -> Delivery:
    days = {name: Days(row.planned_on, row.done_on) for name, row in rows.items()}
    parts = tuple(
        Part(
            rows[name],
            lag(name, days, as_of=day),
            days_late(days[name].planned_on, days[name].done_on, as_of=day),
        )
        for name in PHASES
        if name in rows
    )
    state = use_state(
        project.golive_on,
        used_on=project.in_use_on,
        within_days=within,
        as_of=day,
        is_connected=connected,
    )
    return Delivery(
        project,
        parts,
        current(days),
        days_late(project.golive_planned_on, project.golive_on, as_of=day),
        state,
        project.golive_on + timedelta(days=within) if project.golive_on else None,
    )
