"""A touch that was logged, changed or taken back by those who may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict
from perennial.customers.models import Touch
from perennial.team import audit
from perennial.team.models import Role, User
from perennial.units.errors import InputRefused

FIELDS = ("kind", "happened_at", "person", "minutes", "people_trained", "note")


class NotYours(InputRefused):
    """Only who logged it may change it, their leader and an administrator."""

    code = "not_yours"


def may_change(touch: Touch, user: User) -> bool:
    return touch.owner_id == user.pk or user.role in {Role.ADMIN, Role.LEADER}


@transaction.atomic
def edit_touch(
    touch: Touch, *, values: Mapping[str, object], version: int, by: User, at: datetime
) -> Touch:
    """Change what was logged. Raises NotYours, EditConflict when `version` is no longer the
    newest, and InputRefused for a contact in the future."""
    _must_be_theirs(touch, by)
    happened_at = values.get("happened_at", touch.happened_at)
    if isinstance(happened_at, datetime) and happened_at > at:
        raise InputRefused(gettext_noop("A contact cannot lie in the future."))
    before = {name: _plain(getattr(touch, name)) for name in FIELDS}
    changes = {name: values[name] for name in FIELDS if name in values}
    same = Touch.objects.filter(pk=touch.pk, version=version)
    if not same.update(**changes, version=F("version") + 1):
        raise EditConflict(
            gettext_noop(
                "Somebody changed this in the meantime. Look at the new value and save again."
            )
        )
    touch.refresh_from_db()
    after = {name: _plain(getattr(touch, name)) for name in FIELDS}
    changed = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    _line("touch.edited", touch, changed, by=by, at=at)
    return touch


@transaction.atomic
def remove_touch(touch: Touch, *, by: User, at: datetime) -> None:
    """Take a log back as if it had never been; the audit line keeps what it said."""
    _must_be_theirs(touch, by)
    _line("touch.removed", touch, {n: _plain(getattr(touch, n)) for n in FIELDS}, by=by, at=at)
    touch.delete()


def _must_be_theirs(touch: Touch, user: User) -> None:
    if not may_change(touch, user):
        raise NotYours(
            gettext_noop("Only who logged it, a leader or an administrator may do that.")
        )


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _line(code: str, touch: Touch, detail: Mapping[str, object], *, by: User, at: datetime) -> None:
    audit.record(
        code,
        object_type="customer",
        object_id=touch.customer_id,
        summary=touch.note[:120],
        detail={"touch": touch.pk, **detail},
        by=by,
        at=at,
    )
