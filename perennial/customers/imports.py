"""What files say about customers, people, touches and outcomes.

Runs inside the import's transaction, whose audit line covers it. The rows' values carry the
names of the import's columns; a customer is named by its external id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop as _

from perennial.customers.models import (
    Classification,
    ClassKind,
    Customer,
    Outcome,
    Person,
    SaidBy,
    Touch,
    TouchKind,
)
from perennial.customers.people.standards.imported import graded
from perennial.customers.pinyin import person_key, search_key
from perennial.customers.upsert import ImportedRow, Upserted, chunks, upsert
from perennial.team.models import User
from perennial.units.errors import RowError

OWNER_TO_COME = "owner"  # custom field that keeps the e-mail of a CSM who is no user yet


def known_customers(external_ids: Iterable[str] | None = None) -> dict[str, int]:
    """External id → primary key, for all customers or these; a merged one means its survivor."""
    rows = Customer.objects.values_list("external_id", "pk", "merged_into")
    parts = (
        [rows]
        if external_ids is None
        else (rows.filter(external_id__in=part) for part in chunks(sorted(set(external_ids))))
    )
    return {name: survivor or pk for part in parts for name, pk, survivor in part}


def known_users(emails: Iterable[str]) -> dict[str, int]:
    """E-mail in lower case → primary key of the user."""
    wanted = {email.lower() for email in emails}
    users = User.objects.annotate(key=Lower("email")).filter(key__in=wanted)
    return dict(users.values_list("key", "pk"))


def record_customers(rows: Sequence[ImportedRow], *, batch: int) -> Upserted:
    """Add and change customers; `values["custom"]` are fields of the file's own to merge in.

    A parent may stand anywhere in the file. An owner who is no user is kept by e-mail.
    """
    owners = known_users(_named(rows))
    custom = _custom_of(rows)
    upserted = upsert(
        Customer,
        [replace(row, values=_customer(row.values, owners, custom)) for row in rows],
        key=("external_id",),
        batch=batch,
    )
    upserted.unknown_owners = sorted(it for it in _named(rows) if it.lower() not in owners)
    _show_tiers(batch)
    parents = _parents(rows)
    linked = upsert(Customer, parents.good, key=("external_id",), batch=batch)
    upserted.changes += linked.changes
    upserted.errors += parents.errors
    return upserted


def _show_tiers(batch: int) -> None:
    """Where neither a rule nor a person has spoken, the imported tier holds at once."""
    spoken = Classification.objects.filter(
        customer=OuterRef("pk"), kind=ClassKind.TIER, until_on__isnull=True
    ).exclude(said_by=SaidBy.IMPORT)
    Customer.objects.filter(~Exists(spoken), batch=batch).exclude(tier=F("imported_tier")).update(
        tier=F("imported_tier")
    )


def _named(rows: Sequence[ImportedRow]) -> set[str]:
    """The e-mails in the column `owner`."""
    return {row.values["owner"] for row in rows if row.values.get("owner")}


def _custom_of(rows: Sequence[ImportedRow]) -> dict[str, dict[str, Any]]:
    ids = [row.values["external_id"] for row in rows]
    return {
        name: custom
        for part in chunks(ids)
        for name, custom in Customer.objects.filter(external_id__in=part).values_list(
            "external_id", "custom"
        )
    }


def _customer(
    values: Mapping[str, Any], owners: Mapping[str, int], custom: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """The attributes of a customer from the columns that the file has."""
    result = {name: value for name, value in values.items() if name not in _RESOLVED}
    result["pinyin"] = search_key(values["name"])
    for name in ("name_en", "industry", "size", "region", "website"):
        if name in values:
            result[name] = values[name] or ""
    if "tier" in values:  # a fact; the day decides what holds
        result["imported_tier"] = values["tier"] or ""
    if "tags" in values:
        result["tags"] = list(values["tags"] or ())
    own = custom.get(values["external_id"], {}) | (values.get("custom") or {})
    if "owner" in values:
        owner = values["owner"] or ""
        result["owner_id"] = owners.get(owner.lower())
        own.pop(OWNER_TO_COME, None)
        if owner and result["owner_id"] is None:
            own[OWNER_TO_COME] = owner
    if "owner" in values or values.get("custom"):
        result["custom"] = own
    return result


_RESOLVED = ("owner", "parent", "custom", "tier")


@dataclass(frozen=True, slots=True)
class _Parents:
    good: list[ImportedRow]
    errors: list[RowError]


def _parents(rows: Sequence[ImportedRow]) -> _Parents:
    """Who belongs to whom, asked when all customers of the file exist."""
    rows = [row for row in rows if "parent" in row.values]
    pks = known_customers({row.values["parent"] for row in rows if row.values["parent"]})
    good, errors = [], []
    for row in rows:
        name, parent = row.values["external_id"], row.values["parent"]
        if parent and (parent == name or parent not in pks):
            message = _("The parent customer “{value}” is not known.")
            if parent == name:
                message = _("A customer cannot be its own parent.")
            params = {"value": parent}
            errors.append(RowError("bad_parent", message, row.row, "parent", params=params))
        else:
            values = {"external_id": name, "parent_id": pks[parent] if parent else None}
            good.append(replace(row, values=values))
    return _Parents(good, errors)


def create_named(external_ids: Iterable[str], *, first: ImportedRow, batch: int) -> Upserted:
    """Customers known by nothing but their id, for `--create-customers`."""
    rows = [replace(first, values={"external_id": name, "name": name}) for name in external_ids]
    return record_customers(rows, batch=batch)


def record_people(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add and change people; the same id at another customer is another row."""
    errors, good = [], []
    for row in rows:
        values = dict(row.values)
        values["customer_id"] = customers[values["customer_id"]]
        from_on, to_on = values.get("from_on"), values.get("to_on")
        if from_on and to_on and to_on < from_on:
            errors.append(ends_before_start(row.row, "to_on", from_on, to_on))
            continue
        for name in ("email", "role", "grade"):
            if name in values:
                values[name] = values[name] or ""
        if "name" in values:
            values["pinyin"] = person_key(values["name"])
        good.append(replace(row, values=values))
    upserted = upsert(Person, graded(good), key=("external_id", "customer_id"), batch=batch)
    upserted.errors += errors
    return upserted


def ends_before_start(row: int, column: str, start: object, end: object) -> RowError:
    """The row error of every period that ends before it starts."""
    return RowError(
        "ends_before_start",
        _("The end, {end}, is before the start, {start}."),
        row,
        column,
        params={"start": str(start), "end": str(end)},
    )


def record_touches(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add and change touches. A person must be known at the customer."""
    owners = known_users(_named(rows))
    people = _people(rows)
    errors, good = [], []
    for row in rows:
        values = dict(row.values)
        values["customer_id"] = customers[values["customer_id"]]
        if "kind" in values:
            values["kind"] = values["kind"] or TouchKind.NOTE
        if "note" in values:
            values["note"] = values["note"] or ""
        if "owner" in values:
            values["owner_id"] = owners.get((values.pop("owner") or "").lower())
        if "person_id" in values:
            person = values["person_id"]
            values["person_id"] = people.get((person, values["customer_id"]))
            if person and values["person_id"] is None:
                message = _("The person “{value}” is not known at this customer.")
                errors.append(
                    RowError(
                        "unknown_person", message, row.row, "person_id", params={"value": person}
                    )
                )
                continue
        good.append(replace(row, values=values))
    upserted = upsert(Touch, good, key=("external_id",), batch=batch)
    upserted.unknown_owners = sorted(it for it in _named(rows) if it.lower() not in owners)
    upserted.errors += errors
    return upserted


def _people(rows: Sequence[ImportedRow]) -> dict[tuple[str, int], int]:
    named = {row.values["person_id"] for row in rows if row.values.get("person_id")}
    return {
        (external_id, customer_id): pk
        for part in chunks(sorted(named))
        for external_id, customer_id, pk in Person.objects.filter(external_id__in=part).values_list(
            "external_id", "customer_id", "pk"
        )
    }


def record_outcomes(
    rows: Sequence[ImportedRow], *, customers: Mapping[str, int], batch: int
) -> Upserted:
    """Add churns and renewals known from elsewhere; one that is known already is the same."""
    fresh: dict[tuple[int, str, Any], Outcome] = {}
    for row in rows:
        customer_id = customers[row.values["customer_id"]]
        outcome, occurred_on = row.values["outcome"], row.values["occurred_on"]
        fresh.setdefault(
            (customer_id, outcome, occurred_on),
            Outcome(
                customer_id=customer_id,
                outcome=outcome,
                occurred_on=occurred_on,
                recorded_at=row.recorded_at,
                recorded_assumed=row.recorded_assumed,
                batch=batch,
            ),
        )
    for part in chunks(sorted({key[0] for key in fresh})):
        known = Outcome.objects.filter(customer__in=part)
        for key in known.values_list("customer_id", "outcome", "occurred_on"):
            fresh.pop(key, None)
    Outcome.objects.bulk_create(fresh.values(), batch_size=1_000)
    return Upserted(added=len(fresh), same=len(rows) - len(fresh))


def claim_owned(user: User) -> int:
    """Give a new user the customers whose file named them before they existed; how many."""
    waiting = Customer.objects.filter(owner__isnull=True, custom__owner__iexact=user.email)
    mine = []
    for customer in waiting:
        customer.owner = user
        customer.custom = {k: v for k, v in customer.custom.items() if k != OWNER_TO_COME}
        mine.append(customer)
    Customer.objects.bulk_update(mine, ["owner", "custom"], batch_size=200)
    return len(mine)
