"""Recurring revenue as one user may see it, by both clocks.

Company-wide figures need finance, leader or administrator; a CSM's are of their own book.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Max, QuerySet

from perennial.contracts.queries import ledgers, terms_of
from perennial.contracts.rules import Term
from perennial.customers.models import Customer
from perennial.customers.queries import visible_customers, visible_records
from perennial.revenue.models import RevenueMark
from perennial.revenue.queries.clock import moment_after
from perennial.revenue.queries.sources import (
    Figures,
    Source,
    figures_of,
    histories_of,
    source,
    state_of_facts,
)
from perennial.revenue.queries.store import CHUNK
from perennial.revenue.rules import (
    Base,
    Histories,
    Move,
    Movement,
    Movements,
    Report,
    RetentionReport,
    State,
    SubKind,
    Unit,
    histories,
)
from perennial.revenue.wording.figures import ELSEWHERE
from perennial.team.access import Page, can, require
from perennial.team.models import DayRun, User
from perennial.units.period import Grain, Period, periods_between


@dataclass(frozen=True, slots=True)
class Named:
    """How a customer is shown; `linked`: this user may open it. One outside the user's scope
    counts in the company's figures, but has neither name nor id."""

    pk: int
    external_id: str
    name: str
    name_en: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Mover:
    """A customer behind a movement; `unit` names its product or order where those are compared.
    `parts` says what an expansion or contraction consists of; `on` is the day of a daily one."""

    customer: Named
    kind: Movement
    before: Fraction
    after: Fraction
    amount: Fraction
    unit: str
    unknown: str
    parts: Mapping[SubKind, Fraction]
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer (or its product or order) at the end of a day."""

    customer: Named
    unit: str
    state: State


class Book:
    """What one user sees of recurring revenue, as known by the end of `known_on` (None: now).
    States that were read once serve all figures of a request. Raises PermissionDenied for those
    who see no money."""

    def __init__(
        self, user: User, known_on: date | None = None, *, stands_on: Source | None = None
    ) -> None:
        require(user, Page.REVENUE)
        self.is_company = can(user, Page.COMPANY_REVENUE)
        self.source = stands_on or source(known_on)
        self._visible, self._records = visible_customers(user), visible_records(user)
        self._histories: Histories | None = None
        self._figures: Figures | None = None
        self.stands_at = state_of_facts()  # key of what is worked out from it

    @property
    def histories(self) -> Histories:
        """The gate: the company's histories, or those of the user's own book."""
        if self._histories is None:
            everybody = histories_of(self.source, self.stands_at)
            self._histories = everybody if self.is_company else everybody.only(self._own())
        return self._histories

    @property
    def figures(self) -> Figures:
        """The same gate, for what both roads tell."""
        if self._figures is None:
            everybody = figures_of(self.source, self.stands_at)
            self._figures = everybody if self.is_company else everybody.only(self._own())
        return self._figures

    def _own(self) -> set[int]:
        return set(self._visible.values_list("pk", flat=True))

    def customer_ids(self) -> set[int]:
        """Whose figures these are."""
        return {key if isinstance(key, int) else key[0] for key in self.figures.keys()}  # noqa: SIM118

    def states(self, day: date) -> dict[Unit, State]:
        """By customer (product, order), at the end of `day`; without those who pay nothing."""
        return self.figures.states(day)

    def base(self, day: date) -> Base:
        return self.figures.base(day)

    def net(self, period: Period) -> list[Move]:
        """Per customer, what changed between the ends of the period."""
        return self.figures.net(period)

    def movements(self, period: Period, report: Report = Report.NET) -> Movements:
        return self.figures.movements(period, report)

    def retention(self, period: Period) -> RetentionReport:
        """Between the ends of the day before the period and of its last day."""
        return self.figures.retention(period.eve_on, period.last_on)

    def ranked(
        self, period: Period, kind: Movement | None = None, report: Report = Report.NET
    ) -> list[Move]:
        """The movements behind a report of the period (those of one kind), the largest first."""
        return self.figures.movers(period, kind, report)

    def told(self, moves: Iterable[Move], *, period: Period | None = None) -> list[Mover]:
        """Movements with the names of their customers; with `period` also the parts of those
        between its ends."""
        shown = [(move, move.kind) for move in moves if move.kind]
        names = self.named([move.customer_id for move, _kind in shown])
        parts = self._parts([move for move, _kind in shown], period) if period else {}
        return [
            Mover(
                names[move.customer_id],
                kind,
                before=move.before.mrr,
                after=move.after.mrr,
                amount=move.amount,
                unit=move.unit or "",
                unknown=move.before.unknown or move.after.unknown,
                parts={} if move.on else parts.get(move.key, {}),
                on=move.on,
            )
            for move, kind in shown
        ]

    def _parts(
        self, moves: Sequence[Move], period: Period
    ) -> dict[Unit, Mapping[SubKind, Fraction]]:
        """What the expansions and contractions consist of, worked out for these customers."""
        parted = (Movement.EXPANSION, Movement.CONTRACTION)
        changed = [it for it in moves if it.kind in parted and it.on is None]
        if not changed:
            return {}
        theirs = histories(
            self._terms({move.customer_id for move in changed}),
            definitions=self.source.definitions,
            rates=self.source.rates,
        )
        return {move.key: theirs.parts(move, period) for move in changed}

    def _terms(self, customer_ids: set[int]) -> list[Term]:
        before = moment_after(self.source.known_on)
        if before is None:
            return [term for terms in terms_of(customer_ids).values() for term in terms]
        known = ledgers(customer_ids, known_before=before).values()
        return [term for ledger in known for term in ledger.terms(known_before=before)]

    def payers(self, day: date) -> list[tuple[Unit, State]]:
        """Who makes up the MRR at the end of `day`: paying customers, the largest first,
        paused ones (zero) last."""
        return sorted(self.states(day).items(), key=_by_size)

    def told_payers(self, payers: Sequence[tuple[Unit, State]]) -> list[Payer]:
        """The same with names."""
        ids = [key if isinstance(key, int) else key[0] for key, _state in payers]
        names = self.named(ids)
        return [
            Payer(names[pk], "" if isinstance(key, int) else key[1], state)
            for pk, (key, state) in zip(ids, payers, strict=True)
        ]

    def named(self, customer_ids: Sequence[int]) -> dict[int, Named]:
        """Customers whose figures this user may see, by id; a merged one leads to its survivor."""
        found: dict[int, Named] = {}
        for start in range(0, len(customer_ids), CHUNK):
            part = customer_ids[start : start + CHUNK]
            linked = set(self._records.filter(pk__in=part).values_list("pk", flat=True))
            rows = Customer.objects.filter(pk__in=part)
            for pk, into, external_id, name, name_en in rows.values_list(
                "pk", "merged_into", "external_id", "name", "name_en"
            ):
                found[pk] = (
                    Named(into or pk, external_id, name, name_en, linked=True)
                    if pk in linked
                    else Named(pk, "", str(ELSEWHERE), "", linked=False)
                )
        return found

    def missing(self) -> Missing:
        """What is needed to know all figures of now."""
        rows = self._marks.values_list("missing_rates", "split_missing")
        lacking = rows.exclude(missing_rates=[], split_missing=[])
        currencies: Counter[str] = Counter()
        orders: list[str] = []
        for rates, splits in lacking:
            currencies.update(rates)
            orders += splits
        return Missing(dict(currencies), sorted(orders))

    @property
    def _marks(self) -> QuerySet[RevenueMark]:
        if self.is_company:
            return RevenueMark.objects.all()
        return RevenueMark.objects.filter(customer__in=self._visible)

    def has_any(self) -> bool:
        """Anybody ever paid, as far as this user sees."""
        return bool(self.figures.keys())


def _by_size(payer: tuple[Unit, State]) -> tuple[int, str]:
    """The largest first; whole millionths compare ten times faster than fractions."""
    key, state = payer
    return -(state.mrr.numerator * 10**6 // state.mrr.denominator), str(key)


@dataclass(frozen=True, slots=True)
class Missing:
    """Currencies without a rate, with how many customers have orders in them; orders whose
    recurring share is not known (拆分缺失)."""

    currencies: dict[str, int]
    orders: list[str]

    def __bool__(self) -> bool:
        return bool(self.currencies or self.orders)


def recorded_until() -> datetime | None:
    """When the kept changes were last brought up to the ledger; None before the first run."""
    done = DayRun.objects.filter(step="revenue", state=DayRun.State.DONE)
    newest: datetime | None = done.aggregate(at=Max("finished_at"))["at"]
    return newest


def movements(
    user: User, *, from_on: date, to_on: date, grain: Grain, report: Report = Report.NET
) -> list[Movements]:
    """One report per period that [from_on, to_on] touches, both days included."""
    book = Book(user)
    return [book.movements(period, report) for period in periods_between(from_on, to_on, grain)]


def movers(user: User, *, period: Period, kind: Movement | None = None) -> list[Mover]:
    """The customers behind a period's movements, as far as this user may see."""
    book = Book(user)
    return book.told(book.ranked(period, kind))
