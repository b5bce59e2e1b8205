"""Touchpoints by people: added, moved, skipped with a reason, held with the contact that was it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from perennial.customers.models import Customer, Touch
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.work.models import Outcome, Reason, Touchpoint
from perennial.work.plans.actions.calls import close_call
from perennial.work.plans.actions.changing import change, made

REASON_LETTERS = 300
FARTHEST_DAYS = 730
State = Touchpoint.State


@transaction.atomic
def add_touchpoint(
    customer: Customer,
    *,
    kind: str,
    title: str,
    due_on: date,
    owner: User | None = None,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """One of one's own, beside those of the template. Raises InputRefused, by field."""
    _check_day(due_on, at)
    touchpoint = Touchpoint.objects.create(
        customer=customer,
        kind=kind,
        title=title.strip(),
        planned_on=due_on,
        due_on=due_on,
        owner=owner,
        recorded_at=at,
    )
    return made(touchpoint, code="touchpoint.added", by=by, at=at)


def move(
    touchpoint: Touchpoint,
    *,
    due_on: date,
    reason: str,
    version: int,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """To another day, with a reason; the first day stays beside it."""
    _must_be_planned(touchpoint)
    _must_say_why(reason)
    _check_day(due_on, at)
    values = {"due_on": due_on, "reason": reason.strip()}
    return change(touchpoint, values=values, version=version, code="touchpoint.moved", by=by, at=at)


@transaction.atomic
def skip(
    touchpoint: Touchpoint, *, reason: str, version: int, by: User | None, at: datetime
) -> AuditEntry:
    """It will not be held, and why."""
    _must_be_planned(touchpoint)
    _must_say_why(reason)
    values = {"state": State.SKIPPED, "reason": reason.strip()}
    entry = change(
        touchpoint, values=values, version=version, code="touchpoint.skipped", by=by, at=at
    )
    close_call(Reason.TOUCHPOINT, touchpoint.pk, outcome=Outcome.NOT_NEEDED, by=by, at=at)
    return entry


@transaction.atomic
def hold(
    touchpoint: Touchpoint,
    *,
    on: date | None = None,
    touch: Touch | None = None,
    version: int,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """It was held: on the day of the contact that was it, else `on` or today."""
    _must_be_planned(touchpoint)
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    done_on = on or today
    if touch is not None:
        if touch.customer.pk != touchpoint.customer.pk:
            raise InputRefused(gettext_noop("This contact was with somebody else."))
        done_on = business_day(touch.happened_at, settings.PERENNIAL_TIME_ZONE)
    if done_on > today:
        raise InputRefused(gettext_noop("This day has not come yet."), column="on")
    values = {"state": State.DONE, "done_on": done_on, "touch": touch}
    entry = change(touchpoint, values=values, version=version, code="touchpoint.done", by=by, at=at)
    close_call(Reason.TOUCHPOINT, touchpoint.pk, by=by, at=at)
    return entry


def _must_be_planned(touchpoint: Touchpoint) -> None:
    if touchpoint.state != State.PLANNED:
        raise InputRefused(gettext_noop("This touchpoint is settled already."))


def _must_say_why(reason: str) -> None:
    if not reason.strip():
        raise InputRefused(gettext_noop("Say why."), column="reason")


def _check_day(due_on: date, at: datetime) -> None:
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    if due_on < today:
        raise InputRefused(gettext_noop("This day has passed."), column="due_on")
    if due_on > today + timedelta(days=FARTHEST_DAYS):
        raise InputRefused(gettext_noop("At most two years ahead."), column="due_on")
