"""Tags of many customers at once: put on or taken off, with one audit line and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from perennial.customers.actions import NothingToDo
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers
from perennial.team import audit
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.units.sentence import sentence

MOST_TAGS, TAG_LETTERS = 20, 40
_AT_ONCE = 500


def clean(text: str) -> str:
    """A tag as it is kept. Raises InputRefused for none, or one that is too long."""
    tag = " ".join(text.replace("，", " ").replace(",", " ").split())
    if not 0 < len(tag) <= TAG_LETTERS:
        raise InputRefused(
            sentence("A tag has 1 to {most} letters."), params={"most": str(TAG_LETTERS)}
        )
    return tag


@transaction.atomic
def tag_customers(
    customer_ids: Collection[int], *, tag: str, on: bool, by: User, at: datetime
) -> AuditEntry:
    """Put a tag on those whom `by` may see, or take it off; the line says whose it concerns.

    Raises NothingToDo when all of them have it already, or none does.
    """
    seen = dict(visible_customers(by).filter(pk__in=customer_ids).values_list("pk", "tags"))
    wanted = {
        pk: [*tags, tag] if on else [it for it in tags if it != tag]
        for pk, tags in seen.items()
        if (tag in tags) != on and (not on or len(tags) < MOST_TAGS)
    }
    if not wanted:
        raise NothingToDo(
            sentence("They all have this tag already, or have no room.")
            if on
            else sentence("None of them has this tag.")
        )
    _write(wanted)
    return audit.record(
        "customers.tagged" if on else "customers.untagged",
        object_type="customers",
        object_id=len(wanted),
        summary=tag,
        detail={"tag": tag, "customers": sorted(wanted)},
        by=by,
        at=at,
    )


@transaction.atomic
def undo_tagging(entry: AuditEntry, *, by: User, at: datetime) -> int:
    """Take it back from those where it still stands so. Returns how many."""
    tag, on = entry.detail["tag"], entry.action == "customers.untagged"
    ids = entry.detail["customers"]
    seen = dict(visible_customers(by).filter(pk__in=ids).values_list("pk", "tags"))
    wanted = {
        pk: [*tags, tag] if on else [it for it in tags if it != tag]
        for pk, tags in seen.items()
        if (tag in tags) != on
    }
    if not wanted:
        raise NothingToDo(sentence("The tags were changed since."))
    _write(wanted)
    audit.record(
        "customers.tagging_undone",
        object_type="customers",
        object_id=len(wanted),
        summary=tag,
        detail={"entry": entry.pk},
        by=by,
        at=at,
    )
    return len(wanted)


def _write(wanted: Mapping[int, list[str]]) -> None:
    """Customers with the same tags are written together."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for pk, tags in wanted.items():
        alike.setdefault(tuple(tags), []).append(pk)
    for same, pks in alike.items():
        for start in range(0, len(pks), _AT_ONCE):
            part = Customer.objects.filter(pk__in=pks[start : start + _AT_ONCE])
            part.update(tags=list(same), version=F("version") + 1)
