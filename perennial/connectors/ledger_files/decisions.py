"""A file of declared exclusions (剔除): which orders, why, on what evidence, by whom approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import pgettext_lazy

from perennial.connectors.fields import Field
from perennial.connectors.kinds.kind import Kind
from perennial.connectors.ledger_files.orders import OrdersFile
from perennial.connectors.ledger_files.reading import as_it_is, read_file
from perennial.units.errors import RowError
from perennial.units.mapping import Column
from perennial.units.sentence import sentence

_LONG = 1000
REASONS = {
    "closed": "closed", "倒闭": "closed", "关闭": "closed", "注销": "closed",
    "merged": "merged", "合并": "merged", "被并购": "merged",
    "duplicate": "duplicate", "test": "duplicate", "重复": "duplicate", "测试": "duplicate",
}  # fmt: skip

EXCLUSIONS = Kind(
    "exclusions",
    pgettext_lazy("column", "Exclusions"),
    (
        Field(
            "order_id",
            pgettext_lazy("column", "Order"),
            required=True,
            alike=("order", "订单号", "订单编号", "订单", "合同编号"),
        ),
        Field(
            "reason",
            pgettext_lazy("column", "Reason"),
            required=True,
            limit=_LONG,
            alike=("剔除原因", "原因"),
        ),
        Field(
            "evidence",
            pgettext_lazy("column", "Evidence"),
            required=True,
            limit=_LONG,
            alike=("依据", "证据", "凭证"),
        ),
        Field(
            "approved_by",
            pgettext_lazy("column", "Approved by"),
            required=True,
            alike=("approver", "批准人", "审批人"),
        ),
    ),
    key=("order_id",),
)


@dataclass(frozen=True, slots=True)
class ExcludedOrder:
    """`reason` is closed, merged or duplicate where the file says so, else its own text."""

    row: int
    order_id: str
    reason: str
    evidence: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class ExclusionsFile:
    items: list[ExcludedOrder] = field(default_factory=list)
    ignored: tuple[str, ...] = ()


def read_exclusions(
    path: Path, orders: OrdersFile, *, map: Mapping[str, Column] | None = None
) -> ExclusionsFile:
    """Raises InputRefused with `errors`: a row without reason, evidence or approver, or of an
    order that is not there, excludes nothing."""
    reading = read_file(EXCLUSIONS, path, map, row=as_it_is)
    found = []
    for record in reading.rows:
        order_id, reason, evidence, approved_by = (
            str(record.values[name]) for name in ("order_id", "reason", "evidence", "approved_by")
        )
        reason = REASONS.get(reason.casefold(), reason)
        found.append(ExcludedOrder(record.row, order_id, reason, evidence, approved_by))
    present = orders.owners
    reading.refuse(_unknown(it) for it in found if it.order_id not in present)
    reading.settle()
    return ExclusionsFile(found, reading.plan.unused)


def _unknown(item: ExcludedOrder) -> RowError:
    message = sentence("there is no order “{order}” to exclude")
    return RowError("unknown_order", message, item.row, "order_id", params={"order": item.order_id})
