"""Rebuilds the derived MRR changes of customers. No audit line: nobody decides anything here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from django.db import transaction

from perennial.contracts.actions import keep_terms
from perennial.contracts.queries import marks, terms_of
from perennial.contracts.rules import Term
from perennial.revenue.models import MrrChange, RevenueMark
from perennial.revenue.queries.facts import Basis, basis
from perennial.revenue.rules import kind_of
from perennial.revenue.rules.history import History, steps
from perennial.units.money import round_half_up
from perennial.units.period import ONE_DAY
from perennial.units.progress import Progress, silent

CHUNK = 500  # customers in one transaction


def catch_up(*, progress: Progress = silent) -> dict[str, int]:
    """Redo the customers whose ledger, arrears, definitions or rates have changed; may be killed
    anywhere and goes on where it stopped."""
    made_with = basis()
    now = {pk: made_with.mark(pk, mark) for pk, mark in marks().items()}
    kept = dict(RevenueMark.objects.values_list("customer_id", "mark"))
    gone = sorted(kept.keys() - now.keys())
    for start in range(0, len(gone), CHUNK):
        rebuild({}, made_with=made_with, gone=gone[start : start + CHUNK])
    stale = sorted(pk for pk, mark in now.items() if kept.get(pk) != mark)
    written = 0
    for start in range(0, len(stale), CHUNK):
        part = {pk: now[pk] for pk in stale[start : start + CHUNK]}
        written += rebuild(part, made_with=made_with)
        progress(min(start + CHUNK, len(stale)), len(stale))
    return {"customers": len(stale), "changes": written}


@transaction.atomic
def follow(customer_ids: Collection[int]) -> None:
    """Bring the kept terms and changes of a few customers up to their ledger at once: after a
    merge the pages show one company without waiting for the day."""
    made_with, now = basis(), marks(customer_ids)
    gone = set(customer_ids) - now.keys()
    keep_terms(now, gone=gone)
    rebuild({pk: made_with.mark(pk, it) for pk, it in now.items()}, made_with=made_with, gone=gone)


@transaction.atomic
def rebuild(marks: Mapping[int, str], *, made_with: Basis, gone: Collection[int] = ()) -> int:
    """Replace the changes of the customers in `marks` (each with its new mark) and forget those
    of the customers `gone`. Returns how many changes were written."""
    touched = [*marks, *gone]
    MrrChange.objects.filter(customer__in=touched).delete()
    RevenueMark.objects.filter(customer__in=touched).delete()
    rows: list[MrrChange] = []
    kept: list[RevenueMark] = []
    terms = terms_of(marks)
    for customer_id, mark in marks.items():
        theirs = terms.get(customer_id, [])
        rows += changes(customer_id, theirs, made_with)
        kept.append(_marked(customer_id, mark, theirs, made_with))
    MrrChange.objects.bulk_create(rows, batch_size=2000)
    RevenueMark.objects.bulk_create(kept)
    return len(rows)


def changes(customer_id: int, terms: Sequence[Term], made_with: Basis) -> Iterator[MrrChange]:
    """One customer's changes, first to last."""
    definitions = made_with.definitions
    lost = made_with.lost.get(customer_id, ())
    all_steps = steps(terms, definitions=definitions, rates=made_with.rates, lost=lost)
    history = History(terms, all_steps)
    window = definitions.reactivation_window_days
    ends = [*(following.on for _, following in pairwise(all_steps)), None]
    for rank, (step, until_on) in enumerate(zip(all_steps, ends, strict=False)):
        is_new = history.is_new(step.on - ONE_DAY, window)
        yield MrrChange(
            customer_id=customer_id,
            rank=rank,
            changed_on=step.on,
            until_on=until_on,
            kind=kind_of(step.before, step.after, paid_before=not is_new) or "",
            before_exact=str(step.before.mrr),
            after_exact=str(step.after.mrr),
            before=round_half_up(step.before.mrr),
            after=round_half_up(step.after.mrr),
            paying_before=step.before.paying,
            paying_after=step.after.paying,
            unknown=step.after.unknown,
        )


def _marked(customer_id: int, mark: str, terms: Sequence[Term], made_with: Basis) -> RevenueMark:
    known = {made_with.definitions.currency, *made_with.rates.plan}
    foreign = {term.currency for term in terms if term.mrr and term.currency not in known}
    unsplit = {term.order_id for term in terms if term.unknown}
    return RevenueMark(
        customer_id=customer_id,
        mark=mark,
        missing_rates=sorted(foreign),
        split_missing=sorted(unsplit),
    )
