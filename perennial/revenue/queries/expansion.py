"""What was sold more to customers, who is credited with it, and what work stood behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from django.conf import settings

from perennial.contracts.queries.ledger import behind
from perennial.customers.models import Customer, Touch
from perennial.customers.queries import standing
from perennial.revenue.models import CreditOverride
from perennial.revenue.queries.book import Book, Named
from perennial.revenue.queries.clock import moment_after
from perennial.revenue.queries.store import CHUNK
from perennial.revenue.queries.upsells import overrides, rules_of_credit, sales
from perennial.revenue.rules.attribution import (
    Credit,
    CreditRules,
    Decision,
    FirstDeal,
    Upsell,
    credit,
    work_before,
)
from perennial.revenue.rules.state import exact_sum
from perennial.revenue.rules.subkinds import SubKind
from perennial.units.moment import business_day, day_start
from perennial.units.period import Period

UNKNOWN: Final = "unknown"  # nobody can be credited yet


@dataclass(frozen=True, slots=True)
class Work:
    """Touches in the days up to the signing: by the customer's CSM, and by anybody."""

    by_owner: int
    by_anybody: int


@dataclass(frozen=True, slots=True)
class Credited:
    """An upsell with everything that decides its credit. `work` is None when sales has it."""

    upsell: Upsell
    kind: SubKind | None
    deal: FirstDeal
    decision: Decision
    override: CreditOverride | None
    work: Work | None

    @property
    def party(self) -> str:
        return self.decision.to or UNKNOWN

    @property
    def is_unworked(self) -> bool:
        """Credited to the CSM, who logged nothing before it."""
        return self.work is not None and not self.work.by_owner


@dataclass(frozen=True, slots=True)
class Sum:
    """Orders and their yearly amount; None when one of them is not known."""

    orders: int
    amount: Fraction | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the list: a customer whom the user may not open has neither name nor order."""

    credited: Credited
    customer: Named
    owner: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """The upsells signed in a period, the largest first, as far as the user may count them."""

    rows: list[Credited]
    rules: CreditRules

    def of(self, listed: Callable[[Credited], bool]) -> list[Credited]:
        return [row for row in self.rows if listed(row)]


def summed(rows: Iterable[Credited]) -> Sum:
    """How many orders, and what they are worth a year together."""
    amounts = [row.upsell.amount for row in rows]
    known = [amount for amount in amounts if amount is not None]
    return Sum(len(amounts), exact_sum(known) if len(known) == len(amounts) else None)


def expansion(book: Book, period: Period) -> Expansion:
    """The gate: the company's upsells, or those of the user's own book, as the book knows them,
    with the work behind them."""
    known_on = book.source.known_on
    rules = rules_of_credit(known_on)
    found = judged(book, period)
    to_csm = [row.upsell for row in found if row.decision.to is Credit.CSM]
    worked = work_of(to_csm, rules=rules, known_on=known_on)
    rows = [
        replace(row, work=worked[row.upsell.order_id]) if row.upsell.order_id in worked else row
        for row in found
    ]
    return Expansion(sorted(rows, key=_largest_first), rules)


def judged(book: Book, period: Period) -> list[Credited]:
    """The same without the work: who is credited with each upsell."""
    known_on = book.source.known_on
    found, rules, decided = sales(known_on), rules_of_credit(known_on), overrides(known_on)
    signed = [it for it in found.upsells if period.first_on <= it.signed_on <= period.last_on]
    if not book.is_company:
        own = book.customer_ids()
        signed = [it for it in signed if it.customer_id in own]
    rows = []
    for upsell in signed:
        deal = found.deals.get(upsell.customer_id) or FirstDeal(upsell.signed_on, None)
        override = decided.get(upsell.order_id)
        party = Credit(override.credited_to) if override else None
        decision = credit(upsell.signed_on, deal, rules=rules, override=party)
        kind = found.kinds.get(upsell.order_id)
        rows.append(Credited(upsell, kind, deal, decision, override, work=None))
    return rows


def _largest_first(row: Credited) -> tuple[bool, float, str]:
    """Unknown amounts stand at the head: they need somebody."""
    amount = row.upsell.amount
    return amount is not None, -float(amount or 0), row.upsell.order_id


def work_of(
    upsells: Sequence[Upsell], *, rules: CreditRules, known_on: date | None = None
) -> dict[str, Work]:
    """By order, the touches logged before its signing. Set-based: two questions per 500
    customers, whatever the number of orders."""
    if not upsells:
        return {}
    zone = settings.PERENNIAL_TIME_ZONE
    first = min(it.signed_on for it in upsells) - timedelta(days=rules.work_days)
    last = max(it.signed_on for it in upsells)
    ids = sorted({it.customer_id for it in upsells})
    owners: dict[int, int | None] = {}
    touches: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    before = moment_after(known_on)
    under = standing(before)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        owners |= dict(Customer.objects.filter(pk__in=part).values_list("pk", "owner_id"))
        here = behind(part, under) or []
        rows = Touch.objects.filter(customer__in=here, happened_at__gte=day_start(first, zone))
        rows = rows.filter(happened_at__lt=day_start(last + timedelta(days=1), zone))
        if before is not None:
            rows = rows.filter(recorded_at__lt=before)
        for pk, owner_id, at in rows.values_list("customer_id", "owner_id", "happened_at"):
            touches[under.get(pk, pk)].append((business_day(at, zone), owner_id))
    return {it.order_id: _work(it, owners, touches, rules) for it in upsells}


def _work(
    upsell: Upsell,
    owners: dict[int, int | None],
    touches: dict[int, list[tuple[date, int | None]]],
    rules: CreditRules,
) -> Work:
    owner = owners.get(upsell.customer_id)
    logged = touches.get(upsell.customer_id, [])
    own = (on for on, by in logged if by is not None and by == owner)
    return Work(
        by_owner=work_before(upsell.signed_on, own, rules=rules),
        by_anybody=work_before(upsell.signed_on, (on for on, _by in logged), rules=rules),
    )


def named(book: Book, rows: Iterable[Credited]) -> list[Shown]:
    """Rows with names and CSMs, as far as the book's user may see them."""
    rows = list(rows)
    ids = sorted({row.upsell.customer_id for row in rows})
    names = book.named(ids)
    owners: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        part = Customer.objects.filter(pk__in=ids[start : start + CHUNK], owner__isnull=False)
        owners |= dict(part.values_list("pk", "owner__name"))
    found = []
    for row in rows:
        customer = names[row.upsell.customer_id]
        owner = owners.get(customer.pk, "") if customer.linked else ""
        found.append(Shown(row, customer, owner))
    return found
