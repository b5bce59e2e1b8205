"""What became of a closed period since: later records and changed definitions, line by line.

Frozen + corrections of the ledger + changes of definitions = restated now, exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import pgettext

from perennial.contracts.models import Invoice, OrderLine, Pause
from perennial.contracts.queries.ledger import behind
from perennial.customers.models import Merge
from perennial.customers.queries import standing
from perennial.revenue.documents.close import LINES
from perennial.revenue.models import Close, CloseLine
from perennial.revenue.queries.book import Book, Named
from perennial.revenue.queries.clock import moment_after
from perennial.revenue.queries.closes import (
    definitions_of,
    frozen,
    period_of_close,
    rates_of,
)
from perennial.revenue.queries.sources import (
    Key,
    Source,
    histories_of,
    source,
    state_of_facts,
)
from perennial.revenue.queries.store import amount
from perennial.revenue.rules import NOTHING, Movements, State, Unit
from perennial.team.models import AuditEntry
from perennial.units.moment import business_day


@dataclass(frozen=True, slots=True)
class Restated:
    """One line of the period's report. `corrections`: what records after the close changed;
    `redefined`: what definitions and rates changed since. None is unknown now."""

    name: str
    frozen: Fraction
    corrections: Fraction | None
    redefined: Fraction | None

    @property
    def now(self) -> Fraction | None:
        if self.corrections is None or self.redefined is None:
            return None
        return self.frozen + self.corrections + self.redefined

    @property
    def change(self) -> Fraction | None:
        return None if self.now is None else self.now - self.frozen


@dataclass(frozen=True, slots=True)
class Record:
    """A row of an order, a pause or an invoice that came after the close; of an invoice the days
    are those on which it was due and paid."""

    kind: str
    number: str
    start_on: date
    end_on: date | None
    is_void: bool
    recorded_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A customer whose figures of the closed period are others now, by the frozen definitions."""

    customer: Named
    unit: str
    kind: str
    kind_now: str
    before: Fraction
    before_now: Fraction
    after: Fraction
    after_now: Fraction
    records: Sequence[Record]

    @property
    def change(self) -> Fraction:
        return self.after_now - self.after


def restated(close: Close) -> list[Restated]:
    """Every line of the report of a closed period."""
    return list(_restated(close.pk, Key(source()), state_of_facts()))


@lru_cache(maxsize=64)
def _restated(pk: int, now: Key, state: tuple[object, ...]) -> Sequence[Restated]:
    close = Close.objects.get(pk=pk)
    period, kept = period_of_close(close), frozen(close).amounts
    corrected = histories_of(_same_definitions(close), state).movements(period)
    current = histories_of(now.source, state).movements(period)
    return [_line(name, kept[name], corrected, current) for name in LINES]


def _same_definitions(close: Close) -> Source:
    return source(definitions=definitions_of(close), rates=rates_of(close))


def _line(name: str, kept: Fraction, corrected: Movements, current: Movements) -> Restated:
    facts, now = corrected.figure(name), current.figure(name)
    return Restated(
        str(name),
        kept,
        None if facts is None else facts - kept,
        None if facts is None or now is None else now - facts,
    )


def corrected(close: Close, book: Book) -> list[Corrected]:
    """The customers behind the corrections, the largest change of the end first. `book` gives
    their names and must be the company's."""
    period = period_of_close(close)
    made = histories_of(_same_definitions(close))
    before, after = made.states(period.eve_on), made.states(period.last_on)
    kinds = {move.key: str(move.kind or "") for move in made.net(period)}
    lines = {_key(line): line for line in close.lines.all()}
    changed = [
        key
        for key in lines.keys() | before.keys() | after.keys()
        if not _same(_was(lines.get(key)), (before.get(key, NOTHING), after.get(key, NOTHING)))
    ]
    ids = sorted({_customer(key) for key in changed})
    names, records = book.named(ids), records_since(close, ids)
    found = []
    for key in changed:
        (was, then), line = _was(lines.get(key)), lines.get(key)
        found.append(
            Corrected(
                names[_customer(key)],
                "" if isinstance(key, int) else key[1],
                line.kind if line else "",
                kinds.get(key, ""),
                was.mrr,
                before.get(key, NOTHING).mrr,
                then.mrr,
                after.get(key, NOTHING).mrr,
                records.get(_customer(key), ()),
            )
        )
    return sorted(found, key=lambda it: (-abs(it.change), it.customer.external_id))


def _key(line: CloseLine) -> Unit:
    return (line.customer_id, line.unit) if line.unit else line.customer_id


def _customer(key: Unit) -> int:
    return key if isinstance(key, int) else key[0]


def _was(line: CloseLine | None) -> tuple[State, State]:
    if line is None:
        return NOTHING, NOTHING
    return (
        State(amount(line.before_exact), line.paying_before),
        State(amount(line.after_exact), line.paying_after),
    )


def _same(was: tuple[State, State], now: tuple[State, State]) -> bool:
    return all(
        (one.mrr, one.paying) == (other.mrr, other.paying)
        for one, other in zip(was, now, strict=True)
    )


def records_since(close: Close, customer_ids: Sequence[int]) -> Mapping[int, Sequence[Record]]:
    """What was recorded about these customers after the close's knowledge, newest first."""
    known_on, since = close.known_on, moment_after(close.known_on)
    under = standing()
    here = behind(customer_ids, under) or []
    later = Q(customer__in=here, recorded_at__gte=since)
    paid_later = Q(customer__in=here, paid_on__gt=known_on)
    found: dict[int, list[Record]] = defaultdict(list)
    rows: list[tuple[OrderLine | Pause | Invoice, str]] = []
    rows += [(row, str(row.get_kind_display())) for row in OrderLine.objects.filter(later)]
    rows += [(row, pgettext("a record", "pause")) for row in Pause.objects.filter(later)]
    owed = Invoice.objects.filter(later | paid_later)
    rows += [(row, pgettext("a record", "invoice (due → paid)")) for row in owed]
    who = _recorders({row.batch for row, _kind in rows if row.batch})
    for row, kind in rows:
        pk = row.customer_id
        found[under.get(pk, pk)].append(_record(row, kind, who.get(row.batch or 0, "")))
    for merge in _merges(since, customer_ids):
        for pk in {merge.customer_id, merge.into_id}:
            found[pk].append(_of_merge(merge))
    for records in found.values():
        records.sort(key=lambda record: record.recorded_at, reverse=True)
    return found


def _merges(since: datetime | None, customer_ids: Sequence[int]) -> QuerySet[Merge]:
    later = Q(merged_at__gte=since) | Q(undone_at__gte=since)
    whose = Q(customer__in=customer_ids) | Q(into__in=customer_ids)
    return Merge.objects.filter(later, whose).select_related("customer", "into", "by")


def _of_merge(merge: Merge) -> Record:
    zone = settings.PERENNIAL_TIME_ZONE
    number = f"{merge.customer.external_id} → {merge.into.external_id}"
    on = business_day(merge.merged_at, zone)
    until_on = business_day(merge.undone_at, zone) if merge.undone_at else None
    by = merge.by.name if merge.by else ""
    kind = pgettext("a record", "merge of customers")
    return Record(kind, number, on, until_on, until_on is not None, merge.merged_at, by)


def _record(row: OrderLine | Pause | Invoice, kind: str, by: str) -> Record:
    if isinstance(row, Invoice):
        days = row.due_on, row.paid_on
        return Record(kind, row.external_id, *days, False, row.recorded_at, by)
    is_void, number = False, row.order_id
    if isinstance(row, OrderLine):
        is_void = row.void
        number += "" if row.line == "1" else f"/{row.line}"
    return Record(kind, number, row.start_on, row.end_on, is_void, row.recorded_at, by)


def _recorders(batches: set[int]) -> Mapping[int, str]:
    """Who imported them."""
    imports = AuditEntry.objects.filter(
        object_type="import", object_id__in=[str(batch) for batch in batches], by__isnull=False
    )
    return {int(pk): name for pk, name in imports.values_list("object_id", "by__name")}
