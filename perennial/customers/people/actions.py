"""Changes to people at customers by a person: one transaction, one audit line each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from perennial.customers.actions import EditConflict, NothingToDo
from perennial.customers.models import Customer, GradedBy, Person
from perennial.customers.people.rules.tree import makes_loop
from perennial.customers.people.standards.queries import graded_now, standards
from perennial.customers.pinyin import person_key
from perennial.team import audit
from perennial.team.models import AuditEntry, User
from perennial.units.errors import InputRefused
from perennial.units.moment import business_day

FIELDS: Final = (
    "name", "role", "grade", "buying_role", "sentiment", "reports_to_id", "email", "phone",
    "personal_needs", "company_needs",
)  # fmt: skip
Values = Mapping[str, Any]


@transaction.atomic
def add_person(customer: Customer, *, values: Values, by: User | None, at: datetime) -> Person:
    """A new person at a customer, from today on; graded by the standard unless `values` do.

    `values` are some of FIELDS. Raises InputRefused for a manager from elsewhere."""
    _check_manager(customer, None, values.get("reports_to_id"))
    graded = _graded(customer, values, role=str(values.get("role", "")))
    person = Person.objects.create(
        external_id=f"desk-{uuid4().hex}",
        customer=customer,
        from_on=business_day(at, settings.PERENNIAL_TIME_ZONE),
        recorded_at=at,
        pinyin=person_key(str(values.get("name", ""))),
        **_known(values),
        **graded,
    )
    given = {name: value for name, value in _known(values).items() if value}
    _line("person.added", person, before={}, detail=given, by=by, at=at)
    return person


@transaction.atomic
def edit_person(
    person: Person, *, values: Values, version: int, by: User | None, at: datetime
) -> AuditEntry:
    """Change who somebody is: some of FIELDS. An empty grade is the standard's to give.

    Raises EditConflict when `version` is no longer the newest, NothingToDo when all stays,
    InputRefused for a manager who would report to them.
    """
    wanted = _known(values)
    if "reports_to_id" in wanted:
        _check_manager(person.customer, person, wanted["reports_to_id"])
    changes = {name: value for name, value in wanted.items() if value != getattr(person, name)}
    if "name" in changes:
        changes["pinyin"] = person_key(str(changes["name"]))
    changes |= _regraded(person, values)
    if not changes:
        raise NothingToDo(gettext_noop("Nothing was changed."))
    return _change("person.edited", person, changes, version=version, by=by, at=at)


def _known(values: Values) -> dict[str, Any]:
    """All but the grade, which goes its own way."""
    return {name: values[name] for name in FIELDS if name in values and name != "grade"}


def _graded(customer: Customer, values: Values, *, role: str) -> dict[str, str]:
    if values.get("grade"):
        return {"grade": values["grade"], "graded_by": GradedBy.PERSON}
    grade = graded_now(customer, role, standards())
    return {"grade": grade, "graded_by": GradedBy.STANDARD if grade else ""}


def _regraded(person: Person, values: Values) -> dict[str, str]:
    """What an edit makes of the grade: unchanged ones stay whoever said them."""
    is_said = "grade" in values
    if is_said and values["grade"] and values["grade"] == person.grade:
        return {}
    is_standards = not person.grade or person.graded_by == GradedBy.STANDARD
    if not is_said and not is_standards:
        return {}
    role = str(values.get("role", person.role))
    found = _graded(person.customer, values if is_said else {}, role=role)
    return {name: value for name, value in found.items() if value != getattr(person, name)}


def _check_manager(customer: Customer, person: Person | None, manager_id: int | None) -> None:
    if manager_id is None:
        return
    rows = Person.objects.filter(customer=customer).values_list("pk", "reports_to_id")
    manager_of: dict[int, int | None] = dict(rows)
    if manager_id not in manager_of:
        raise InputRefused(
            gettext_noop("The manager works at the same customer."), column="reports_to_id"
        )
    if person is not None and makes_loop(manager_of, person.pk, manager_id):
        raise InputRefused(
            gettext_noop("This would be a circle: {name} would report to themselves."),
            column="reports_to_id",
            params={"name": person.name},
        )


@transaction.atomic
def mark_left(
    person: Person,
    *,
    left_on: date,
    left_to: str = "",
    version: int,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """Somebody left the company on a day, not before they came; where to in words."""
    if person.from_on and left_on < person.from_on:
        raise InputRefused(
            gettext_noop("The end, {end}, is before the start, {start}."),
            column="left_on",
            params={"end": str(left_on), "start": str(person.from_on)},
        )
    if left_on > business_day(at, settings.PERENNIAL_TIME_ZONE):
        raise InputRefused(gettext_noop("Nobody has left in the future."), column="left_on")
    changes = {"to_on": left_on, "left_to": left_to}
    return _change("person.left", person, changes, version=version, by=by, at=at)


@transaction.atomic
def move_person(
    person: Person, *, to: Customer, left_on: date, version: int, by: User | None, at: datetime
) -> Person:
    """They left for another customer that we know: the same person goes on there, ungraded.

    Both rows have one `external_id`. Returns the person at the new place.
    """
    if to.pk == person.customer.pk:
        raise InputRefused(gettext_noop("They work here already."), column="to")
    mark_left(person, left_on=left_on, left_to=to.name, version=version, by=by, at=at)
    there, is_new = Person.objects.get_or_create(
        external_id=person.external_id,
        customer=to,
        defaults={
            "name": person.name,
            "pinyin": person.pinyin,
            "phone": person.phone,
            "personal_needs": person.personal_needs,
            "from_on": left_on,
            "recorded_at": at,
        },
    )
    if is_new:
        detail = {"from": person.customer.name}
        _line("person.added", there, before={}, detail=detail, by=by, at=at)
    else:
        come_back(there, version=there.version, by=by, at=at)
    return there


@transaction.atomic
def come_back(person: Person, *, version: int, by: User | None, at: datetime) -> AuditEntry:
    """Who had left is there again."""
    changes = {"to_on": None, "left_to": ""}
    return _change("person.returned", person, changes, version=version, by=by, at=at)


@transaction.atomic
def undo(entry: AuditEntry, *, by: User | None, at: datetime) -> Person:
    """Put back what a change of a person replaced. Raises EditConflict when they changed since."""
    kept = entry.detail.get("undo")
    person = Person.objects.filter(pk=kept["person"]).first() if kept else None
    if kept is None or person is None:
        raise InputRefused(gettext_noop("This cannot be undone."))
    before = {
        name: date.fromisoformat(value) if value and name.endswith("_on") else value
        for name, value in kept["before"].items()
    }
    _change("person.undone", person, before, version=kept["version"], by=by, at=at)
    return person


def _change(
    action: str,
    person: Person,
    changes: Mapping[str, Any],
    *,
    version: int,
    by: User | None,
    at: datetime,
) -> AuditEntry:
    before = {name: getattr(person, name) for name in changes}
    found = Person.objects.filter(pk=person.pk, version=version)
    if not found.update(**changes, version=F("version") + 1):
        raise EditConflict(
            gettext_noop(
                "Somebody changed this in the meantime. Look at the new value and save again."
            )
        )
    person.refresh_from_db()
    detail: dict[str, object] = {
        name: [_plain(before[name]), _plain(changes[name])] for name in changes
    }
    if "reports_to_id" in changes:
        names = dict(
            Person.objects.filter(
                pk__in=(before["reports_to_id"], changes["reports_to_id"])
            ).values_list("pk", "name")
        )
        detail["reports_to"] = [names.get(it["reports_to_id"] or 0, "") for it in (before, changes)]
    return _line(action, person, before=before, detail=detail, by=by, at=at)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _line(
    action: str,
    person: Person,
    *,
    before: Mapping[str, object],
    detail: Mapping[str, object],
    by: User | None,
    at: datetime,
) -> AuditEntry:
    """`undo` holds what is put back, of whom, and the version that it needs."""
    shown = {k: v for k, v in detail.items() if k not in ("pinyin", "graded_by", "reports_to_id")}
    undo = {
        "person": person.pk,
        "version": person.version,
        "before": {name: _plain(value) for name, value in before.items()},
    }
    return audit.record(
        action,
        object_type="customer",
        object_id=person.customer_id,
        summary=person.name,
        detail=shown | ({"undo": undo} if before else {}),
        by=by,
        at=at,
    )
