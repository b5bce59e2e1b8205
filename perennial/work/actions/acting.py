"""What people do with one item: start, later, done, no need, and undo."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from perennial.team.models import User
from perennial.units.moment import business_day
from perennial.work.actions import settling
from perennial.work.actions.changing import CannotDoThat, change, from_kept, must_be_active
from perennial.work.models import Outcome, State, WorkItem

MOST_SNOOZE_DAYS = 180


def complete(
    item: WorkItem, *, outcome: str = Outcome.SUCCESS, note: str = "", by: User, at: datetime
) -> WorkItem:
    """Close as success, failed or not needed. Raises CannotDoThat when it is closed already."""
    if outcome not in {Outcome.SUCCESS, Outcome.FAILED, Outcome.NOT_NEEDED}:
        raise CannotDoThat(gettext_noop("An item is closed as successful, failed or not needed."))
    must_be_active(item)
    values = {
        "state": State.DONE,
        "outcome": outcome,
        "note": note,
        "snoozed_until": None,
        "snoozed_reason": "",
        "closed_at": at,
        "closed_on": business_day(at, settings.PERENNIAL_TIME_ZONE),
        "closed_by_id": by.pk,
    }
    with transaction.atomic():
        done = change(item, "work.completed", values=values, by=by, at=at)
        settling.closed(done, outcome=outcome, by=by, at=at)
    return done


def dismiss(item: WorkItem, *, note: str = "", by: User, at: datetime) -> WorkItem:
    """Close: no action needed."""
    return complete(item, outcome=Outcome.NOT_NEEDED, note=note, by=by, at=at)


def start(item: WorkItem, *, by: User, at: datetime) -> WorkItem:
    """Somebody is at it. What belonged to nobody in particular stays so."""
    must_be_active(item)
    if item.state == State.IN_PROGRESS:
        raise CannotDoThat(gettext_noop("This item is in progress already."))
    values = {
        "state": State.IN_PROGRESS,
        "started_at": at,
        "snoozed_until": None,
        "snoozed_reason": "",
    }
    return change(item, "work.started", values=values, by=by, at=at)


def snooze(item: WorkItem, *, days: int, reason: str = "", by: User, at: datetime) -> WorkItem:
    """Let it sleep for 1 to 180 days; evidence goes on arriving."""
    if not 1 <= days <= MOST_SNOOZE_DAYS:
        raise CannotDoThat(gettext_noop("An item may sleep for 1 to 180 days."))
    must_be_active(item)
    until = business_day(at, settings.PERENNIAL_TIME_ZONE) + timedelta(days=days)
    values = {"state": State.SNOOZED, "snoozed_until": until, "snoozed_reason": reason[:200]}
    return change(item, "work.snoozed", values=values, by=by, at=at)


def reopen(item: WorkItem, *, by: User, at: datetime) -> WorkItem:
    """Undo what was last done with it by a person."""
    if not item.undo:
        raise CannotDoThat(gettext_noop("There is nothing to undo."))
    taken = WorkItem.objects.filter(
        customer_id=item.customer_id, reason=item.reason, about=item.about
    )
    if item.state == State.DONE and taken.exclude(state=State.DONE).exists():
        raise CannotDoThat(gettext_noop("The same reason is open again already."))
    values = from_kept(item.undo)
    if values["state"] != State.DONE:
        values |= {"closed_at": None, "closed_on": None, "note": ""}
    was_done = item.state == State.DONE
    with transaction.atomic():
        back = change(item, "work.undone", values=values, keep=False, by=by, at=at)
        if was_done:
            settling.reopened(back, by=by, at=at)
    return back
