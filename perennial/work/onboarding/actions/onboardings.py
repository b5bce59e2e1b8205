"""What people do with a way in: reach a milestone by hand, take it back, name the owner, stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from perennial.customers.actions import EditConflict
from perennial.customers.audit import record_about
from perennial.customers.queries import at_customer
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.units.sentence import sentence
from perennial.work.models import Milestone, Onboarding, OwnerKind
from perennial.work.onboarding.queries.definitions import definition_of

NOTE_LETTERS = 500
REASON_LETTERS = 300
_STATE = Onboarding.State


def conflict() -> EditConflict:
    return EditConflict(
        sentence("Somebody changed this in the meantime. Look at the new value and save again.")
    )


def today(at: datetime) -> date:
    return business_day(at, settings.PERENNIAL_TIME_ZONE)


@transaction.atomic
def reach(
    milestone: Milestone,
    *,
    done_on: date,
    note: str,
    version: int,
    by: User | None,
    at: datetime,
) -> Milestone:
    """Say that it is reached. Raises EditConflict when somebody was faster, InputRefused, by
    field, for a day before the start or in the future, and when the way in is stopped."""
    way = milestone.onboarding
    if way.state == _STATE.STOPPED:
        raise InputRefused(sentence("This onboarding is stopped."), code="stopped")
    if done_on > today(at):
        raise InputRefused(sentence("This day lies in the future."), column="done_on")
    if done_on < way.started_on:
        raise InputRefused(
            sentence("This day lies before the start, {day}."),
            column="done_on",
            params={"day": way.started_on.isoformat()},
        )
    evidence = {"note": note.strip()[:NOTE_LETTERS]} if note.strip() else {}
    values = {"done_on": done_on, "by": by, "by_data": False, "evidence": evidence}
    _save(milestone, version=version, values=values | {"recorded_at": at})
    _settle(way)
    _line(milestone, "milestone.reached", {"on": done_on.isoformat(), **evidence}, by=by, at=at)
    return milestone


@transaction.atomic
def take_back(milestone: Milestone, *, by: User | None, at: datetime) -> Milestone:
    """What a person said is unsaid; data would say it again. Raises InputRefused for those."""
    if milestone.done_on is None:
        raise InputRefused(sentence("There is nothing to undo."), code="nothing_to_do")
    if milestone.by_data:
        raise InputRefused(
            sentence("Data shows this milestone: it cannot be taken back."), code="by_data"
        )
    values: dict[str, object] = {"done_on": None, "by": None, "evidence": {}, "recorded_at": None}
    _save(milestone, version=milestone.version, values=values)
    _settle(milestone.onboarding)
    _line(milestone, "milestone.taken_back", {}, by=by, at=at)
    return milestone


def _save(milestone: Milestone, *, version: int, values: Mapping[str, object]) -> None:
    found = Milestone.objects.filter(pk=milestone.pk, version=version)
    if not found.update(**values, version=F("version") + 1):
        raise conflict()
    milestone.refresh_from_db()


def _settle(way: Onboarding) -> None:
    """Done when all milestones are; running again when one of them is open again. The first
    value follows its milestone."""
    rows = {it.step: it.done_on for it in way.milestones.all()}
    days = [day for day in rows.values() if day is not None]
    is_done = len(days) == len(rows)
    way.first_value_on = rows.get(definition_of(way.plan).first_value)
    if way.state != _STATE.STOPPED:
        way.state = _STATE.DONE if is_done else _STATE.RUNNING
        way.ended_on = max(days, default=None) if is_done else None
    way.save(update_fields=["first_value_on", "state", "ended_on"])


def _line(
    milestone: Milestone, action: str, detail: dict[str, object], *, by: User | None, at: datetime
) -> None:
    step = definition_of(milestone.onboarding.plan).step(milestone.step)
    named = {"step": step.title.plain() if step else milestone.step, "milestone": milestone.pk}
    customer = milestone.onboarding.customer
    record_about(customer, action=action, detail=named | detail, by=by, at=at)


@transaction.atomic
def edit(
    way: Onboarding,
    *,
    owner: User | None,
    owner_kind: str,
    version: int,
    by: User | None,
    at: datetime,
) -> Onboarding:
    """Name who brings the customer in. Raises EditConflict."""
    before = [way.owner_kind, way.owner_id]
    if owner_kind not in OwnerKind.values:
        raise InputRefused(sentence("Choose one of the values."), column="owner_kind")
    _change(way, version=version, values={"owner": owner, "owner_kind": owner_kind})
    detail = {"before": before, "after": [way.owner_kind, way.owner_id], "onboarding": way.pk}
    record_about(way.customer, action="onboarding.edited", detail=detail, by=by, at=at)
    return way


@transaction.atomic
def stop(
    way: Onboarding, *, reason: str, version: int, by: User | None, at: datetime
) -> Onboarding:
    """End it without an end. Raises InputRefused without a reason, or when it does not run."""
    if not reason.strip():
        raise InputRefused(sentence("Stopping needs a reason."), column="reason")
    if way.state != _STATE.RUNNING:
        raise InputRefused(sentence("This onboarding does not run."), code="not_running")
    values = {"state": _STATE.STOPPED, "stopped_reason": reason.strip()[:REASON_LETTERS]}
    _change(way, version=version, values=values | {"ended_on": today(at)})
    detail = {"reason": way.stopped_reason, "onboarding": way.pk}
    record_about(way.customer, action="onboarding.stopped", detail=detail, by=by, at=at)
    return way


@transaction.atomic
def resume(way: Onboarding, *, by: User | None, at: datetime) -> Onboarding:
    """Undo a stop. Raises InputRefused when it is not stopped, or another one runs meanwhile."""
    if way.state != _STATE.STOPPED:
        raise InputRefused(sentence("There is nothing to undo."), code="nothing_to_do")
    if Onboarding.objects.filter(at_customer(way.customer.pk), state=_STATE.RUNNING).exists():
        raise InputRefused(
            sentence("This customer is being brought in already."), code="already_running"
        )
    values = {"state": _STATE.RUNNING, "stopped_reason": "", "ended_on": None}
    _change(way, version=way.version, values=values)
    _settle(way)
    detail = {"onboarding": way.pk}
    record_about(way.customer, action="onboarding.resumed", detail=detail, by=by, at=at)
    return way


def _change(way: Onboarding, *, version: int, values: Mapping[str, object]) -> None:
    found = Onboarding.objects.filter(pk=way.pk, version=version)
    if not found.update(**values, version=F("version") + 1):
        raise conflict()
    way.refresh_from_db()
