"""Today: who needs attention, why, what to do and what it is worth; and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

from perennial.desk.models import CustomerFigures
from perennial.desk.queries import visible_figures
from perennial.desk.rows import display_name
from perennial.team.absences.queries import covered
from perennial.team.access import books, sees_money
from perennial.team.models import Absence, User
from perennial.web import formats, richtext
from perennial.work import wording
from perennial.work.models import Lane, Reason, State, WorkItem
from perennial.work.queries import Card, Totals

CARDS = 15
RENEWAL_DAYS = 90
LANE_ICONS = {
    Lane.OWED: "clock",
    Lane.RISK: "alert-triangle",
    Lane.RENEWAL: "refresh",
    Lane.ONBOARDING: "plant-2",
    Lane.GOOD_NEWS: "mood-smile",
}
TONES = {Lane.RISK: "bad", Lane.OWED: "warn", Lane.RENEWAL: "warn", Lane.GOOD_NEWS: "good"}
SAYS_MONEY = frozenset({Reason.RENEWAL_DUE, Reason.INVOICE_OVERDUE})


FORMULA = (
    ("", pgettext_lazy("rank", "at stake")),
    ("×", pgettext_lazy("rank", "severity")),
    ("×", pgettext_lazy("rank", "chance")),
    ("×", pgettext_lazy("rank", "urgency")),
    ("÷", pgettext_lazy("rank", "effort")),
)


class Term(NamedTuple):
    """A factor of the rank: its sign, its name short and long, its value."""

    sign: str
    label: tuple[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One reason of a card in words."""

    item: WorkItem
    reason: str
    why: str
    advice: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A card as the page shows it; no terms without money."""

    rank: int
    customer_id: int
    name: str
    tier: str
    owner: str
    figures: CustomerFigures | None
    top: Line
    more: tuple[Line, ...]
    worth: str
    terms: tuple[Term, ...]
    due_on: date | None
    absence: Absence | None  # of its CSM, whom the reader stands in for
    is_begun: bool
    chance: str

    @property
    def reasons(self) -> list[tuple[str, str, int]]:
        """Every reason once, the first on top: its name, its sentences, how many items."""
        said: dict[str, list[str]] = {}
        for it in (self.top, *self.more):
            said.setdefault(it.reason, []).append(it.why)
        return [(name, " ".join(whys), len(whys)) for name, whys in said.items()]


def line(item: WorkItem, *, money: bool) -> Line:
    """An item in words; a role that sees no money gets no sentence with an amount in it."""
    hides = not money and item.reason in SAYS_MONEY
    reason = str(item.get_reason_display())
    lane = Lane(item.lane)
    return Line(
        item,
        reason,
        reason if hides else wording.sentence(item, money=money),
        richtext.plain(wording.advice(item)) if item.title else wording.advice(item),
        TONES.get(lane, ""),
        LANE_ICONS[lane],
    )


def terms(item: WorkItem) -> tuple[Term, ...]:
    """The rank as a formula: money × severity × chance × urgency ÷ effort."""
    return tuple(
        Term(sign, (str(short), label), value)
        for (sign, short), (label, value) in zip(FORMULA, wording.terms(item), strict=True)
    )


def entries(
    cards: Sequence[Card], figures: Mapping[int, CustomerFigures], user: User
) -> list[Entry]:
    """The cards in words. Those of absent colleagues are marked with who is away until when."""
    money = sees_money(user)
    absent = {it.user_id: it for it in covered(user)}
    return [
        Entry(
            rank,
            card.customer.pk,
            display_name(card.customer.name, card.customer.name_en),
            card.customer.tier,
            card.owner.name if card.owner else "",
            figures.get(card.customer.pk),
            line(card.top, money=money),
            tuple(line(item, money=money) for item in card.items[1:4]),
            formats.money(card.money_at_risk, card.currency)
            if money and card.money_at_risk is not None
            else "",
            terms(card.top) if money else (),
            card.due_on,
            absent.get(card.customer.owner_id or 0),
            card.top.state == State.IN_PROGRESS,
            _chance_mark(card.top),
        )
        for rank, card in enumerate(cards, start=1)
    ]


def _chance_mark(item: WorkItem) -> str:
    """Whether the chance is assumed or measured, in a word."""
    cases = item.terms.get("chance_cases", 0)
    if item.terms.get("chance_low") is None:
        return gettext("assumed")
    return gettext("measured n=%(n)s") % {"n": formats.number(cases)}


@dataclass(frozen=True, slots=True)
class LaneTab:
    key: str
    title: str | Promise
    count: int
    is_current: bool


def lanes(waiting: Totals, *, current: str) -> list[LaneTab]:
    return [
        LaneTab("", pgettext_lazy("lanes", "All"), waiting.customers, current == ""),
        *(LaneTab(key, title, waiting.lanes[key], current == key) for key, title in Lane.choices),
    ]


@dataclass(frozen=True, slots=True)
class Stakes:
    """What the user answers for, in one line. Amounts None without money."""

    customers: int
    arr: Decimal | None
    waiting: int
    at_risk: Decimal | None
    renewals: int
    renewal_amount: Decimal | None


def stakes(user: User, waiting: Totals, *, on: date, scope: str) -> Stakes:
    money = sees_money(user)
    rows = book_of(user, scope)
    due = falls_due(on)
    book = rows.aggregate(
        count=Count("pk"),
        sum_arr=Sum("arr"),
        due=Count("pk", filter=due),
        due_amount=Sum("renewal_amount", filter=due),
    )
    zero = Decimal(0)
    return Stakes(
        book["count"],
        (book["sum_arr"] or zero) if money else None,
        waiting.customers,
        waiting.money_at_risk if money else None,
        book["due"],
        (book["due_amount"] or zero) if money else None,
    )


def book_of(user: User, scope: str) -> QuerySet[CustomerFigures]:
    rows = visible_figures(user)
    return rows.filter(customer__owner__in=books(user)) if scope == "mine" else rows


def renewals(rows: QuerySet[CustomerFigures], *, on: date) -> QuerySet[CustomerFigures]:
    """What falls due within 90 days and is not renewed, soonest first."""
    return rows.filter(falls_due(on)).order_by("renewal_on", "pk")


def falls_due(on: date) -> Q:
    until = on + timedelta(days=RENEWAL_DAYS)
    return Q(renewal_on__gte=on, renewal_on__lte=until, is_renewed=False)
