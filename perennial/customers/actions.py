"""Changes to customers and touches by a person: one transaction, one audit line each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.customers.models import Customer, Person, Touch
from perennial.customers.pinyin import search_key
from perennial.customers.queries import visible_customers
from perennial.team import audit
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused

EDITABLE = ("name", "name_en", "industry", "region", "size", "website", "tags")


class EditConflict(InputRefused):
    """Somebody else saved the same record first; nothing was written."""

    code = "edit_conflict"


class NothingToDo(InputRefused):
    """The change would change nothing."""

    code = "nothing_to_do"


def _conflict() -> EditConflict:
    return EditConflict(
        gettext_noop("Somebody changed this in the meantime. Look at the new value and save again.")
    )


@transaction.atomic
def edit_customer(
    customer: Customer,
    *,
    changes: Mapping[str, object],
    version: int,
    by: User | None,
    at: datetime,
) -> Customer:
    """Set some of EDITABLE. Raises EditConflict when `version` is no longer the newest."""
    before = {name: getattr(customer, name) for name in changes}
    values: dict[str, object] = {name: changes[name] for name in EDITABLE if name in changes}
    if "name" in values:
        values["pinyin"] = search_key(str(values["name"]))
    touched = Customer.objects.filter(pk=customer.pk, version=version).update(
        **values, version=F("version") + 1
    )
    if not touched:
        raise _conflict()
    audit.record(
        "customer.edited",
        object_type="customer",
        object_id=customer.pk,
        summary=customer.name,
        detail={name: [before[name], changes[name]] for name in changes},
        by=by,
        at=at,
    )
    customer.refresh_from_db()
    return customer


@transaction.atomic
def assign_owner(
    customer_ids: Collection[int], *, owner: User | None, by: User, at: datetime
) -> AuditEntry:
    """Give those of the customers whom `by` may see to another CSM; the line says whose they were.

    Raises NothingToDo when all of them are the new owner's already."""
    seen = visible_customers(by).filter(pk__in=customer_ids).exclude(owner=owner)
    previous = dict(seen.values_list("pk", "owner_id"))
    if not previous:
        raise NothingToDo(gettext_noop("These customers already have this owner."))
    Customer.objects.filter(pk__in=previous).update(owner=owner, version=F("version") + 1)
    return audit.record(
        "customers.assigned",
        object_type="customers",
        object_id=len(previous),
        summary=owner.name if owner else "",
        detail={
            "owner": owner.pk if owner else None,
            "previous": {str(pk): was for pk, was in previous.items()},
        },
        by=by,
        at=at,
    )


@transaction.atomic
def undo_assignment(entry: AuditEntry, *, by: User, at: datetime) -> int:
    """Give customers back to whom they belonged, but for those reassigned since. Returns how many.

    Raises NothingToDo when none is left to give back."""
    earlier = {int(pk): was for pk, was in entry.detail["previous"].items()}
    still = Customer.objects.filter(pk__in=earlier, owner_id=entry.detail["owner"])
    restored = {pk: earlier[pk] for pk in still.values_list("pk", flat=True)}
    for owner_id in set(restored.values()):
        theirs = [pk for pk, was in restored.items() if was == owner_id]
        Customer.objects.filter(pk__in=theirs).update(owner_id=owner_id, version=F("version") + 1)
    if not restored:
        raise NothingToDo(gettext_noop("These customers were reassigned since."))
    audit.record(
        "customers.assignment_undone",
        object_type="customers",
        object_id=len(restored),
        summary=entry.summary,
        detail={"entry": entry.pk, "restored": {str(pk): was for pk, was in restored.items()}},
        by=by,
        at=at,
    )
    return len(restored)


@transaction.atomic
def log_touch(
    customer: Customer,
    *,
    kind: str,
    happened_at: datetime,
    person: Person | None,
    minutes: int | None,
    note: str,
    people_trained: int | None = None,
    about: tuple[str, int] | None = None,
    by: User | None,
    at: datetime,
) -> Touch:
    """A contact with the customer (跟进记录). `about`: the item, plan or ticket it belongs to
    (About, id). Raises InputRefused for one in the future."""
    if happened_at > at:
        raise InputRefused(gettext_noop("A contact cannot lie in the future."))
    touch = Touch.objects.create(
        customer=customer,
        kind=kind,
        happened_at=happened_at,
        person=person,
        owner=by,
        minutes=minutes,
        people_trained=people_trained,
        about_type=about[0] if about else "",
        about_id=about[1] if about else None,
        note=note,
        recorded_at=at,
    )
    audit.record(
        "touch.logged",
        object_type="customer",
        object_id=customer.pk,
        summary=note[:120],
        detail={"kind": kind, "touch": touch.pk},
        by=by,
        at=at,
    )
    return touch
