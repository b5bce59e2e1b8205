"""The histories of all customers, as known now or on a day, made once per state of the ledger.

What the day keeps serves the figures of now: reading it takes a tenth of the time of working
them out. Another day's knowledge, another level, spot rates, or a definition that the day has not
followed yet, are worked out from the ledger. Both roads give the same figures. Not gated: `Book`
is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from threading import Lock

from django.db.models import Count, Max, Q, Sum

from perennial.contracts.models import Invoice, OrderKind
from perennial.contracts.queries import everybodys_terms, ledgers, terms_of
from perennial.contracts.queries.ledger import ledger_state
from perennial.contracts.rules import Term
from perennial.revenue.engine import FastBook, NeedsExactRoad, fast_book
from perennial.revenue.engine.home import home_tables
from perennial.revenue.models import MrrChange, RevenueMark
from perennial.revenue.queries.clock import definitions_at, moment_after, rates_at
from perennial.revenue.queries.facts import Basis, arrears_at
from perennial.revenue.queries.store import Readings
from perennial.revenue.rules.definitions import Definitions, FxPolicy, Level
from perennial.revenue.rules.histories import Histories, histories
from perennial.revenue.rules.history import History
from perennial.revenue.rules.movement import Unit
from perennial.revenue.rules.rates import Rates
from perennial.revenue.rules.state import NOTHING, Step

Figures = Histories | FastBook
_MAKING = Lock()  # several requests that wait for the same histories make them once


@dataclass(frozen=True, slots=True)
class Source:
    """What histories are made of; equal sources give equal figures."""

    known_on: date | None
    definitions: Definitions
    rates: Rates

    @property
    def is_kept(self) -> bool:
        """The day has kept these: knowledge of now, customer level, plan rates, and made with the
        same definitions and rates."""
        plain = self.definitions.level is Level.CUSTOMER and self.definitions.fx is FxPolicy.PLAN
        if self.known_on is not None or not plain:
            return False
        shared = Basis(self.definitions, self.rates, {}).shared
        return not RevenueMark.objects.exclude(mark__contains=shared).exists()


def source(
    known_on: date | None = None,
    *,
    definitions: Definitions | None = None,
    rates: Rates | None = None,
) -> Source:
    """As known by the end of `known_on`; definitions and rates are those of that day, too, unless
    others are given."""
    return Source(
        known_on,
        definitions or definitions_at(known_on),
        rates or rates_at(known_on),
    )


def histories_of(stands_on: Source, state: tuple[object, ...] | None = None) -> Histories:
    """A fresh set of figures over histories that were made at most once. `state`: that of the
    facts, where the caller has asked for it already."""
    return _exact(stands_on, state or state_of_facts(), is_kept=stands_on.is_kept)


def figures_of(stands_on: Source, state: tuple[object, ...] | None = None) -> Figures:
    """The same figures for pages: what the day has not kept comes by the fast road where it
    goes there, equal to the cent, and in a tenth of the time."""
    state, is_kept = state or state_of_facts(), stands_on.is_kept
    if not is_kept:
        with _MAKING:
            fast = _fast(Key(stands_on), state)
        if fast is not None:
            return fast
    return _exact(stands_on, state, is_kept=is_kept)


def _exact(stands_on: Source, state: tuple[object, ...], *, is_kept: bool) -> Histories:
    with _MAKING:
        made = _kept(state) if is_kept else _worked_out(Key(stands_on), state)
    return Histories(
        made.by_unit,
        definitions=stands_on.definitions,
        rates=stands_on.rates,
        metered=made.metered,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    by_unit: Mapping[Unit, History]
    metered: list[Term]


class Key:
    """A source as a key of a cache: rates are mappings and have no hash."""

    def __init__(self, stands_on: Source) -> None:
        self.source = stands_on
        self._text = repr(stands_on)

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self._text == other._text


def state_of_facts() -> tuple[object, ...]:
    """Changes whenever a fact behind the figures does, or what the day keeps of it: the key of
    whatever is worked out from them."""
    paid = Invoice.objects.aggregate(
        n=Count("pk"), pk=Max("pk"), paid=Count("paid_on"), last=Max("paid_on"), sum=Sum("amount")
    )
    kept = MrrChange.objects.aggregate(n=Count("pk"), pk=Max("pk"))
    return (*ledger_state(), *paid.values(), *kept.values())


@lru_cache(maxsize=4)
def _fast(key: Key, _state: tuple[object, ...]) -> FastBook | None:
    """None where only the exact road goes."""
    stands_on = key.source
    try:
        return fast_book(
            home_tables(moment_after(stands_on.known_on)),
            definitions=stands_on.definitions,
            rates=stands_on.rates,
            known_before=moment_after(stands_on.known_on),
            arrears=arrears_at(stands_on.definitions, known_on=stands_on.known_on),
        )
    except NeedsExactRoad:
        return None


@lru_cache(maxsize=1)
def _kept(_state: tuple[object, ...]) -> _Made:
    metered = terms_of(None, where=Q(kind=OrderKind.USAGE)).values()
    only_metered = [term for terms in metered for term in terms if term.usage]
    return _Made(dict(_histories_kept()), only_metered)


def _histories_kept() -> Iterator[tuple[int, History]]:
    rows = MrrChange.objects.order_by("customer_id", "rank").values_list(
        "customer_id", "changed_on", "after_exact", "paying_after", "unknown"
    )
    read = Readings()
    steps: list[Step] = []
    current: int | None = None
    for pk, on, mrr, paying, unknown in rows.iterator(chunk_size=5000):
        if pk != current:
            if current is not None:
                yield current, History((), steps)
            current, steps = pk, []
        before = steps[-1].after if steps else NOTHING
        steps.append(Step(on, before, read(mrr, paying, unknown)))
    if current is not None:
        yield current, History((), steps)


@lru_cache(maxsize=4)
def _worked_out(key: Key, state: tuple[object, ...]) -> _Made:
    stands_on = key.source
    terms = _terms(stands_on.known_on, state)
    made = histories(
        terms,
        definitions=stands_on.definitions,
        rates=stands_on.rates,
        arrears=arrears_at(stands_on.definitions, known_on=stands_on.known_on),
    )
    return _Made(
        {key: made.history(key) for key in made.keys()},  # noqa: SIM118 - no mapping
        [term for term in terms if term.usage],
    )


def terms_known(known_on: date | None) -> Sequence[Term]:
    """Everybody's terms as known by the end of `known_on` (None: now). Not gated."""
    return _terms(known_on, state_of_facts())


@lru_cache(maxsize=2)
def _terms(known_on: date | None, _state: tuple[object, ...]) -> Sequence[Term]:
    before = moment_after(known_on)
    by_customer = (
        everybodys_terms().values()
        if before is None
        else (ledger.terms(known_before=before) for ledger in ledgers(known_before=before).values())
    )
    return [term for theirs in by_customer for term in theirs]
