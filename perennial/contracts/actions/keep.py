"""Keeps the terms that follow from the ledger, for the customers whose ledger changed."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from perennial.contracts.models import LedgerMark, ServiceTerm
from perennial.contracts.queries import ledgers
from perennial.contracts.rules import Term


@transaction.atomic
def keep_terms(marks: dict[int, str], *, gone: Collection[int] = ()) -> int:
    """Replace the kept terms of the customers in `marks` (by their ledger's mark) and forget
    those of the customers `gone`. Derived rows: no audit line. Returns how many were kept."""
    touched = [*marks, *gone]
    ServiceTerm.objects.filter(customer__in=touched).delete()
    LedgerMark.objects.filter(customer__in=touched).delete()
    rows = [_row(term) for ledger in ledgers(marks).values() for term in ledger.terms()]
    ServiceTerm.objects.bulk_create(rows, batch_size=2000)
    LedgerMark.objects.bulk_create(
        [LedgerMark(customer_id=customer_id, mark=mark) for customer_id, mark in marks.items()]
    )
    return len(rows)


def _row(term: Term) -> ServiceTerm:
    return ServiceTerm(
        customer_id=term.customer_id,
        order_id=term.order_id,
        line=term.line,
        kind=term.kind,
        product=term.product,
        seats=term.seats,
        start_on=term.start_on,
        end_on=term.end_on,
        scheduled_end_on=term.scheduled_end_on,
        due_end_on=term.due_end_on,
        signed_on=term.signed_on,
        mrr_exact=str(term.mrr),
        currency=term.currency,
        renews=list(term.renews),
        ending=term.ending,
        notice_on=term.notice_on,
        notice_recorded_on=term.notice_recorded_on,
        unknown=term.unknown,
        usage_exact=str(term.usage),
        one_off_exact=str(term.one_off),
        discount_end_on=term.discount_end_on,
        discounted_exact=str(term.discounted_mrr),
        full_exact=str(term.full_mrr),
        auto_renew=term.auto_renew,
        notice_days=term.notice_days,
        pauses=[
            [start.isoformat(), end.isoformat() if end else None] for start, end in term.pauses
        ],
    )
