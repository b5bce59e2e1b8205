"""The facts that rules read, as columns: all customers on one day, a query per source."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import DateField, F, Max, Min, Q, RowRange, Value, Window
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from perennial.contracts.models import OrderLine, ServiceTerm
from perennial.contracts.queries import Entitlement, entitlements, next_due
from perennial.customers.assessments.queries import newest_scores
from perennial.customers.filters import Field, Kind
from perennial.customers.models import Customer
from perennial.health.classes.fields import custom_fields, is_number
from perennial.metrics.queries import UsageRow, customer_metrics
from perennial.revenue.queries import contracted_mrr_on

BACK_AFTER_DAYS = 30  # an order may be signed this long after the due day: no loss
_NEVER = date(9999, 12, 31)
_BEFORE = RowRange(start=None, end=-1)  # the rows before this one


@dataclass(frozen=True)
class Facts:
    """One row per customer that is not merged into another, in the order of `pks`."""

    day: date
    pks: NDArray[np.int64]
    external_ids: list[str]
    columns: dict[str, NDArray[Any]]
    custom: tuple[Field, ...]
    now: Mapping[str, list[Any]]  # tier, fit, stage, stage_since_on and imported_tier as they stand

    @cached_property
    def as_of(self) -> NDArray[np.datetime64]:
        return np.full(len(self.pks), np.datetime64(self.day, "D"))


_RECORD = (
    "pk", "external_id", "industry", "size", "region", "tags", "custom", "created_on",
    "tier", "fit", "stage", "stage_since_on", "imported_tier",
)  # fmt: skip


def facts_on(day: date) -> Facts:
    """Everything that rules may read, at the end of a day, as it is known now."""
    rows = list(
        Customer.objects.filter(merged_into__isnull=True).order_by("pk").values_list(*_RECORD)
    )
    record = dict(
        zip(_RECORD, zip(*rows, strict=True) if rows else [()] * len(_RECORD), strict=True)
    )
    pks, external_ids = list(record["pk"]), list(record["external_id"])
    custom = custom_fields() if any(record["custom"]) else ()
    columns = {
        **{name: _texts(record[name]) for name in ("industry", "size", "region")},
        "imported_tier": _texts(record["imported_tier"]),
        "tags": _texts([tuple(tags) for tags in record["tags"]]),
        **{field.name: _custom(field, record["custom"]) for field in custom},
        **_orders(day, pks, record["created_on"]),
    }
    columns |= _usage(day, external_ids, columns["seats"]) | _assessed(day, pks)
    now = {name: list(record[name]) for name in _RECORD[8:]}
    return Facts(day, np.array(pks, np.int64), external_ids, columns, custom, now)


def _texts(values: Any) -> NDArray[np.object_]:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def _numbers(values: list[float | int | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _custom(field: Field, records: Any) -> NDArray[Any]:
    values = [record.get(field.path) for record in records]
    if field.kind is Kind.NUMBER:
        return _numbers([float(it) if is_number(it) else None for it in values])
    return _texts(["" if value is None else str(value) for value in values])


def _orders(day: date, pks: list[int], created: Any) -> dict[str, NDArray[Any]]:
    """What the ledger says: money, products, seats, when it began, ends, and came back."""
    started = dict(
        OrderLine.objects.filter(void=False)
        .order_by()
        .values_list("customer_id")
        .annotate(first=Min("start_on"))
    )
    live, due, mrr = entitlements(None, day), next_due(None, day), contracted_mrr_on(None, day)
    paid, returned, last = _paid_from(), _returned_on(day), _last_service(live.keys(), day)
    found: dict[str, list[Any]] = {name: [] for name in _ORDERED}
    for pk, created_on in zip(pks, created, strict=True):
        start_on = started.get(pk) or created_on
        service, falls = live.get(pk) or last.get(pk), due.get(pk)
        money = mrr.get(pk, Fraction(0)) if pk in started else None
        pays = pk in mrr and (money is None or money > 0)
        found["age_days"].append((day - start_on).days if start_on else None)
        found["paying"].append(pays)
        found["lapsed"].append(not pays and pk in paid and paid[pk] <= day)
        found["arr"].append(None if money is None else round(float(money * 12), 2))
        found["products"].append(service.products if service else ())
        found["modules"].append(len(service.products) if service else None)
        found["seats"].append(service.seats if service else None)
        found["due_in_days"].append(
            (falls.due_on - day).days if falls and not falls.renewed else None
        )
        found["returned_days"].append((day - returned[pk]).days if pk in returned else None)
    return {name: make(found[name]) for name, make in _ORDERED.items()}


_ORDERED: dict[str, Any] = {
    "age_days": _numbers,
    "paying": lambda it: np.array(it, np.bool_),
    "lapsed": lambda it: np.array(it, np.bool_),
    "arr": _numbers,
    "products": _texts,
    "modules": _numbers,
    "seats": _numbers,
    "due_in_days": _numbers,
    "returned_days": _numbers,
}
_PAID = ~Q(kind__in=("trial", "buyout")) & (~Q(mrr_exact__in=("0", "0/1")) | ~Q(unknown=""))


def _paid_from() -> dict[int, date]:
    """The first day that a customer ever paid for."""
    paid = ServiceTerm.objects.filter(_PAID).order_by().values_list("customer_id")
    return dict(paid.annotate(first=Min("start_on")))


def _last_service(live: Collection[int], day: date) -> dict[int, Entitlement]:
    """What customers whose service has ended had last: what they were does not end with it."""
    ended = (
        ServiceTerm.objects.filter(end_on__lte=day, end_on__gt=F("start_on"))
        .order_by("customer_id", "end_on")
        .values_list("customer_id", "end_on", "seats", "product")
    )
    last: dict[int, tuple[date | None, list[int], set[str]]] = {}
    for pk, end_on, seats, product in ended.iterator(5000):
        if pk in live:
            continue
        if pk not in last or last[pk][0] != end_on:
            last[pk] = end_on, [], set()
        last[pk][1].extend([seats] if seats is not None else [])
        last[pk][2].update({product} - {""})
    return {
        pk: Entitlement(sum(seats) if seats else None, tuple(sorted(products)))
        for pk, (_, seats, products) in last.items()
    }


def _returned_on(day: date) -> dict[int, date]:
    """The last day by `day` on which a customer began to pay again after a gap."""
    end = Coalesce(F("end_on"), Value(_NEVER, DateField()))
    before = Window(Max(end), partition_by="customer_id", order_by="start_on", frame=_BEFORE)
    starts = (
        ServiceTerm.objects.filter(_PAID, start_on__lte=day)
        .annotate(ended_on=before)
        .filter(ended_on__isnull=False, start_on__gt=F("ended_on"))
        .order_by("start_on")
        .values_list("customer_id", "start_on", "ended_on")
    )
    gap = timedelta(days=BACK_AFTER_DAYS)
    return {pk: start_on for pk, start_on, ended_on in starts if start_on > ended_on + gap}


def _usage(
    day: date, external_ids: list[str], seats: NDArray[np.float64]
) -> dict[str, NDArray[Any]]:
    """What the events say; of customers never seen nothing is known but that."""
    usage = customer_metrics(as_of=day)
    rows = [usage.get(name) for name in external_ids]
    people = _numbers([_people(row) for row in rows])
    with np.errstate(divide="ignore", invalid="ignore"):
        seat_use = np.where(seats > 0, people / seats, np.nan)
    return {
        "used": np.array([row is not None for row in rows], np.bool_),
        "active_people": people,
        "seat_use": seat_use,
        "features": _numbers([row.feature_breadth_28d if row else None for row in rows]),
        "quiet_days": _numbers([(day - row.last_seen_on).days if row else None for row in rows]),
    }


def _assessed(day: date, pks: list[int]) -> dict[str, NDArray[Any]]:
    """What the newest assessments say, 0–100; of customers never assessed nothing is known."""
    newest = newest_scores(day)
    rows = [newest.get(pk) for pk in pks]
    return {
        "maturity": _numbers([row.maturity_score if row else None for row in rows]),
        "potential": _numbers([row.potential_score if row else None for row in rows]),
    }


def _people(row: UsageRow | None) -> int | None:
    """Events that name nobody leave people unknown."""
    return row.active_people_28d if row and (row.people_known or not row.events_28d) else None
