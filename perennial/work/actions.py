"""What people do with an item: done, later, somebody else's, no need, and undo."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.customers.queries import visible_customers
from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day
from perennial.work.models import Outcome, State, WorkItem

MOST_SNOOZE_DAYS = 180
KEPT_FOR_UNDO = ("state", "outcome", "snoozed_until", "owner_id", "closed_by_id")


class AlreadyChanged(InputRefused):
    """Somebody else has done something with this item in the meantime."""

    code = "already_changed"


class CannotDoThat(InputRefused):
    """The act does not fit the state of the item."""

    code = "cannot_do_that"


def complete(
    item: WorkItem, *, outcome: str = Outcome.SUCCESS, note: str = "", by: User, at: datetime
) -> WorkItem:
    """Close as success, failed or not needed. Raises CannotDoThat when it is closed already."""
    if outcome not in {Outcome.SUCCESS, Outcome.FAILED, Outcome.NOT_NEEDED}:
        raise CannotDoThat(gettext_noop("An item is closed as successful, failed or not needed."))
    _must_be_active(item)
    values = {
        "state": State.DONE,
        "outcome": outcome,
        "note": note,
        "snoozed_until": None,
        "closed_at": at,
        "closed_on": business_day(at, settings.PERENNIAL_TIME_ZONE),
        "closed_by_id": by.pk,
    }
    return _change(item, "work.completed", values=values, by=by, at=at)


def dismiss(item: WorkItem, *, note: str = "", by: User, at: datetime) -> WorkItem:
    """Close: no action needed."""
    return complete(item, outcome=Outcome.NOT_NEEDED, note=note, by=by, at=at)


def snooze(item: WorkItem, *, days: int, by: User, at: datetime) -> WorkItem:
    """Let it sleep for 1 to 180 days; evidence goes on arriving."""
    if not 1 <= days <= MOST_SNOOZE_DAYS:
        raise CannotDoThat(gettext_noop("An item may sleep for 1 to 180 days."))
    _must_be_active(item)
    until = business_day(at, settings.PERENNIAL_TIME_ZONE) + timedelta(days=days)
    values = {"state": State.SNOOZED, "snoozed_until": until}
    return _change(item, "work.snoozed", values=values, by=by, at=at)


def reassign(item: WorkItem, *, owner: User, by: User, at: datetime) -> WorkItem:
    """Give it to a colleague who may see the customer."""
    _must_be_active(item)
    if not visible_customers(owner).filter(pk=item.customer_id).exists():
        raise CannotDoThat(
            gettext_noop("{name} cannot see this customer."), params={"name": owner.name}
        )
    return _change(item, "work.reassigned", values={"owner_id": owner.pk}, by=by, at=at)


def reopen(item: WorkItem, *, by: User, at: datetime) -> WorkItem:
    """Undo what was last done with it by a person."""
    if not item.undo:
        raise CannotDoThat(gettext_noop("There is nothing to undo."))
    taken = WorkItem.objects.filter(
        customer_id=item.customer_id, reason=item.reason, about=item.about
    )
    if item.state == State.DONE and taken.exclude(state=State.DONE).exists():
        raise CannotDoThat(gettext_noop("The same reason is open again already."))
    values: dict[str, Any] = dict(item.undo)
    if values.get("snoozed_until"):
        values["snoozed_until"] = date.fromisoformat(values["snoozed_until"])
    if values["state"] != State.DONE:
        values |= {"closed_at": None, "closed_on": None, "note": ""}
    return _change(item, "work.undone", values=values, keep=False, by=by, at=at)


def _must_be_active(item: WorkItem) -> None:
    if item.state == State.DONE:
        raise CannotDoThat(gettext_noop("This item is closed already."))


@transaction.atomic
def _change(
    item: WorkItem,
    action: str,
    *,
    values: dict[str, Any],
    keep: bool = True,
    by: User,
    at: datetime,
) -> WorkItem:
    """Write the new values if nobody was faster, remember the old ones, leave an audit line."""
    before = {name: getattr(item, name) for name in KEPT_FOR_UNDO}
    if before["snoozed_until"]:
        before["snoozed_until"] = before["snoozed_until"].isoformat()
    touched = WorkItem.objects.filter(pk=item.pk, version=item.version).update(
        **values, undo=before if keep else {}, version=F("version") + 1
    )
    if not touched:
        raise AlreadyChanged(
            gettext_noop("Somebody was faster: look at the item again before you change it.")
        )
    audit.record(
        action,
        object_type="work_item",
        object_id=item.pk,
        summary=f"{item.customer} · {item.get_reason_display()}",
        detail={
            "customer": item.customer_id,
            "reason": item.reason,
            "before": before,
            "after": {name: str(value) for name, value in values.items()},
        },
        by=by,
        at=at,
    )
    item.refresh_from_db()
    return item
