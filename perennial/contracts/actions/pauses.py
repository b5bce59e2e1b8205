"""Rows of a pauses file become ledger rows, or an error that says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from perennial.contracts.actions.versions import (
    known_pauses,
    owners_of,
    pause_contradiction,
    unknown_customer,
)
from perennial.contracts.models import Pause
from perennial.contracts.rows import PauseRow, Recorded
from perennial.contracts.rules import pause_faults
from perennial.team.models import User
from perennial.units.errors import RowError


@transaction.atomic
def record_pauses(
    rows: Sequence[PauseRow],
    *,
    customers: Mapping[str, int],
    batch: int,
    by: User | None,  # noqa: ARG001 - the import's audit line names them
    at: datetime,  # noqa: ARG001
) -> Recorded:
    """Add the good pauses; the same (customer, order, start) recorded later replaces."""
    errors: list[RowError] = []
    good: list[PauseRow] = []
    owners = owners_of({row.order_id for row in rows if row.order_id})
    for row in rows:
        faults = unknown_customer(row, customers) + pause_faults(row)
        if not faults and row.order_id and owners.get(row.order_id) != customers[row.customer_id]:
            message = _("the customer has no order “{order}”")
            params = {"order": row.order_id}
            faults = [RowError("unknown_order", message, row.row, "order_id", params=params)]
        errors += faults
        if not faults:
            good.append(row)
    known = known_pauses({customers[row.customer_id] for row in good})
    fresh: list[Pause] = []
    for row in good:
        versions = known[customers[row.customer_id], row.order_id, row.start_on]
        content = (row.end_on,)
        if versions.says_nothing_new(content, row.recorded_at, given=row.recorded_given):
            continue
        if row.recorded_at in versions.by_moment:
            errors.append(pause_contradiction(row))
            continue
        versions.by_moment[row.recorded_at] = content
        fresh.append(_pause(row, customers, batch))
    Pause.objects.bulk_create(fresh, batch_size=2000)
    same = len(rows) - len(fresh) - len({error.row for error in errors})
    return Recorded(len(fresh), same, errors)


def _pause(row: PauseRow, customers: Mapping[str, int], batch: int) -> Pause:
    return Pause(
        customer_id=customers[row.customer_id],
        order_id=row.order_id,
        start_on=row.start_on,
        end_on=row.end_on,
        recorded_at=row.recorded_at,
        recorded_assumed=row.recorded_assumed,
        batch=batch,
    )
