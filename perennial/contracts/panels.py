"""The contracts card of the customer page: what is served, until when, for how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perennial.contracts.models import OrderKind, OrderLine
from perennial.contracts.queries import (
    due_of,
    entitlement_of,
    lines_of,
    overdue_invoices,
    terms_of,
)
from perennial.contracts.rules import Ending, Term
from perennial.customers.models import Customer
from perennial.team.access import sees_money
from perennial.team.models import User
from perennial.units.money import round_half_up
from perennial.units.period import ONE_DAY
from perennial.web.panels import Panel

SHOWN = 6  # terms before "show all"


class TermState(StrEnum):
    LIVE = "live"
    PAUSED = "paused"
    LEAVING = "leaving"
    UPCOMING = "upcoming"
    ENDED = "ended"
    CANCELLED = "cancelled"
    RENEWED = "renewed"


WORDS: dict[TermState, tuple[str | Promise, str]] = {
    TermState.LIVE: (pgettext_lazy("state of a contract", "live"), "good"),
    TermState.PAUSED: (pgettext_lazy("state of a contract", "paused"), "warn"),
    TermState.LEAVING: (pgettext_lazy("state of a contract", "leaving"), "bad"),
    TermState.UPCOMING: (pgettext_lazy("state of a contract", "upcoming"), "cool"),
    TermState.ENDED: (pgettext_lazy("state of a contract", "ended"), ""),
    TermState.CANCELLED: (pgettext_lazy("state of a contract", "cancelled"), ""),
    TermState.RENEWED: (pgettext_lazy("state of a contract", "renewed early"), ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One term as the card shows it; amounts None when the role sees no money."""

    product: str
    order_id: str
    kind: str
    seats: int | None
    start_on: date
    last_on: date | None
    state: TermState
    arr: Decimal | None
    one_off: Decimal | None
    currency: str

    @property
    def word(self) -> str | Promise:
        return WORDS[self.state][0]

    @property
    def tone(self) -> str:
        return WORDS[self.state][1]


def state_of(term: Term, day: date) -> TermState:
    """How a term stands at the end of `day`."""
    if term.live_on(day):
        if term.paused_on(day):
            return TermState.PAUSED
        return TermState.LEAVING if term.notice_on else TermState.LIVE
    if day < term.start_on and term.end_on != term.start_on:
        return TermState.UPCOMING
    ended = {Ending.CANCELLED: TermState.CANCELLED, Ending.RENEWED: TermState.RENEWED}
    return ended.get(term.ending, TermState.ENDED)


ORDER = list(TermState)


def context(user: User, customer: Customer, day: date) -> dict[str, Any] | None:
    """None when the customer never had an order."""
    terms = terms_of([customer.pk]).get(customer.pk)
    if not terms:
        return None
    money = sees_money(user)
    known: dict[tuple[str, str], OrderLine] = {}
    for line in lines_of(user, customer):
        known.setdefault((line.order_id, line.line), line)
    rows = [_row(term, known.get((term.order_id, term.line)), day, money=money) for term in terms]
    rows.sort(key=lambda row: row.start_on, reverse=True)
    rows.sort(key=lambda row: min(ORDER.index(row.state), ORDER.index(TermState.ENDED)))
    return {
        "rows": rows[:SHOWN],
        "older": rows[SHOWN:],
        "money": money,
        "entitlement": entitlement_of(terms, day),
        "due": due_of(terms, day),
        "overdue": overdue_invoices([customer.pk], day).get(customer.pk) if money else None,
    }


def _row(term: Term, line: OrderLine | None, day: date, *, money: bool) -> Row:
    last = term.end_on - ONE_DAY if term.end_on else None
    return Row(
        product=term.product,
        order_id=term.order_id,
        kind=str(OrderKind(term.kind).label),
        seats=term.seats,
        start_on=term.start_on,
        last_on=last,
        state=state_of(term, day),
        arr=round_half_up(term.mrr * 12) if money else None,
        one_off=line.one_off_amount if money and line else None,
        currency=term.currency,
    )


CONTRACTS = Panel(_("Contracts"), "contracts/panel_contracts.html", context)
PANELS = (CONTRACTS,)
