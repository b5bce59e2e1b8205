"""Where recurring revenue came from and went, per customer (收入变动).

new: pays for the first time ever · reactivation: pays again after having left · expansion and
contraction: pays more or less (a pause takes, its end gives back) · churn: stopped paying.
The net report compares the two ends of a period; the activity report adds up the days.
Either way start + movements (+ the currency line at spot rates) = end, exactly. A renewal
without change is no movement. Source: metric specification A2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

from perennial.revenue.rules.state import ZERO, Base, State, added, exact_sum
from perennial.units.money import round_half_up
from perennial.units.period import Period

Unit = int | tuple[int, str]  # a customer, or (customer, product or subscription)


class Report(StrEnum):
    """Which movements are summed: between the ends of a period, or day by day."""

    NET = "net"
    ACTIVITY = "activity"


class Movement(StrEnum):
    NEW = "new"
    EXPANSION = "expansion"
    REACTIVATION = "reactivation"
    CONTRACTION = "contraction"
    CHURN = "churn"


@dataclass(frozen=True, slots=True)
class Move:
    """One customer's change (or that of its product or subscription `unit`). `kind` None: the
    MRR did not change and nobody came or left. `fx`: what only the rates changed. `on`: its day,
    where days are compared."""

    customer_id: int
    before: State
    after: State
    kind: Movement | None
    unit: str | None = None
    fx: Fraction = ZERO
    on: date | None = field(default=None, compare=False)

    @property
    def amount(self) -> Fraction:
        """Signed and exact, without `fx`."""
        change = self.after.mrr - self.before.mrr
        return change - self.fx if self.fx else change

    @property
    def key(self) -> Unit:
        return (self.customer_id, self.unit) if self.unit is not None else self.customer_id


@dataclass(frozen=True, slots=True)
class Movements:
    """A period's report; amounts exact and signed, keys are every Movement.

    `unknown` names the figures that cannot be trusted, each with its reason; their fields hold
    the known part, `figure` gives None for them. `usage_revenue` is what was metered inside
    the period, whether or not it counts in the MRR.
    """

    period: Period
    start: Fraction
    start_customers: int
    amounts: Mapping[Movement, Fraction]
    counts: Mapping[Movement, int]
    fx: Fraction = ZERO
    usage_revenue: Fraction = ZERO
    unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def net(self) -> Fraction:
        return added(*self.amounts.values())

    @property
    def end(self) -> Fraction:
        return added(self.start, *self.amounts.values(), self.fx)

    @property
    def customers(self) -> int:
        """Paying customers at the end of the period, paused ones included."""
        came = self.counts[Movement.NEW] + self.counts[Movement.REACTIVATION]
        return self.start_customers + came - self.counts[Movement.CHURN]

    @property
    def rounding(self) -> Fraction:
        """End − start − Σ movements as printed in cents: what rounding hides."""
        parts = [*self.amounts.values(), self.fx]
        printed = [Fraction(round_half_up(amount)) for amount in parts]
        ends = Fraction(round_half_up(self.end)) - Fraction(round_half_up(self.start))
        return ends - sum(printed, ZERO)

    def figure(self, name: str) -> Fraction | None:
        """An amount by its name (start, end, fx, net, rounding, usage_revenue or a movement);
        None when it is unknown."""
        if name in self.unknown:
            return None
        found: Fraction = self.amounts[Movement(name)] if name in KINDS else getattr(self, name)
        return found


KINDS: Final = frozenset(Movement)
NO_AMOUNTS: Final = dict.fromkeys(Movement, ZERO)
NO_COUNTS: Final = dict.fromkeys(Movement, 0)


def kind_of(
    before: State, after: State, *, paid_before: bool, fx: Fraction = ZERO
) -> Movement | None:
    """`paid_before`: the customer was a paying one at any time up to `before`."""
    if after.paying and not before.paying:
        return Movement.REACTIVATION if paid_before else Movement.NEW
    if before.paying and not after.paying:
        return Movement.CHURN
    mrr = after.mrr - fx if fx else after.mrr
    if mrr == before.mrr:
        return None
    return Movement.EXPANSION if mrr > before.mrr else Movement.CONTRACTION


def movements(
    period: Period,
    start: Base,
    moves: Iterable[Move],
    *,
    usage_revenue: Fraction = ZERO,
    unknown: Mapping[str, str] | None = None,
) -> Movements:
    """Sum the moves of a period that began with `start` (end of the day before)."""
    found: dict[Movement, list[Fraction]] = {}
    fx: list[Fraction] = []
    for move in moves:
        if move.fx:
            fx.append(move.fx)
        if move.kind is not None:
            found.setdefault(move.kind, []).append(move.amount)
    amounts, counts = NO_AMOUNTS.copy(), NO_COUNTS.copy()
    for kind, given in found.items():
        amounts[kind], counts[kind] = exact_sum(given), len(given)
    return Movements(
        period=period,
        start=start.mrr,
        start_customers=start.customers,
        amounts=amounts,
        counts=counts,
        fx=exact_sum(fx) if fx else ZERO,
        usage_revenue=usage_revenue,
        unknown=unknown or {},
    )
