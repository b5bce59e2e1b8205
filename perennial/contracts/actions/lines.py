"""Rows of an orders file become ledger rows, or an error that says why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from perennial.contracts.actions.versions import (
    LINE_FIELDS,
    Content,
    Key,
    Versions,
    contradiction,
    known_lines,
    unknown_customer,
)
from perennial.contracts.models import OrderLine
from perennial.contracts.rows import OrderRow, Recorded
from perennial.contracts.rules import row_faults
from perennial.team.models import User
from perennial.units.errors import RowError


@transaction.atomic
def record_lines(
    rows: Sequence[OrderRow],
    *,
    customers: Mapping[str, int],
    batch: int,
    by: User | None,  # noqa: ARG001 - the import's audit line names them
    at: datetime,  # noqa: ARG001
) -> Recorded:
    """Add the good rows to the ledger; say what is wrong with the others.

    `customers` maps external ids to primary keys. The caller rolls back when it wants all or
    nothing. A row that says what the ledger knows already adds nothing.
    """
    errors: list[RowError] = []
    good: list[OrderRow] = []
    for row in rows:
        faults = unknown_customer(row, customers) + row_faults(row)
        errors += faults
        if not faults:
            good.append(row)
    orders = {row.order_id for row in good} | {named for row in good for named in row.renews}
    known, owners = known_lines(orders)
    recorded = frozenset(owners)
    good, foreign = _one_customer_per_order(good, customers, owners)
    good, dangling = _links_that_exist(good, customers, owners, recorded)
    fresh, same, repeated = _news(good, known, customers)
    OrderLine.objects.bulk_create([_line(row, customers, batch) for row in fresh], batch_size=2000)
    errors += foreign + dangling + repeated
    return Recorded(len(fresh), same, sorted(errors, key=lambda error: error.row or 0))


def _line_content(row: OrderRow, customers: Mapping[str, int]) -> Content:
    return (customers[row.customer_id], *(getattr(row, name) for name in LINE_FIELDS[1:]))


def _one_customer_per_order(
    rows: list[OrderRow], customers: Mapping[str, int], owners: dict[str, int]
) -> tuple[list[OrderRow], list[RowError]]:
    """An order belongs to the customer who was named first. Fills `owners`."""
    good, errors = [], []
    for row in rows:
        customer_id = customers[row.customer_id]
        if owners.setdefault(row.order_id, customer_id) == customer_id:
            good.append(row)
            continue
        errors.append(
            RowError(
                "order_of_another",
                _(
                    "order “{order}” belongs to another customer; "
                    "to move it, void it and record it under a new id"
                ),
                row.row,
                "customer_id",
                params={"order": row.order_id},
            )
        )
    return good, errors


def _links_that_exist(
    rows: list[OrderRow],
    customers: Mapping[str, int],
    owners: dict[str, int],
    recorded: frozenset[str],
) -> tuple[list[OrderRow], list[RowError]]:
    """Keep the rows whose `renews` name orders of the same customer, in the ledger or among
    the rows kept: refusing one row may leave another without its order, so repeat."""
    errors: list[RowError] = []
    while True:
        present = recorded.union(row.order_id for row in rows)
        wrong = [
            fault
            for row in rows
            for named in row.renews
            for fault in _link_faults(row, named, customers, owners, present)
        ]
        if not wrong:
            return rows, errors
        errors += wrong
        refused = {fault.row for fault in wrong}
        rows = [row for row in rows if row.row not in refused]


def _link_faults(
    row: OrderRow,
    named: str,
    customers: Mapping[str, int],
    owners: dict[str, int],
    present: frozenset[str],
) -> Iterator[RowError]:
    params = {"order": named}
    if named not in present:
        message = _("“renews” names order “{order}”, which does not exist")
        yield RowError("unknown_order", message, row.row, "renews", params=params)
    elif owners[named] != customers[row.customer_id]:
        message = _("“renews” names order “{order}”, which belongs to another customer")
        yield RowError("order_of_another", message, row.row, "renews", params=params)


def _news(
    rows: list[OrderRow], known: Mapping[Key, Versions], customers: Mapping[str, int]
) -> tuple[list[OrderRow], int, list[RowError]]:
    """The rows that say something new, how many do not, and those that contradict."""
    fresh: list[OrderRow] = []
    same = 0
    errors = []
    for row in rows:
        versions, content = known[row.order_id, row.line], _line_content(row, customers)
        if versions.says_nothing_new(content, row.recorded_at, given=row.recorded_given):
            same += 1
        elif row.recorded_at in versions.by_moment:
            errors.append(contradiction(row.row, row.recorded_at))
        else:
            versions.by_moment[row.recorded_at] = content
            fresh.append(row)
    return fresh, same, errors


def _line(row: OrderRow, customers: Mapping[str, int], batch: int) -> OrderLine:
    return OrderLine(
        order_id=row.order_id,
        line=row.line,
        customer_id=customers[row.customer_id],
        kind=row.kind,
        product=row.product,
        seats=row.seats,
        start_on=row.start_on,
        end_on=row.end_on,
        signed_on=row.signed_on,
        signed_assumed=row.signed_assumed,
        recurring_amount=row.recurring_amount,
        basis=row.basis,
        interval_months=row.interval_months,
        one_off_amount=row.one_off_amount,
        discount_amount=row.discount_amount,
        discount_end_on=row.discount_end_on,
        auto_renew=row.auto_renew,
        notice_days=row.notice_days,
        currency=row.currency,
        renews=list(row.renews),
        void=row.void,
        recorded_at=row.recorded_at,
        recorded_assumed=row.recorded_assumed,
        batch=batch,
    )
