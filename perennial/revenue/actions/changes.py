"""Rebuilds the derived MRR changes of customers. No audit line: nobody decides anything here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from django.db import transaction

from perennial.contracts.queries import terms_of
from perennial.contracts.rules import Term
from perennial.revenue.models import MrrChange, RevenueMark
from perennial.revenue.rules import daily_moves, in_currency, steps
from perennial.units.money import round_half_up


@transaction.atomic
def rebuild(
    marks: Mapping[int, str],
    *,
    currency: str,
    rates: Mapping[str, Fraction],
    gone: Collection[int] = (),
) -> int:
    """Replace the changes of the customers in `marks` (each with its new mark) and forget those
    of the customers `gone`. Returns how many changes were written."""
    touched = [*marks, *gone]
    MrrChange.objects.filter(customer__in=touched).delete()
    RevenueMark.objects.filter(customer__in=touched).delete()
    rows: list[MrrChange] = []
    kept: list[RevenueMark] = []
    terms = terms_of(marks)
    for customer_id, mark in marks.items():
        counted, left_out = in_currency(terms.get(customer_id, ()), currency=currency, rates=rates)
        rows += changes(customer_id, counted)
        kept.append(RevenueMark(customer_id=customer_id, mark=mark, missing_rates=sorted(left_out)))
    MrrChange.objects.bulk_create(rows, batch_size=2000)
    RevenueMark.objects.bulk_create(kept)
    return len(rows)


def changes(customer_id: int, terms: Iterable[Term]) -> Iterator[MrrChange]:
    """One customer's changes, first to last."""
    moves = list(daily_moves(customer_id, steps(terms)))
    ends = [*(following.on for _, (following, _move) in pairwise(moves)), None]
    for rank, ((step, move), until_on) in enumerate(zip(moves, ends, strict=False)):
        yield MrrChange(
            customer_id=customer_id,
            rank=rank,
            changed_on=step.on,
            until_on=until_on,
            kind=move.kind or "",
            before_exact=str(step.before.mrr),
            after_exact=str(step.after.mrr),
            before=round_half_up(step.before.mrr),
            after=round_half_up(step.after.mrr),
            paying_before=step.before.paying,
            paying_after=step.after.paying,
        )
