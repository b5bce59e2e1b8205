"""Many items at once: first how many it would be, then one change with one audit line, and back.

What somebody changes after a bulk change stays as they left it when the bulk is undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.customers.queries import visible_customers
from perennial.team import audit
from perennial.team.models import AuditEntry, Team, User
from perennial.units.moment import business_day
from perennial.work.actions import settling
from perennial.work.actions.acting import MOST_SNOOZE_DAYS
from perennial.work.actions.changing import CannotDoThat, as_it_was, from_kept
from perennial.work.actions.given import tell_given
from perennial.work.models import Outcome, State, WorkItem
from perennial.work.queries import may_act

BATCH = 500
CLOSED_FIELDS = {"closed_at": None, "closed_on": None, "note": ""}


class Act(StrEnum):
    COMPLETE = "complete"
    SNOOZE = "snooze"
    REASSIGN = "reassign"
    TEAM = "team"
    DUE = "due"


class Left(StrEnum):
    """Why an item is left out of a bulk change."""

    CLOSED = "closed"
    SAME = "same"
    BLIND = "blind"  # the colleague cannot see the customer
    DERIVED = "derived"  # the day keeps its due day
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Many:
    """What is to be done with all of them; only what the act needs is set."""

    act: Act
    outcome: str = Outcome.SUCCESS
    note: str = ""
    days: int = 7
    reason: str = ""
    owner: User | None = None
    team: Team | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Which items change, and how many are left out for which reason."""

    changing: Sequence[WorkItem]
    left: Mapping[Left, int]

    @property
    def asked(self) -> int:
        return len(self.changing) + sum(self.left.values())


def planned(items: Iterable[WorkItem], many: Many, *, by: User) -> Plan:
    """The dry run: writes nothing."""
    seen = _seen_by(many.owner)
    changing, left = [], Counter[Left]()
    for item in items:
        why_not = _why_not(item, many, by=by, seen=seen)
        if why_not:
            left[why_not] += 1
        else:
            changing.append(item)
    return Plan(changing, left)


def _seen_by(owner: User | None) -> frozenset[int]:
    return (
        frozenset(visible_customers(owner).values_list("pk", flat=True)) if owner else frozenset()
    )


def _why_not(item: WorkItem, many: Many, *, by: User, seen: frozenset[int]) -> Left | None:
    if item.state == State.DONE:
        return Left.CLOSED
    if not may_act(by, item):
        return Left.NOT_YOURS
    match many.act:
        case Act.REASSIGN:
            assert many.owner is not None
            of_team = item.team_id is not None and item.team_id == many.owner.team_id
            if item.customer.pk not in seen and not of_team:
                return Left.BLIND
            return Left.SAME if item.owner_id == many.owner.pk else None
        case Act.TEAM:
            same = many.team is not None and item.team_id == many.team.pk
            return Left.SAME if same and item.owner_id is None else None
        case Act.DUE:
            if item.is_derived:
                return Left.DERIVED
            return Left.SAME if item.due_on == many.due_on else None
    return None


@transaction.atomic
def do_many(items: Iterable[WorkItem], many: Many, *, by: User, at: datetime) -> AuditEntry:
    """Change those of the items that `planned` lets through. Raises CannotDoThat when none is
    left, for a due day in the past, and for a sleep that is too long."""
    today = business_day(at, settings.PERENNIAL_TIME_ZONE)
    values = _values(many, by=by, at=at, today=today)
    plan = planned(items, many, by=by)
    if not plan.changing:
        raise CannotDoThat(gettext_noop("None of these items would change."))
    before = {item.pk: (item.version, as_it_was(item)) for item in plan.changing}
    changed = []
    for item in plan.changing:
        same = WorkItem.objects.filter(pk=item.pk, version=item.version)
        if same.update(**_own(item, many, values), undo={}, version=F("version") + 1):
            changed.append(item)
    for item in changed:
        if many.act == Act.COMPLETE:
            settling.closed(item, outcome=many.outcome, by=by, at=at)
    if many.act == Act.REASSIGN and many.owner is not None:
        tell_given(changed, to=many.owner, by=by, at=at)
    return audit.record(
        "work.bulk",
        object_type="work_items",
        object_id=len(changed),
        summary=many.act,
        detail={
            "act": many.act,
            "after": {name: str(value) for name, value in values.items()},
            "items": {str(it.pk): [before[it.pk][0] + 1, before[it.pk][1]] for it in changed},
        },
        by=by,
        at=at,
    )


@transaction.atomic
def undo_many(entry: AuditEntry, *, by: User, at: datetime) -> tuple[int, int]:
    """Bring back what a bulk change replaced, where nobody has changed anything since.

    Returns how many came back, and how many did not. Raises CannotDoThat when none can."""
    kept: dict[str, Any] = entry.detail["items"]
    back = []
    for pk, (version, before) in kept.items():
        values = from_kept(before)
        if values["state"] != State.DONE:
            values |= CLOSED_FIELDS
        same = WorkItem.objects.filter(pk=int(pk), version=version)
        if _is_free(same, values) and same.update(**values, undo={}, version=F("version") + 1):
            back.append(int(pk))
    if not back:
        raise CannotDoThat(gettext_noop("All of these items were changed since."))
    if entry.detail["act"] == Act.COMPLETE:
        for item in WorkItem.objects.filter(pk__in=back):
            settling.reopened(item, by=by, at=at)
    audit.record(
        "work.bulk_undone",
        object_type="work_items",
        object_id=len(back),
        summary=entry.summary,
        detail={"entry": entry.pk, "items": back},
        by=by,
        at=at,
    )
    return len(back), len(kept) - len(back)


def _is_free(same: Any, values: Mapping[str, Any]) -> bool:
    """Whether no other item took the place meanwhile: one active item per reason."""
    item = same.first()
    if item is None or values["state"] == State.DONE or item.state != State.DONE:
        return item is not None
    taken = WorkItem.objects.filter(
        customer_id=item.customer_id, reason=item.reason, about=item.about
    )
    return not taken.exclude(state=State.DONE).exists()


def _values(many: Many, *, by: User, at: datetime, today: date) -> dict[str, Any]:
    match many.act:
        case Act.COMPLETE:
            return {
                "state": State.DONE,
                "outcome": many.outcome,
                "note": many.note,
                "snoozed_until": None,
                "snoozed_reason": "",
                "closed_at": at,
                "closed_on": today,
                "closed_by_id": by.pk,
            }
        case Act.SNOOZE:
            if not 1 <= many.days <= MOST_SNOOZE_DAYS:
                raise CannotDoThat(gettext_noop("An item may sleep for 1 to 180 days."))
            until = today + timedelta(days=many.days)
            return {
                "state": State.SNOOZED,
                "snoozed_until": until,
                "snoozed_reason": many.reason[:200],
            }
        case Act.REASSIGN:
            assert many.owner is not None
            return {"owner_id": many.owner.pk}
        case Act.TEAM:
            assert many.team is not None
            return {"owner_id": None, "team_id": many.team.pk}
        case Act.DUE:
            if many.due_on and many.due_on < today:
                raise CannotDoThat(gettext_noop("The due day lies in the past."))
            return {"due_on": many.due_on}


def _own(item: WorkItem, many: Many, values: dict[str, Any]) -> dict[str, Any]:
    """The values for one item: a colleague outside the department takes it out of its queue."""
    if many.act != Act.REASSIGN or many.owner is None:
        return values
    stays = item.team_id is not None and item.team_id == many.owner.team_id
    return values | {"team_id": item.team_id if stays else None}
