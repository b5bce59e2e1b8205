"""The kept MRR changes: what stood at the end of a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache

from django.db.models import Q, QuerySet

from perennial.contracts.queries import everybodys_terms, terms_of
from perennial.contracts.queries.ledger import ledger_state
from perennial.contracts.rules import Term
from perennial.revenue.models import MrrChange
from perennial.revenue.queries.clock import definitions_at, rates_at
from perennial.revenue.rules import History, State, steps

CHUNK = 500  # ids in one question to the database


class Readings:
    """Reads p/q into states; the same text gives the same object within one request, so that
    what did not change is seen at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool, str], State] = {}

    def __call__(self, text: str, paying: bool, unknown: str = "") -> State:
        found = self._known.get((text, paying, unknown))
        if found is None:
            found = self._known[text, paying, unknown] = State(amount(text), paying, unknown)
        return found


def amount(text: str) -> Fraction:
    """`p/q` as it was kept."""
    top, _slash, bottom = text.partition("/")
    return Fraction(int(top), int(bottom or 1))


def mrr_on(customer_ids: Iterable[int] | None, on: date) -> dict[int, Fraction]:
    """Exact MRR at the end of `on` of the customers (None: all) that ever had any by then, in
    the company's currency; without those of which an amount is not known. Not gated."""
    found: dict[int, Fraction] = {}
    for changes in _parts(customer_ids):
        rows = in_force(changes, on).filter(unknown="").values_list("customer_id", "after_exact")
        found |= {pk: amount(text) for pk, text in rows}
    return found


def contracted_mrr_on(customer_ids: Iterable[int] | None, on: date) -> dict[int, Fraction | None]:
    """Exact MRR of the contracts live at the end of `on`, in the company's currency, whether or
    not the customer pays its invoices: a customer in arrears does not count as revenue, but is
    still there to be lost. None: an amount is not known. Not gated."""
    if customer_ids is None:
        return dict(_contracted_of_all(on, ledger_state(), repr((definitions_at(), rates_at()))))
    return _contracted(terms_of(customer_ids), on)


# Classes, health, work and desk ask for everybody on the same day, one after the other.
@lru_cache(maxsize=2)
def _contracted_of_all(
    on: date, state: tuple[object, ...], _money: str
) -> dict[int, Fraction | None]:
    return _contracted(everybodys_terms(state), on)


def _contracted(by_customer: Mapping[int, Iterable[Term]], on: date) -> dict[int, Fraction | None]:
    definitions = replace(definitions_at(), delinquent_after_days=None)
    rates = rates_at()
    found: dict[int, Fraction | None] = {}
    for pk, every in by_customer.items():
        if not (terms := [it for it in every if it.live_on(on)]):
            continue
        history = History(terms, steps(terms, definitions=definitions, rates=rates))
        state = history.state(on)
        if state.paying:
            found[pk] = None if state.unknown else state.mrr
    return found


def _parts(customer_ids: Iterable[int] | None) -> Iterator[QuerySet[MrrChange]]:
    if customer_ids is None:
        yield MrrChange.objects.all()
        return
    ids = sorted(customer_ids)
    for start in range(0, len(ids), CHUNK):
        yield MrrChange.objects.filter(customer__in=ids[start : start + CHUNK])


def in_force(changes: QuerySet[MrrChange], day: date) -> QuerySet[MrrChange]:
    """The change that holds at the end of `day`, at most one per customer."""
    return changes.filter(Q(until_on__isnull=True) | Q(until_on__gt=day), changed_on__lte=day)
