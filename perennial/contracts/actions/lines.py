"""Rows of an orders file become ledger rows, or an error that says why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from perennial.contracts.actions.versions import Key, Versions, known_rows, unknown_customer
from perennial.contracts.models import OrderLine
from perennial.contracts.rows import OrderRow, Recorded
from perennial.contracts.rules import ledger_faults, row_faults
from perennial.contracts.rules.links import content, contradiction
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
    known = known_rows(good, customers)
    among = ledger_faults(good, known=known)
    refused = {error.row for error in among}
    fresh, same, repeated = _news([row for row in good if row.row not in refused], known)
    OrderLine.objects.bulk_create([_line(row, customers, batch) for row in fresh], batch_size=2000)
    errors += among + repeated
    return Recorded(len(fresh), same, sorted(errors, key=lambda error: error.row or 0))


def _news(
    rows: list[OrderRow], known: list[OrderRow]
) -> tuple[list[OrderRow], int, list[RowError]]:
    """The rows that say something new, how many do not, and those that contradict the ledger."""
    versions: dict[Key, Versions] = defaultdict(lambda: Versions({}))
    for row in known:
        versions[row.order_id, row.line].by_moment[row.recorded_at] = content(row)
    fresh: list[OrderRow] = []
    same = 0
    errors = []
    for row in rows:
        held, said = versions[row.order_id, row.line], content(row)
        if held.says_nothing_new(said, row.recorded_at, given=row.recorded_given):
            same += 1
        elif row.recorded_at in held.by_moment:
            errors.append(contradiction(row))
        else:
            held.by_moment[row.recorded_at] = said
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
