"""How much of what customers paid at the start is still paid at the end (留存).

Only the customers of the start count, so new and returning ones never lift a rate.
GRR: each customer counts at most what it paid at the start. NRR: what it pays now.
Logo retention: the share of paying customers still paying, paused ones included.
The movement variants add up the days instead: falls that were made good still count.
Without anybody at the start there is no rate (None), never 0 % or 100 %.
Source: metric specification A3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from perennial.revenue.rules.movement import Move, Movement, Movements, Unit
from perennial.revenue.rules.rates import ONE
from perennial.revenue.rules.state import NOTHING, ZERO, Base, State, added, exact_sum


def share(part: Fraction, whole: Fraction) -> Fraction | None:
    """`part / whole`; None when the whole is zero. Quick where nothing changed, as mostly."""
    if not whole:
        return None
    return ONE if part is whole else part / whole if part else ZERO


@dataclass(frozen=True, slots=True)
class Retention:
    """Amounts exact. `start` is the MRR of customers with MRR > 0 at the start, `kept` theirs
    at the end, each at most its start, `end` theirs at the end uncapped; logos are counts."""

    start: Fraction
    kept: Fraction
    end: Fraction
    start_logos: int
    kept_logos: int

    @property
    def grr(self) -> Fraction | None:
        return share(self.kept, self.start)

    @property
    def nrr(self) -> Fraction | None:
        return share(self.end, self.start)

    @property
    def logo_retention(self) -> Fraction | None:
        return Fraction(self.kept_logos, self.start_logos) if self.start_logos else None

    @property
    def logo_churn(self) -> Fraction | None:
        kept = self.logo_retention
        return None if kept is None else 1 - kept


def retention(start: Base, moves: Collection[Move]) -> Retention:
    """Compare the ends of two days (endpoint definition, the headline): `start` at the first,
    `moves` between them. Whoever did not move was kept whole; currencies move nobody."""
    changes = [
        move.amount if move.after.mrr.numerator >= 0 else -move.before.mrr
        for move in moves
        if move.before.mrr.numerator > 0
    ]
    losses = [change for change in changes if change.numerator < 0]
    return Retention(
        start=start.above_zero,
        kept=added(start.above_zero, exact_sum(losses)),
        end=added(start.above_zero, exact_sum(changes)),
        start_logos=start.customers,
        kept_logos=start.customers - sum([move.kind is Movement.CHURN for move in moves]),
    )


def returned(moves: Iterable[Move]) -> Fraction:
    """What customers that came back pay at the end."""
    return exact_sum(move.after.mrr for move in moves if move.kind is Movement.REACTIVATION)


def gross_churn(report: Movements) -> Fraction | None:
    """(churn + contraction) / start, as a positive share."""
    return share(_lost(report), report.start)


def net_churn(report: Movements) -> Fraction | None:
    """(churn + contraction − expansion − reactivation) / start; 1 − this is not NRR when
    customers came back."""
    won = added(report.amounts[Movement.EXPANSION], report.amounts[Movement.REACTIVATION])
    return share(added(_lost(report), -won) if won else _lost(report), report.start)


def quick_ratio(report: Movements, *, reactivation: bool = True) -> Fraction | None:
    """(new + expansion + reactivation) / (contraction + churn); None when nothing was lost."""
    back = report.amounts[Movement.REACTIVATION] if reactivation else ZERO
    won = added(report.amounts[Movement.NEW], report.amounts[Movement.EXPANSION], back)
    return share(won, _lost(report))


def _lost(report: Movements) -> Fraction:
    lost = added(report.amounts[Movement.CHURN], report.amounts[Movement.CONTRACTION])
    return -lost if lost else lost


def movement_rates(
    start: Base, before: Mapping[Unit, State], daily: Collection[Move]
) -> tuple[Fraction | None, Fraction | None]:
    """(GRR, NRR) by adding up the daily movements of the customers of the start (累计口径)."""
    if not daily:
        unchanged = share(start.above_zero, start.above_zero)
        return unchanged, unchanged
    changes = [move.amount for move in daily if before.get(move.key, NOTHING).mrr > 0]
    lost = exact_sum(amount for amount in changes if amount.numerator < 0)
    won = exact_sum(amount for amount in changes if amount.numerator > 0)
    kept = added(start.above_zero, lost)
    return share(kept, start.above_zero), share(added(kept, won), start.above_zero)
