"""The terms that customers are served under, as the ledger is known now.

The day keeps them in a table; where the ledger has changed since, they are made afresh, so
that what is read is always right and mostly fast.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from perennial.contracts.models import LedgerMark, ServiceTerm
from perennial.contracts.queries.ledger import ledger_state, ledgers, marks, parts
from perennial.contracts.rules import Ending, Kind, Term
from perennial.contracts.rules.line import ZERO

FIELDS = (
    "customer_id", "order_id", "line", "kind", "product", "seats", "start_on", "end_on",
    "scheduled_end_on", "due_end_on", "signed_on", "mrr_exact", "currency", "ending", "notice_on",
    "notice_recorded_on", "unknown", "usage_exact", "one_off_exact", "discount_end_on",
    "discounted_exact", "full_exact", "auto_renew", "notice_days",
)  # fmt: skip


# As text: nearly all are empty, and decoding those took longer than reading the rows.
LISTS = (Cast("renews", TextField()), Cast("pauses", TextField()))


def kept_marks(customer_ids: Iterable[int] | None = None) -> dict[int, str]:
    """By customer (None: of all), the mark of the ledger that the kept terms were made from."""
    found: dict[int, str] = {}
    for part in parts(customer_ids):
        rows = LedgerMark.objects.values_list("customer_id", "mark")
        found.update(rows if part is None else rows.filter(customer__in=part))
    return found


def terms_of(
    customer_ids: Iterable[int] | None = None, *, where: Q | None = None
) -> dict[int, list[Term]]:
    """Terms by customer (None: everybody). `where` narrows what is read of the kept terms;
    a caller still has to look at each term. Not gated."""
    ids = None if customer_ids is None else list(customer_ids)
    kept, now = kept_marks(ids), marks(ids)
    stale = {pk for pk in now.keys() | kept.keys() if kept.get(pk) != now.get(pk)}
    stale = stale if ids is None else stale.intersection(ids)
    found: dict[int, list[Term]] = defaultdict(list)
    for part in parts(ids):
        rows = ServiceTerm.objects.order_by("customer_id", "start_on", "order_id", "line")
        rows = rows if part is None else rows.filter(customer__in=part)
        for term in _terms(rows if where is None else rows.filter(where)):
            if term.customer_id not in stale:
                found[term.customer_id].append(term)
    if stale:
        everybody = ids is None and len(stale) > len(kept)
        for customer_id, ledger in ledgers(None if everybody else stale).items():
            if customer_id in stale:
                found[customer_id] = ledger.terms()
    return dict(found)


def everybodys_terms(state: tuple[object, ...] | None = None) -> dict[int, list[Term]]:
    """The terms of everybody, made once per state of the ledger (None: as it is now): a day asks
    for them half a dozen times."""
    return _terms_of_all(state or ledger_state())


@lru_cache(maxsize=1)
def _terms_of_all(_state: tuple[object, ...]) -> dict[int, list[Term]]:
    return terms_of(None)


def _terms(rows: QuerySet[ServiceTerm]) -> Iterator[Term]:
    for (
        customer_id, order_id, line, kind, product, seats, start_on, end_on, scheduled_end_on,
        due_end_on, signed_on, mrr, currency, ending, notice_on, notice_recorded_on, unknown,
        usage, one_off, discount_end_on, discounted, full, auto_renew, notice_days, renews, pauses,
    ) in rows.values_list(*FIELDS, *LISTS).iterator(chunk_size=5000):  # fmt: skip
        yield Term(
            customer_id,
            order_id,
            line,
            Kind(kind),
            product,
            seats,
            start_on,
            end_on,
            scheduled_end_on,
            due_end_on,
            signed_on,
            _exact(mrr),
            currency,
            tuple(_decoded(renews)),
            Ending(ending),
            notice_on,
            tuple(
                (date.fromisoformat(a), date.fromisoformat(b) if b else None)
                for a, b in _decoded(pauses)
            ),
            notice_recorded_on,
            unknown,
            _exact(usage),
            _exact(one_off),
            discount_end_on,
            _exact(discounted),
            _exact(full),
            auto_renew,
            notice_days,
        )


def _exact(text: str) -> Fraction:
    if text == "0":
        return ZERO
    numerator, _slash, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator or 1))


def _decoded(text: str) -> list[Any]:
    return [] if text == "[]" else json.loads(text)
