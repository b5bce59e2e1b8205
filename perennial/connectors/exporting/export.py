"""What is exported: per kind, rows in the order of the import's columns.

What an import assumed (a missing recorded_at or signing date) is left empty again, so that it
is assumed again and not taken for said.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet

from perennial.connectors.exporting.writers import ExportFormat, Row, write
from perennial.connectors.fields import Field
from perennial.connectors.kinds import Kind
from perennial.contracts.models import Basis, Invoice, OrderLine, Pause
from perennial.customers.imports import OWNER_TO_COME
from perennial.customers.models import Customer, Outcome, Person, Touch
from perennial.customers.queries import visible_records
from perennial.events.load import DEFAULT_SOURCE
from perennial.events.queries.daily import daily_sums
from perennial.events.rules.kinds import COUNTED
from perennial.events.rules.kinds import Kind as EventKind
from perennial.events.store import open_store
from perennial.surveys.models import Answer
from perennial.team.access import Scope, scope
from perennial.team.models import User
from perennial.tickets.models import Ticket
from perennial.units.moment import day_end
from perennial.units.progress import Progress, silent

_PROPERTIES = Field("properties", "properties", limit=1_000_000)
# Whose event it is, where it is not that of all files: an id is one event only in its source.
_SOURCE = Field("event_source", "event_source")
_ROWS_AT_ONCE = 2_000
_AS_EVENTS = {None, *COUNTED} - {EventKind.DAILY}


@dataclass(frozen=True, slots=True)
class Exported:
    kind: str
    path: Path
    rows: int


def export(
    kinds: Sequence[Kind],
    *,
    to: Path,
    format: ExportFormat = ExportFormat.CSV,
    as_of: date | None = None,
    user: User | None = None,
    progress: Progress = silent,
) -> list[Exported]:
    """Write DIR/KIND.FORMAT for each kind, as recorded by the end of `as_of` (default: now).

    With a user, only of the customers that they may see.
    """
    to.mkdir(parents=True, exist_ok=True)
    done = []
    for number, kind in enumerate(kinds):
        fields, rows = rows_of(kind, as_of=as_of, user=user)
        path = to / f"{kind.name}.{format}"
        done.append(Exported(kind.name, path, write(path, fields, rows, format)))
        progress(number + 1, len(kinds))
    return done


def rows_of(
    kind: Kind, *, as_of: date | None = None, user: User | None = None
) -> tuple[tuple[Field, ...], Iterator[Row]]:
    """The columns and rows of a kind, streamed."""
    if kind.name == "events":
        return (*kind.fields, _SOURCE, _PROPERTIES), _events(as_of, user)
    if kind.name == "daily":
        return (*kind.fields, _PROPERTIES), _daily(as_of, user)
    model, customer, values = _TABLES[kind.name]
    rows: QuerySet[Any] = model._default_manager.order_by("pk")
    if as_of is not None:
        rows = rows.filter(recorded_at__lt=day_end(as_of, settings.PERENNIAL_TIME_ZONE))
    if user is not None:
        theirs = visible_records(user).values("pk")
        rows = rows.filter(**{f"{customer}in": theirs})
    related = [it for it in ("customer", "owner", "person", "parent") if _has(model, it)]
    rows = rows.select_related(*related)
    fields = kind.fields
    if kind.name == "customers":
        fields = (*fields, *_custom_fields(rows))
    return fields, _rows(rows, fields, values)


def _has(model: type[Model], name: str) -> bool:
    return any(it.name == name for it in model._meta.get_fields())


def _rows(
    rows: QuerySet[Any],
    fields: Sequence[Field],
    values: Mapping[str, Callable[[Any], object]],
) -> Iterator[Row]:
    own = {"recorded_at": _recorded_at, **values}
    for item in rows.iterator(_ROWS_AT_ONCE):
        yield [own[it.name](item) if it.name in own else _plain(item, it.name) for it in fields]


def _plain(item: Any, name: str) -> object:
    if hasattr(item, name):
        return getattr(item, name)
    return item.custom.get(name)


def _recorded_at(item: Any) -> object:
    return None if item.recorded_assumed else item.recorded_at


def _custom_fields(rows: QuerySet[Any]) -> list[Field]:
    names: dict[str, None] = {}
    for custom in rows.exclude(custom={}).values_list("custom", flat=True).iterator():
        names.update(dict.fromkeys(custom))
    names.pop(OWNER_TO_COME, None)
    return [Field(name, name) for name in sorted(names)]


def _customer(item: Any) -> object:
    return item.customer.external_id


def _owner(item: Any) -> object:
    return item.owner.email if item.owner else ""


def _amount(*bases: Basis) -> Callable[[Any], object]:
    return lambda line: line.recurring_amount if line.basis in bases else None


_BY_CUSTOMER: dict[str, Callable[[Any], object]] = {"customer_id": _customer}
_TABLES: dict[str, tuple[type[Model], str, dict[str, Callable[[Any], object]]]] = {
    "customers": (
        Customer,
        "pk__",
        {
            "owner": lambda it: _owner(it) or it.custom.get(OWNER_TO_COME),
            "parent": lambda it: it.parent.external_id if it.parent else None,
        },
    ),
    "people": (Person, "customer__", _BY_CUSTOMER),
    "orders": (
        OrderLine,
        "customer__",
        {
            **_BY_CUSTOMER,
            "signed_on": lambda it: None if it.signed_assumed else it.signed_on,
            "last_on": lambda _: None,  # end_on says it
            "recurring_amount": _amount(Basis.TERM, Basis.INTERVAL),
            "mrr": _amount(Basis.MRR),
            "arr": _amount(Basis.ARR),
            "total_amount": _amount(Basis.TOTAL),
        },
    ),
    "pauses": (Pause, "customer__", _BY_CUSTOMER),
    "tickets": (Ticket, "customer__", _BY_CUSTOMER),
    "invoices": (Invoice, "customer__", _BY_CUSTOMER),
    "surveys": (Answer, "customer__", {**_BY_CUSTOMER, "person_id": lambda it: it.person_id_text}),
    "touches": (
        Touch,
        "customer__",
        {
            **_BY_CUSTOMER,
            "external_id": lambda it: it.external_id or f"touch-{it.pk}",
            "owner": _owner,
            "person_id": lambda it: it.person.external_id if it.person else None,
        },
    ),
    "outcomes": (Outcome, "customer__", _BY_CUSTOMER),
}


def _theirs(user: User | None) -> list[str] | None:
    """The customers of a user; None is everything, what belongs to nobody known too."""
    if user is None or scope(user).scope is Scope.ALL:
        return None
    theirs = visible_records(user)
    return list(theirs.values_list("external_id", flat=True))


def _daily(as_of: date | None, user: User | None) -> Iterator[Row]:
    for batch in daily_sums(known_by=as_of, customers=_theirs(user)):
        for *row, properties in zip(*(it.to_pylist() for it in batch.columns), strict=True):
            yield [*row, _spaced(properties)]


def _events(as_of: date | None, user: User | None) -> Iterator[Row]:
    for batch in open_store().event_batches(received_by=as_of, customers=_theirs(user)):
        for it in batch.to_pylist():
            if it["kind"] not in _AS_EVENTS:
                continue  # an import would count it
            yield [
                it["event"],
                it["ts"],
                it["customer"],
                it["person"],
                str(uuid.UUID(bytes=it["message_id"])),
                None if it["assumed"] else it["received_at"],
                it["product"],
                it["value"],
                it["order_id"],
                None if it["source"] == DEFAULT_SOURCE else it["source"],
                _spaced(it["properties"]),
            ]


def _spaced(text: str | None) -> str | None:
    """JSON as Python writes it; as it is when it is nested deeper than Python can read."""
    try:
        return None if text is None else json.dumps(json.loads(text), ensure_ascii=False)
    except RecursionError:
        return text
