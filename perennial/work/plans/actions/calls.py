"""The calls to action that plans and touchpoints raise (work's day does): they end together."""

from __future__ import annotations

from datetime import datetime

from perennial.team.models import AuditEntry, User
from perennial.work.actions.acting import complete, reopen
from perennial.work.models import Goal, Outcome, Reason, State, WorkItem
from perennial.work.plans.actions.changing import undo
from perennial.work.plans.actions.goals import take_newest
from perennial.work.plans.actions.settled import about

CLOSING = {"plan.action_done": Reason.PLAN, "touchpoint.done": Reason.TOUCHPOINT}


def close_call(
    reason: Reason,
    pk: int,
    *,
    by: User | None,
    at: datetime,
    outcome: Outcome = Outcome.SUCCESS,
) -> None:
    """Close the call about something that is settled; what a customer ticks is left to the day."""
    if by is None:
        return
    active = WorkItem.objects.filter(reason=reason, about=about(pk)).exclude(state=State.DONE)
    if (item := active.first()) is not None:
        complete(item, outcome=outcome, by=by, at=at)


def take_back(entry: AuditEntry, *, by: User, at: datetime) -> None:
    """Undo what a line says, with all that followed from it. Raises CannotUndo."""
    undo(entry, by=by, at=at)
    if entry.detail["of"] == "reading":
        goals = Goal.objects.filter(plan=int(entry.object_id)).filter(metric="")
        for goal in goals:
            take_newest(goal)
    reason = CLOSING.get(entry.action)
    if reason is not None:
        closed = WorkItem.objects.filter(reason=reason, about=about(entry.detail["pk"]))
        item = closed.filter(state=State.DONE, closed_by=by).order_by("-closed_at").first()
        if item is not None and item.undo:
            reopen(item, by=by, at=at)
