"""What else happened since the day before: new in the queue, settled, done by colleagues, signed
or cancelled, answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from perennial.contracts.models import OrderKind, OrderLine
from perennial.customers.models import Customer
from perennial.customers.queries import visible_records
from perennial.desk.rows import display_name
from perennial.desk.today import Line, line
from perennial.surveys.models import Answer
from perennial.team.access import books, sees_money
from perennial.team.models import User
from perennial.units.moment import day_start
from perennial.units.period import ONE_DAY
from perennial.web import formats
from perennial.work.models import WorkItem
from perennial.work.queries import changes

FEW = 6
# The newest of the whole company, by their index, before the gate: a database asked for both at
# once goes through everybody's.
RECENT = 500
MOVES_RENEWALS = {
    OrderKind.RENEWAL: "good",
    OrderKind.ADDON: "good",
    OrderKind.CANCELLATION: "bad",
    OrderKind.DOWNSELL: "warn",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened at a customer, in a line."""

    customer_id: int
    name: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Since:
    """All of it, the first few of each; `raised_more` are those that find no room."""

    raised: Sequence[tuple[str, Line]]
    raised_more: int
    resolved: Sequence[tuple[str, Line]]
    done_by_others: Sequence[tuple[str, Line]]
    orders: Sequence[Heard]
    answers: Sequence[Heard]

    @property
    def is_empty(self) -> bool:
        return not (
            self.raised or self.resolved or self.done_by_others or self.orders or self.answers
        )


def since(user: User, *, on: date, scope: str) -> Since:
    """What the day `on` brought and what has happened after it."""
    found = changes(user, on=on, scope=scope, limit=FEW)
    customers = visible_records(user)
    if scope == "mine":
        here = Q(merged_into=None, owner__in=books(user))
        customers = customers.filter(here | Q(merged_into__owner__in=books(user)))
    return Since(
        _lines(found.raised, user),
        max(0, found.raised_count - FEW),
        _lines(found.resolved, user),
        _lines(found.done_by_others, user),
        _orders(customers, on),
        _answers(customers, on),
    )


def _lines(items: Sequence[WorkItem], user: User) -> list[tuple[str, Line]]:
    money = sees_money(user)
    return [(_name(it.customer), line(it, money=money)) for it in items]


def _orders(customers: QuerySet[Customer], on: date) -> list[Heard]:
    """Renewals, add-ons, reductions and cancellations that became known, by customer and order."""
    recent = OrderLine.objects.filter(
        recorded_at__gte=day_start(on, settings.PERENNIAL_TIME_ZONE), void=False
    ).filter(kind__in=list(MOVES_RENEWALS))
    lines = OrderLine.objects.filter(pk__in=_newest(recent.order_by("-recorded_at"), customers))
    found: dict[tuple[int, str], Heard] = {}
    for it in lines.select_related("customer__merged_into").order_by("-recorded_at", "-pk")[
        : 4 * FEW
    ]:
        kind = OrderKind(it.kind)
        pk, tone = it.customer.pk, MOVES_RENEWALS[kind]
        heard = Heard(pk, _name(it.customer), _signed(it), tone)
        found.setdefault((pk, it.order_id), heard)
    return list(found.values())[:FEW]


def _newest(rows: QuerySet[Any], customers: QuerySet[Customer]) -> list[int]:
    """Ids of the newest rows at these customers."""
    recent = list(rows.values_list("pk", "customer_id")[:RECENT])
    seen = set(customers.filter(pk__in={it for _, it in recent}).values_list("pk", flat=True))
    return [pk for pk, customer in recent if customer in seen][: 4 * FEW]


def _signed(it: OrderLine) -> str:
    """What an order says about service, without amounts: every role reads it."""
    kind = str(it.get_kind_display())
    if it.kind == OrderKind.CANCELLATION:
        last = formats.day(it.start_on - ONE_DAY)
        return _("%(kind)s: service ends %(day)s") % {"kind": kind, "day": last}
    if it.end_on is None:
        return kind
    last = formats.day(it.end_on - ONE_DAY)
    return _("%(kind)s: until %(day)s") % {"kind": kind, "day": last}


def _answers(customers: QuerySet[Customer], on: date) -> list[Heard]:
    """What customers answered."""
    recent = Answer.objects.filter(answered_at__gte=day_start(on, settings.PERENNIAL_TIME_ZONE))
    found = Answer.objects.filter(pk__in=_newest(recent.order_by("-answered_at"), customers))
    rows: Any = found.select_related("customer__merged_into").order_by("-answered_at", "-pk")[:FEW]
    return [
        Heard(
            it.customer.pk,
            _name(it.customer),
            _("%(kind)s %(score)s") % {"kind": it.get_kind_display(), "score": _score(it)}
            + (f" · {it.comment}" if it.comment else ""),
            "",
        )
        for it in rows
    ]


def _score(it: Answer) -> str:
    return formats.number(it.score, decimals=0 if it.score == int(it.score) else 1)


def _name(customer: Customer) -> str:
    return display_name(customer.name, customer.name_en)
