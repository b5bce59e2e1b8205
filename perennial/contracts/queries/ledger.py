"""The ledger as it was recorded, by customer, and how to tell that it changed.

On reading, the rows of merged customers become their survivor's (`rules/merged.py`); nothing that
was recorded is rewritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max, QuerySet

from perennial.contracts.models import OrderLine
from perennial.contracts.models import Pause as PauseRecord
from perennial.contracts.rules import RULES_VERSION, Basis, Kind, Line, Pause, Term, resolve
from perennial.contracts.rules.line import ZERO
from perennial.contracts.rules.merged import under_survivors
from perennial.customers.models import Customer
from perennial.customers.queries import records_of, standing
from perennial.team.models import User

CHUNK = 500  # ids in one question to the database


class Ledger(NamedTuple):
    lines: list[Line]
    pauses: list[Pause]

    def terms(self, *, known_before: datetime | None = None) -> list[Term]:
        return resolve(self.lines, self.pauses, known_before=known_before)


def ledger_state() -> tuple[object, ...]:
    """Changes whenever a row is added to or taken from this home's ledger (ids are not reused),
    and whenever customers are merged or parted."""
    return (
        str(settings.PERENNIAL_HOME),
        *OrderLine.objects.aggregate(n=Count("pk"), pk=Max("pk"), at=Max("recorded_at")).values(),
        *PauseRecord.objects.aggregate(n=Count("pk"), pk=Max("pk"), at=Max("recorded_at")).values(),
        tuple(standing().items()),
    )


def lines_of(user: User, customer: Customer) -> QuerySet[OrderLine]:
    """Every recorded row of a customer's orders, newest record first."""
    return OrderLine.objects.filter(customer__in=records_of(user, customer)).order_by(
        "-recorded_at", "order_id", "line"
    )


def parts(customer_ids: Iterable[int] | None) -> Iterator[list[int] | None]:
    """Ids in portions that a database takes; None stands for everybody."""
    if customer_ids is None:
        yield None
        return
    ids = sorted(customer_ids)
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def behind(customer_ids: Iterable[int] | None, under: Mapping[int, int]) -> list[int] | None:
    """Under whose ids the rows of these customers are stored: their own and those of whom they
    absorbed; of a merged customer none. None stays everybody."""
    if customer_ids is None:
        return None
    ids = set(customer_ids)
    return [*(ids - under.keys()), *(pk for pk, into in under.items() if into in ids)]


def ledgers(
    customer_ids: Iterable[int] | None = None, *, known_before: datetime | None = None
) -> dict[int, Ledger]:
    """All recorded rows by customer (None: of everybody), for arithmetic; merged customers stand
    as they were known to before a moment (None: now). Not gated."""
    return _read(customer_ids, standing(known_before))


def ledgers_of_records(customer_ids: Iterable[int] | None = None) -> dict[int, Ledger]:
    """The same by the customer that they were recorded for, whoever that stands under now."""
    return _read(customer_ids, {})


def _read(customer_ids: Iterable[int] | None, under: Mapping[int, int]) -> dict[int, Ledger]:
    found: dict[int, Ledger] = defaultdict(lambda: Ledger([], []))
    lines: list[Line] = []
    pauses: list[Pause] = []
    for part in parts(behind(customer_ids, under)):
        orders, rests = OrderLine.objects.all(), PauseRecord.objects.all()
        if part is not None:
            orders, rests = orders.filter(customer__in=part), rests.filter(customer__in=part)
        lines += _lines(orders)
        columns = ("customer_id", "start_on", "end_on", "recorded_at", "order_id")
        pauses += [Pause(*values) for values in rests.values_list(*columns)]
    if under:
        lines, pauses = under_survivors(lines, pauses, under)
    for line in lines:
        found[line.customer_id].lines.append(line)
    for pause in pauses:
        found[pause.customer_id].pauses.append(pause)
    return dict(found)


def _lines(rows: QuerySet[OrderLine]) -> Iterator[Line]:
    zone = settings.PERENNIAL_TIME_ZONE
    for (
        customer_id, order_id, kind, start_on, end_on, signed_on, recorded_at, currency,
        amount, basis, interval_months, renews, product, seats, line, void,
        one_off, discount, discount_end_on, auto_renew, notice_days,
    ) in rows.values_list(
        "customer_id", "order_id", "kind", "start_on", "end_on", "signed_on", "recorded_at",
        "currency", "recurring_amount", "basis", "interval_months", "renews", "product", "seats",
        "line", "void", "one_off_amount", "discount_amount", "discount_end_on", "auto_renew",
        "notice_days",
    ).iterator(chunk_size=5000):  # fmt: skip
        yield Line(
            customer_id=customer_id,
            order_id=order_id,
            kind=Kind(kind),
            start_on=start_on,
            end_on=end_on,
            signed_on=signed_on,
            recorded_at=recorded_at,
            currency=currency,
            amount=None if amount is None else Fraction(amount),
            basis=Basis(basis),
            interval_months=interval_months,
            renews=tuple(renews),
            product=product,
            seats=seats,
            line=line,
            void=void,
            one_off=Fraction(one_off) if one_off else ZERO,
            discount=Fraction(discount) if discount else ZERO,
            discount_end_on=discount_end_on,
            auto_renew=auto_renew,
            notice_days=notice_days,
            recorded_on=recorded_at.astimezone(zone).date(),
        )


def marks(customer_ids: Iterable[int] | None = None) -> dict[int, str]:
    """Of every customer with a ledger, a text that changes when the ledger does.

    Rows are only ever added or withdrawn and ids are not used twice, so their number and the
    newest id say it all, with those of whom the customer absorbed; the version of the rules is
    part of it.
    """
    nothing, under = (0, 0), standing()
    found: dict[int, str] = {}
    absorbed: dict[int, list[str]] = defaultdict(list)
    for part in parts(behind(customer_ids, under)):
        orders, pauses = OrderLine.objects.all(), PauseRecord.objects.all()
        if part is not None:
            orders, pauses = orders.filter(customer__in=part), pauses.filter(customer__in=part)
        by_orders, by_pauses = dict(_counts(orders)), dict(_counts(pauses))
        for pk in by_orders.keys() | by_pauses.keys():
            rows = (*by_orders.get(pk, nothing), *by_pauses.get(pk, nothing))
            if pk in under:
                absorbed[under[pk]].append("-".join(map(str, (pk, *rows))))
            else:
                found[pk] = "-".join(map(str, (RULES_VERSION, *rows)))
    for pk, theirs in absorbed.items():
        found[pk] = "+".join((found.get(pk, str(RULES_VERSION)), *sorted(theirs)))
    return found


def _counts(
    rows: QuerySet[OrderLine] | QuerySet[PauseRecord],
) -> Iterator[tuple[int, tuple[int, int]]]:
    for customer_id, count, newest in (
        rows.order_by().values_list("customer_id").annotate(Count("pk"), Max("pk"))
    ):
        yield customer_id, (count, newest)
