"""What the ledger knows already, by key and recorded time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
LINE_FIELDS = (
    "customer_id", "kind", "product", "seats", "start_on", "end_on", "signed_on",
    "recurring_amount", "basis", "interval_months", "one_off_amount", "currency", "renews", "void",
    "discount_amount", "discount_end_on", "auto_renew", "notice_days",
)  # fmt: skip


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


def known_lines(order_ids: Collection[str]) -> tuple[dict[Key, Versions], dict[str, int]]:
    """What the ledger holds of these orders: versions by key, and each order's customer."""
    known: dict[Key, Versions] = defaultdict(lambda: Versions({}))
    owners: dict[str, int] = {}
    for part in chunks(order_ids):
        rows = OrderLine.objects.filter(order_id__in=part)
        for order_id, line, recorded_at, *content in rows.values_list(
            "order_id", "line", "recorded_at", *LINE_FIELDS
        ):
            known[order_id, line].by_moment[recorded_at] = _hashable(content)
            owners[order_id] = content[0]
    return known, owners


def _hashable(content: Sequence[Any]) -> Content:
    return tuple(tuple(value) if isinstance(value, list) else value for value in content)


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


def contradiction(row: int, recorded_at: datetime) -> RowError:
    return RowError(
        "contradiction",
        _(
            "the same line was recorded at the same moment ({moment}) with other contents; "
            "give a later recorded_at to correct it"
        ),
        row,
        "recorded_at",
        params={"moment": recorded_at.isoformat()},
    )
