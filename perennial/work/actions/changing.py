"""How an item changes: by one person at a time, with the old values kept and an audit line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.team import audit
from perennial.team.models import User
from perennial.units.errors import InputRefused
from perennial.work.models import State, WorkItem

KEPT_FOR_UNDO = (
    "state",
    "outcome",
    "snoozed_until",
    "snoozed_reason",
    "started_at",
    "owner_id",
    "team_id",
    "due_on",
    "title",
    "text",
    "type",
    "priority",
    "closed_by_id",
)


class AlreadyChanged(InputRefused):
    """Somebody else has done something with this item in the meantime."""

    code = "already_changed"


class CannotDoThat(InputRefused):
    """The act does not fit the state of the item."""

    code = "cannot_do_that"


def must_be_active(item: WorkItem) -> None:
    if item.state == State.DONE:
        raise CannotDoThat(gettext_noop("This item is closed already."))


def as_it_was(item: WorkItem) -> dict[str, Any]:
    """The values that an undo brings back, as JSON keeps them."""
    before = {name: getattr(item, name) for name in KEPT_FOR_UNDO}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in before.items()
    }


def from_kept(before: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `as_it_was` as the table takes them."""
    values = dict(before)
    for name in ("snoozed_until", "due_on"):
        if values.get(name):
            values[name] = date.fromisoformat(values[name])
    if values.get("started_at"):
        values["started_at"] = datetime.fromisoformat(values["started_at"])
    return values


@transaction.atomic
def change(
    item: WorkItem,
    action: str,
    *,
    values: Mapping[str, Any],
    keep: bool = True,
    by: User,
    at: datetime,
) -> WorkItem:
    """Write the new values if nobody was faster, remember the old ones, leave an audit line."""
    before = as_it_was(item)
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
        summary=named(item),
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


def named(item: WorkItem) -> str:
    """An item in an audit line."""
    return f"{item.customer} · {item.title or item.get_reason_display()}"
