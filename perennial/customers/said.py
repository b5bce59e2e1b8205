"""What our own servers say of customers in events: it fills fields that nobody else has filled.

A field is written when it is empty, or when it still holds what the same road wrote before; what
an import or a person wrote stays. Money is never taken from events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from perennial.customers.models import Customer, Person
from perennial.customers.pinyin import search_key
from perennial.customers.upsert import chunks
from perennial.team import audit
from perennial.units.moment import business_day

_MILLISECONDS_FROM = 10**11
ID_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """`traits` by their names in events, as now said; `before` as said last time."""

    external_id: str
    source: str
    traits: Mapping[str, object]
    before: Mapping[str, object]


def _text(length: int) -> Callable[[object], str | None]:
    def read(value: object) -> str | None:
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value).strip()[:length] or None

    return read


def _day(value: object) -> date | None:
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
            moment = datetime.fromtimestamp(seconds, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return business_day(aware, settings.PERENNIAL_TIME_ZONE)


# trait → our field and how it is read
CUSTOMER: dict[str, tuple[str, Callable[[object], object]]] = {
    "name": ("name", _text(200)),
    "industry": ("industry", _text(100)),
    "employees": ("size", _text(50)),
    "website": ("website", _text(300)),
    "createdAt": ("created_on", _day),
}
PERSON: dict[str, tuple[str, Callable[[object], object]]] = {
    "name": ("name", _text(200)),
    "email": ("email", _text(254)),
    "title": ("role", _text(100)),
}
PLAN = "plan"  # a custom field: what it costs is the orders' business


@transaction.atomic
def record_said_of_customers(said: Sequence[Said], *, at: datetime) -> int:
    """Fill customers' fields; an unknown customer is made, marked with its source. How many
    were made or changed, each with an audit line of the system."""
    changed = 0
    for part in chunks(said):
        ids = [one.external_id for one in part]
        known = {it.external_id: it for it in Customer.objects.filter(external_id__in=ids)}
        for one in part:
            customer = known.get(one.external_id)
            if customer is None and len(one.external_id) > ID_AT_MOST:
                continue
            if customer is None:
                customer = known[one.external_id] = _made(one, at=at)
                _line("customer.made_from_events", customer.pk, customer.name, one, {}, at=at)
                changed += 1
            elif customer.merged_into_id is None:
                changed += _fill_customer(customer, one, at=at)
    return changed


def _made(one: Said, *, at: datetime) -> Customer:
    values = {
        field: found
        for trait, (field, read) in CUSTOMER.items()
        if (found := read(one.traits.get(trait))) is not None
    }
    name = str(values.pop("name", one.external_id[:200]))
    custom = {"made_by_source": one.source}
    if (plan := _text(100)(one.traits.get(PLAN))) is not None:
        custom[PLAN] = plan
    return Customer.objects.create(
        external_id=one.external_id,
        name=name,
        pinyin=search_key(name),
        custom=custom,
        recorded_at=at,
        **values,
    )


def _fill_customer(customer: Customer, one: Said, *, at: datetime) -> int:
    values = _free(customer, one, CUSTOMER, unnamed=customer.external_id)
    detail: dict[str, object] = {
        name: [str(getattr(customer, name) or ""), str(value)] for name, value in values.items()
    }
    if "name" in values:
        values["pinyin"] = search_key(str(values["name"]))
    plan, read = _text(100)(one.traits.get(PLAN)), _text(100)
    if (
        plan
        and customer.custom.get(PLAN) in (None, read(one.before.get(PLAN)))
        and (customer.custom.get(PLAN) != plan)
    ):
        detail[PLAN] = [customer.custom.get(PLAN) or "", plan]
        values["custom"] = {**customer.custom, PLAN: plan}
    if not values:
        return 0
    Customer.objects.filter(pk=customer.pk).update(**values, version=F("version") + 1)
    _line("customer.filled_from_events", customer.pk, customer.name, one, detail, at=at)
    return 1


@transaction.atomic
def record_said_of_people(said: Sequence[Said], *, at: datetime) -> int:
    """Fill fields of people whom we know; nobody is made. How many rows were changed."""
    changed = 0
    for part in chunks(said):
        by_id = {one.external_id: one for one in part}
        for person in Person.objects.filter(external_id__in=list(by_id)):
            one = by_id[person.external_id]
            values = _free(person, one, PERSON, unnamed=person.external_id)
            if not values:
                continue
            detail = {
                name: [str(getattr(person, name)), str(value)] for name, value in values.items()
            }
            Person.objects.filter(pk=person.pk).update(**values, version=F("version") + 1)
            code = "person.filled_from_events"
            _line(code, person.customer_id, person.name, one, detail, at=at)
            changed += 1
    return changed


def _free(
    row: Customer | Person,
    one: Said,
    fields: Mapping[str, tuple[str, Callable[[object], object]]],
    *,
    unnamed: str,
) -> dict[str, object]:
    """The fields that may be written and would change. `unnamed` is a name that is none."""
    values: dict[str, object] = {}
    for trait, (field, read) in fields.items():
        new, holds = read(one.traits.get(trait)), getattr(row, field)
        ours = read(one.before.get(trait))
        if new is not None and new != holds and holds in ("", None, ours, unnamed):
            values[field] = new
    return values


def _line(
    code: str, customer: int, name: str, one: Said, detail: Mapping[str, object], *, at: datetime
) -> None:
    audit.record(
        code,
        object_type="customer",
        object_id=customer,
        summary=name,
        detail={**detail, "source": one.source},
        by=None,
        at=at,
    )
