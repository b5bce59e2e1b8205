"""An import is taken back whole."""

from __future__ import annotations

from django.db import transaction

from perennial.contracts.models import OrderLine, Pause


@transaction.atomic
def withdraw_batch(batch: int) -> set[int]:
    """Take an import's orders and pauses back; return the customers whose ledger changed.

    The derived figures follow at the next fill, which sees removed rows too.
    """
    touched: set[int] = set()
    for rows in (OrderLine.objects.filter(batch=batch), Pause.objects.filter(batch=batch)):
        touched.update(rows.values_list("customer_id", flat=True))
        rows.delete()
    return touched
