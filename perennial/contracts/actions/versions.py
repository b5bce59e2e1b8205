"""What the ledger knows already, by key and recorded time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.utils.translation import gettext_noop as _

from perennial.contracts.models import OrderLine, Pause
from perennial.contracts.rows import OrderRow, PauseRow
from perennial.units.errors import RowError

Content = tuple[Any, ...]
Key = tuple[Any, ...]
T = TypeVar("T")

CHUNK = 500  # ids in one question to the database
AS_RECORDED = tuple(
    field.name
    for field in fields(OrderRow)
    if field.name not in ("row", "customer_id", "renews", "recorded_given")
)


@dataclass(slots=True)
class Versions:
    """What is known of one key: contents by recorded time."""

    by_moment: dict[datetime, Content]

    def says_nothing_new(self, content: Content, recorded_at: datetime, *, given: bool) -> bool:
        """An equal row at the same moment, or (no moment given) equal to the newest one."""
        if self.by_moment.get(recorded_at) == content:
            return True
        return not given and bool(self.by_moment) and self.newest == content

    @property
    def newest(self) -> Content:
        return self.by_moment[max(self.by_moment)]


def chunks(values: Collection[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while part := list(islice(rest, CHUNK)):
        yield part


def known_rows(rows: Sequence[OrderRow], customers: Mapping[str, int]) -> list[OrderRow]:
    """What the ledger holds of these rows' customers and of every order that they name, as
    rows of a file (row 0). `customers` maps external ids to primary keys."""
    orders = {row.order_id for row in rows} | {named for row in rows for named in row.renews}
    found: dict[int, OrderRow] = {}
    for name, values in (
        ("customer__in", {customers[row.customer_id] for row in rows}),
        ("order_id__in", orders),
    ):
        for part in chunks(values):
            lines = OrderLine.objects.filter(**{name: part}).order_by()
            for pk, customer_id, renews, *others in lines.values_list(
                "pk", "customer__external_id", "renews", *AS_RECORDED
            ):
                said = dict(zip(AS_RECORDED, others, strict=True))
                found[pk] = OrderRow(
                    row=0,
                    customer_id=customer_id,
                    renews=tuple(renews),
                    recorded_given=True,
                    **said,
                )
    return list(found.values())


def owners_of(order_ids: Collection[str]) -> dict[str, int]:
    """The customer of each of these orders that the ledger has."""
    owners: dict[str, int] = {}
    for part in chunks(order_ids):
        rows = OrderLine.objects.filter(order_id__in=part).order_by()
        owners.update(rows.values_list("order_id", "customer_id"))
    return owners


def known_pauses(customer_ids: Collection[int]) -> dict[Key, Versions]:
    known: dict[Key, Versions] = defaultdict(lambda: Versions({}))
    for part in chunks(customer_ids):
        rows = Pause.objects.filter(customer__in=part)
        for customer_id, order_id, start_on, end_on, recorded_at in rows.values_list(
            "customer_id", "order_id", "start_on", "end_on", "recorded_at"
        ):
            known[customer_id, order_id, start_on].by_moment[recorded_at] = (end_on,)
    return known


def unknown_customer(row: OrderRow | PauseRow, customers: Mapping[str, int]) -> list[RowError]:
    if row.customer_id in customers:
        return []
    return [
        RowError(
            "unknown_customer",
            _("there is no customer “{value}”"),
            row.row,
            "customer_id",
            params={"value": row.customer_id},
        )
    ]


def pause_contradiction(row: PauseRow) -> RowError:
    return RowError(
        "contradiction",
        _(
            "the same line was recorded at the same moment ({moment}) with other contents; "
            "give a later recorded_at to correct it"
        ),
        row.row,
        "recorded_at",
        params={"moment": row.recorded_at.isoformat()},
    )
