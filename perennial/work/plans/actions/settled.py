"""A call to action of ours was closed or opened again: its touchpoint or joint action follows."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.work.models import Outcome, PlanAction, Reason, Touchpoint, WorkItem
from perennial.work.plans.actions.changing import change


def item_closed(item: WorkItem, *, outcome: str, by: User, at: datetime) -> None:
    """What a call was about is done when the call was successful; called inside the
    transaction that closes it. Other calls are left alone."""
    if outcome != Outcome.SUCCESS or (pk := pk_of(item)) is None:
        return
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    if item.reason == Reason.TOUCHPOINT:
        planned = Touchpoint.objects.filter(pk=pk, state=Touchpoint.State.PLANNED).first()
        if planned is not None:
            values = {"state": Touchpoint.State.DONE, "done_on": today}
            version = planned.version
            change(planned, values=values, version=version, code="touchpoint.done", by=by, at=at)
    elif item.reason == Reason.PLAN:
        open_one = PlanAction.objects.filter(pk=pk, done_on=None).first()
        if open_one is not None:
            said = {"done_on": today, "done_by": by.name[:100]}
            version = open_one.version
            change(open_one, values=said, version=version, code="plan.action_done", by=by, at=at)


def item_reopened(item: WorkItem, *, by: User, at: datetime) -> None:
    """The call is open again, and so is what it was about."""
    if (pk := pk_of(item)) is None:
        return
    if item.reason == Reason.TOUCHPOINT:
        done = Touchpoint.objects.filter(pk=pk, state=Touchpoint.State.DONE).first()
        if done is not None:
            values = {"state": Touchpoint.State.PLANNED, "done_on": None, "touch": None}
            version = done.version
            change(done, values=values, version=version, code="touchpoint.open", by=by, at=at)
    elif item.reason == Reason.PLAN:
        finished = PlanAction.objects.filter(pk=pk, done_on__isnull=False).first()
        if finished is not None:
            said = {"done_on": None, "done_by": ""}
            version = finished.version
            change(finished, values=said, version=version, code="plan.action_open", by=by, at=at)


def about(pk: int) -> str:
    """How a call names its touchpoint or joint action."""
    return f"plans:{pk}"


def pk_of(item: WorkItem) -> int | None:
    """The touchpoint or joint action that a call is about."""
    name, _colon, pk = item.about.partition(":")
    return int(pk) if name == "plans" and pk.isdecimal() else None
