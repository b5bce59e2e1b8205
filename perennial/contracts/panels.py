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
from perennial.contracts.rules import Ending, Kind, Term
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
    """One term as the card shows it; amounts None when the role sees no money. `scheduled_on`
    is the last day as signed where service ends on another; `discount_last_on` that of a
    discount which lasts; `unknown` where a total was not split."""

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
    scheduled_on: date | None
    notice_until_on: date | None
    auto_renew: bool | None
    discount_last_on: date | None
    full_arr: Decimal | None
    usage: Decimal | None
    unknown: bool

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
    state = state_of(term, day)
    to_come = state in (TermState.LIVE, TermState.PAUSED, TermState.UPCOMING)
    discounted = term.discount_end_on is not None and day < term.discount_end_on and to_come
    committed = money and term.kind is not Kind.USAGE and not term.unknown
    return Row(
        product=term.product,
        order_id=term.order_id,
        kind=str(OrderKind(term.kind).label),
        seats=term.seats,
        start_on=term.start_on,
        last_on=_last(term.end_on),
        state=state,
        arr=round_half_up(term.mrr * 12) if committed else None,
        one_off=line.one_off_amount if money and line else None,
        currency=term.currency,
        scheduled_on=_last(term.scheduled_end_on) if term.end_on != term.scheduled_end_on else None,
        notice_until_on=term.notice_until_on if to_come else None,
        auto_renew=term.auto_renew if to_come else None,
        discount_last_on=_last(term.discount_end_on) if discounted else None,
        full_arr=round_half_up(term.full_mrr * 12) if discounted and money else None,
        usage=round_half_up(term.usage) if money and term.usage else None,
        unknown=bool(term.unknown),
    )


def _last(end_on: date | None) -> date | None:
    """Ends are exclusive; people read the last day."""
    return end_on - ONE_DAY if end_on else None


CONTRACTS = Panel(_("Contracts"), "contracts/panel_contracts.html", context)
PANELS = (CONTRACTS,)
