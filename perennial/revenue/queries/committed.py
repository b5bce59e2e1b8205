"""CMRR of a book: MRR and what the signed contracts will make of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Q

from perennial.contracts.queries import terms_of
from perennial.contracts.rules import Term, resolve
from perennial.revenue.engine.home import home_tables
from perennial.revenue.queries.book import Book
from perennial.revenue.queries.clock import moment_after
from perennial.revenue.queries.sources import Key
from perennial.revenue.rules.committed import committed_change
from perennial.revenue.rules.state import exact_sum


def committed_of(book: Book, day: date) -> Fraction | None:
    """CMRR at the end of `day`; None when an amount behind it is not known."""
    changes = _changes(Key(book.source), day, book.stands_at)
    base = book.base(day)
    if not book.is_company:
        theirs = book.customer_ids()
        changes = {pk: change for pk, change in changes.items() if pk in theirs}
    known = [change for change in changes.values() if change is not None]
    if base.unknown or len(known) < len(changes):
        return None
    return base.mrr + exact_sum(known)


@lru_cache(maxsize=8)
def _changes(key: Key, day: date, _state: tuple[object, ...]) -> Mapping[int, Fraction | None]:
    """By customer; those without a change are left out."""
    by_customer = _ahead(day, key.source.known_on)
    found = {
        pk: committed_change(terms, day, definitions=key.source.definitions, rates=key.source.rates)
        for pk, terms in by_customer.items()
    }
    return {pk: change for pk, change in found.items() if change is None or change}


def _ahead(day: date, known_on: date | None) -> Mapping[int, Sequence[Term]]:
    """By customer, the terms that are live at the end of `day` or begin later. Of a past day's
    knowledge only of those for whom anything begins or is cancelled later: the others' MRR stays.
    """
    if known_on is None:
        return terms_of(None, where=Q(end_on__isnull=True) | Q(end_on__gt=day))
    tables = home_tables(moment_after(known_on))
    later = tables.lines.filter(pc.greater(tables.lines["start_on"], pa.scalar(day)))
    lines, pauses = tables.of(set(later["customer_id"].to_pylist()))
    found: dict[int, list[Term]] = defaultdict(list)
    for term in resolve(lines, pauses, known_before=moment_after(known_on)):
        if term.end_on is None or term.end_on > day:
            found[term.customer_id].append(term)
    return found
