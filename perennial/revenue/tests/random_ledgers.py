"""Random ledgers: believable ones that a file could hold, and wild ones of any lines at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import strategies as some

from perennial.contracts.rules import Basis, Kind, Line, Pause
from perennial.revenue.tests.ledger import moment
from perennial.units.period import add_months

FIRST = date(2024, 1, 1)
LAST = date(2026, 12, 31)
PRODUCTS = ("", "crm", "oa")


@dataclass
class Ledger:
    lines: list[Line] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)


def random_ledger(
    seed: int,
    *,
    customers: int = 3,
    currencies: tuple[str, ...] = ("CNY",),
    corrections: bool = True,
    unknown: bool = False,
) -> Ledger:
    """Orders with renewals (early, in time, late), add-ons, downsells, cancellations, pauses,
    trials, usage, dated discounts and, if wanted, `corrections` (rows recorded again or voided)
    and `unknown` amounts (totals without their split). The same seed gives the same ledger; no
    row is at fault."""
    random = Random(seed)
    ledger = Ledger()
    for customer_id in range(1, customers + 1):
        for number in range(random.choice((1, 1, 2))):
            _Contract(ledger, random, customer_id, f"{customer_id}-{number}", currencies).write()
    if unknown:
        ledger.lines = [_unsplit(it) if random.random() < 0.15 else it for it in ledger.lines]
    if corrections:
        _correct(ledger, random)
    return ledger


class _Contract:
    """One product's orders of one customer, one renewing the other."""

    def __init__(
        self,
        ledger: Ledger,
        random: Random,
        customer_id: int,
        name: str,
        currencies: tuple[str, ...],
    ) -> None:
        self.ledger, self.random, self.customer_id, self.name = ledger, random, customer_id, name
        self.currency = random.choice(currencies)
        self.product = random.choice(PRODUCTS)
        self.count = 0

    def write(self) -> None:
        random = self.random
        start = FIRST + timedelta(random.randrange(500))
        if random.random() < 0.2:
            trial = self._line(Kind.TRIAL, start, start + timedelta(14), None)
            start = trial.end_on or start
        order = self._line(Kind.NEW, start, self._end(start), self._amount())
        for _cycle in range(random.randrange(4)):
            named = (order.order_id, *self._beside(order))
            if self._cancelled(order) or order.end_on is None or order.end_on > LAST:
                return
            start = order.end_on + timedelta(random.choice((0, 0, 0, -20, -60, 10, 45)))
            start = max(start, order.start_on + timedelta(1))
            signed = max(order.signed_on, start - timedelta(random.randrange(40)))
            order = self._line(
                Kind.RENEWAL,
                start,
                self._end(start),
                random.choice((order.amount, self._amount())),
                renews=named[: random.choice((1, len(named)))],
                signed_on=signed,
                recorded_at=moment(signed),
            )
        self._beside(order)
        self._cancelled(order)

    def _beside(self, order: Line) -> list[str]:
        """Add-ons, a downsell, a pause and usage while an order lasts; the add-ons' ids."""
        random, added = self.random, []
        if random.random() < 0.4:
            start = self._inside(order)
            end = order.end_on if random.random() < 0.7 else self._end(start)
            addon = self._line(Kind.ADDON, start, end, self._amount())
            added.append(addon.order_id)
        if random.random() < 0.3 and order.amount:
            start = self._inside(order)
            given = -Fraction(abs(order.amount * 100) // random.choice((10, 24, 60)), 100)
            self._line(
                Kind.DOWNSELL,
                start,
                order.end_on,
                given,
                renews=(order.order_id,),
                basis=Basis.MRR,
            )
        if random.random() < 0.2:
            start = self._inside(order)
            end = start + timedelta(random.randrange(1, 120)) if random.random() < 0.8 else None
            which = random.choice(("", order.order_id))
            held = {it.key for it in self.ledger.pauses}
            pause = Pause(self.customer_id, start, end, moment(start), which)
            if pause.key not in held:
                self.ledger.pauses.append(pause)
        if random.random() < 0.15:
            start = self._inside(order)
            self._line(Kind.USAGE, start, add_months(start, 1), self._amount())
        return added

    def _cancelled(self, order: Line) -> bool:
        if self.random.random() > 0.25:
            return False
        last = self._inside(order)
        signed = max(order.signed_on, last - timedelta(self.random.randrange(60)))
        recorded = signed + timedelta(self.random.choice((0, 0, 3, 40)))
        self._line(
            Kind.CANCELLATION,
            last,
            None,
            None,
            renews=(order.order_id,),
            signed_on=signed,
            recorded_at=moment(recorded),
        )
        return True

    def _line(
        self,
        kind: Kind,
        start: date,
        end: date | None,
        amount: Fraction | None,
        *,
        renews: tuple[str, ...] = (),
        signed_on: date | None = None,
        recorded_at: datetime | None = None,
        basis: Basis | None = None,
    ) -> Line:
        self.count += 1
        signed = signed_on or start - timedelta(self.random.randrange(10))
        usual = Basis.NONE if amount is None else Basis.TERM if end else Basis.INTERVAL
        found = Line(
            customer_id=self.customer_id,
            order_id=f"{self.name}-{self.count}",
            kind=kind,
            start_on=start,
            end_on=end,
            signed_on=signed,
            recorded_at=recorded_at or moment(signed),
            currency=self.currency,
            amount=amount,
            basis=basis or usual,
            renews=renews,
            product="" if kind is Kind.CANCELLATION else self.product,
            seats=self.random.choice((None, 5, 10)) if kind in SEATED else None,
        )
        if kind is Kind.NEW and found.basis is Basis.TERM and self.random.random() < 0.15:
            found = _discounted(found, self.random)
        self.ledger.lines.append(found)
        return found

    def _amount(self) -> Fraction:
        return Fraction(self.random.choice((0, *[self.random.randrange(1, 10**7)] * 9)), 100)

    def _end(self, start: date) -> date | None:
        months = self.random.choice((1, 3, 6, 12, 12, 12, 24, None))
        if months is None:
            return None
        return add_months(start, months) + timedelta(self.random.choice((0, 0, 0, 0, 13)))

    def _inside(self, order: Line) -> date:
        """A day on which the order is in service, not its last."""
        length = ((order.end_on or LAST) - order.start_on).days
        return order.start_on + timedelta(self.random.randrange(max(1, length)))


SEATED = frozenset({Kind.NEW, Kind.RENEWAL})


def _discounted(order: Line, random: Random) -> Line:
    """With a discount for the first third of its term."""
    assert order.end_on is not None
    until = order.start_on + max(timedelta(1), (order.end_on - order.start_on) / 3)
    return replace(order, discount=Fraction(random.randrange(1, 10**6), 100), discount_end_on=until)


def _unsplit(order: Line) -> Line:
    recurs = order.kind in {Kind.NEW, Kind.RENEWAL, Kind.ADDON} and order.end_on is not None
    return replace(order, basis=Basis.TOTAL, discount_end_on=None) if recurs else order


def _correct(ledger: Ledger, random: Random) -> None:
    """Some lines are recorded again later with another amount, a few are withdrawn."""
    for line in list(ledger.lines):
        if line.kind in {Kind.CANCELLATION, Kind.TRIAL} or random.random() > 0.2:
            continue
        later = line.recorded_at + timedelta(random.randrange(1, 300))
        if random.random() < 0.2 and not any(line.order_id in it.renews for it in ledger.lines):
            ledger.lines.append(replace(line, recorded_at=later, void=True))
        else:
            other = line.amount * 2 if line.amount else line.amount
            ledger.lines.append(replace(line, recorded_at=later, amount=other))


def days(most: int = 900) -> some.SearchStrategy[date]:
    return some.integers(0, most).map(lambda n: FIRST + timedelta(days=n))


def believable(**given: Any) -> some.SearchStrategy[Ledger]:
    """Ledgers of `random_ledger` for hypothesis."""
    return some.integers(0, 10**9).map(lambda seed: random_ledger(seed, **given))


@some.composite
def wild_lines(draw: some.DrawFn) -> list[Line]:
    """Lines that name one another at will: whatever holds for them holds for every ledger."""
    lines: list[Line] = []
    for number in range(draw(some.integers(1, 8))):
        customer_id = draw(some.integers(1, 3))
        earlier = [it for it in lines if it.customer_id == customer_id]
        kinds = [Kind.NEW, Kind.ADDON, Kind.TRIAL, Kind.BUYOUT]
        if earlier:
            kinds += [Kind.RENEWAL, Kind.DOWNSELL, Kind.CANCELLATION]
        kind = draw(some.sampled_from(kinds))
        start = draw(days())
        length = draw(some.none() | some.integers(1, 800))
        end = None if length is None else start + timedelta(days=length)
        amount = Fraction(draw(some.integers(0, 10**6)), 100)
        silent = kind in (Kind.CANCELLATION, Kind.TRIAL)
        lines.append(
            Line(
                customer_id=customer_id,
                order_id=f"O{number}",
                kind=kind,
                start_on=start,
                end_on=None if kind is Kind.CANCELLATION else end,
                signed_on=start - timedelta(draw(some.integers(0, 40))),
                recorded_at=moment(start),
                currency="CNY",
                amount=None if silent else -amount if kind is Kind.DOWNSELL else amount,
                basis=Basis.NONE if silent else Basis.TERM if end else Basis.INTERVAL,
                renews=(draw(some.sampled_from(earlier)).order_id,) if kind in kinds[4:] else (),
            )
        )
    return lines


@some.composite
def wild_pauses(draw: some.DrawFn) -> list[Pause]:
    """No two of one key: with other contents they are refused when they come."""
    found = {}
    for _ in range(draw(some.integers(0, 3))):
        start = draw(days())
        length = draw(some.none() | some.integers(1, 200))
        end = None if length is None else start + timedelta(days=length)
        pause = Pause(draw(some.integers(1, 3)), start, end, moment(start))
        found[pause.key] = pause
    return list(found.values())


def wild() -> some.SearchStrategy[Ledger]:
    return some.builds(Ledger, wild_lines(), wild_pauses())
