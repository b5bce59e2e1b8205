"""What if: how recurring revenue grows at one renewal rate against another.

Each period sells S0·(1+g)^(t−1) anew, and a share r of the last period's whole revenue renews:
R(t) = S0·(1+g)^(t−1) + r·R(t−1). The gap between two renewal rates widens every period, towards
(1+g−r1) ÷ (1+g−r2): at 30 % growth, 80 % renewal ends at 1.6 times the revenue of 50 %.
All amounts are exact. Source: metric specification A6, B3; article s0 (起始 1000, 增长 30 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from perennial.units.errors import InputRefused
from perennial.units.money import ratio
from perennial.units.sentence import sentence

MOST_PERIODS: Final = 1000
MOST_RATE: Final = 10  # a tenfold growth or renewal: beyond it is a slip of the finger


@dataclass(frozen=True, slots=True)
class Scenario:
    """Revenue of period 1, 2, … at one renewal rate."""

    renewal: Fraction
    revenue: tuple[Fraction, ...]

    @property
    def total(self) -> Fraction:
        return sum(self.revenue, Fraction(0))


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Scenarios in the order asked for. `ratio`: second ÷ first, period by period (None where the
    first is zero; empty with fewer than two). `ratio_limit` None: see `limit_reason`."""

    scenarios: tuple[Scenario, ...]
    ratio: tuple[Fraction | None, ...]
    ratio_limit: Fraction | None
    limit_reason: str


def whatif(
    start: Fraction, *, growth: Fraction, renewals: Sequence[Fraction], periods: int
) -> WhatIf:
    """`start`: new sales of the first period; `growth` of new sales per period, `renewals` as
    shares of the last period's revenue (0.8; above 1 with upsell). Raises InputRefused for
    inputs without meaning."""
    _check(start, growth=growth, renewals=renewals, periods=periods)
    found = tuple(
        Scenario(rate, revenue(start, growth=growth, renewal=rate, periods=periods))
        for rate in renewals
    )
    if len(found) < 2:
        return WhatIf(found, ratio=(), ratio_limit=None, limit_reason="one_scenario")
    first, second = found[:2]
    steps = zip(second.revenue, first.revenue, strict=True)
    limit = ratio_limit(growth, first.renewal, second.renewal)
    return WhatIf(
        found,
        ratio=tuple(ratio(more, less) for more, less in steps),
        ratio_limit=limit,
        limit_reason="" if limit is not None else "no_limit",
    )


def revenue(
    start: Fraction,
    *,
    growth: Fraction,
    renewal: Fraction,
    periods: int,
    opening: Fraction = Fraction(0),
) -> tuple[Fraction, ...]:
    """R(1) … R(periods), step by step; `opening` is R(0), what stood before the first period.

    >>> [int(one) for one in revenue(Fraction(1000), growth=Fraction("0.3"),
    ...                              renewal=Fraction("0.5"), periods=4)]
    [1000, 1800, 2590, 3492]
    """
    found = [opening]
    sold = start
    for _period in range(periods):
        found.append(sold + renewal * found[-1])
        sold *= 1 + growth
    return tuple(found[1:])


def closed_form(start: Fraction, *, growth: Fraction, renewal: Fraction, period: int) -> Fraction:
    """R(n) at once: S0·((1+g)^n − r^n) ÷ ((1+g) − r); where both are equal, n·S0·r^(n−1)."""
    pace = 1 + growth
    if pace == renewal:
        return period * start * Fraction(renewal ** (period - 1))
    return start * (pace**period - renewal**period) / (pace - renewal)


def ratio_limit(growth: Fraction, first: Fraction, second: Fraction) -> Fraction | None:
    """Where second ÷ first ends: (1+g−r1) ÷ (1+g−r2). None when r2 ≥ 1+g: the second then
    outgrows new sales itself. Zero when only the first does."""
    pace = 1 + growth
    if pace <= second:
        return None
    return max(Fraction(0), (pace - first) / (pace - second))


def growth_rates(amounts: Sequence[Fraction]) -> list[Fraction | None]:
    """Change from each period to the next, as a share; one fewer than amounts."""
    return [ratio(now - before, before) for before, now in pairwise(amounts)]


def _check(
    start: Fraction, *, growth: Fraction, renewals: Sequence[Fraction], periods: int
) -> None:
    if start < 0:
        raise _refused("start", sentence("New sales of the first period cannot be negative."))
    if not -1 < growth <= MOST_RATE:
        raise _refused("growth", sentence("Growth must be above −100 % and at most 1,000 %."))
    if not renewals or not all(0 <= rate <= MOST_RATE for rate in renewals):
        raise _refused("renewal", sentence("A renewal rate must be between 0 and 1,000 %."))
    if not 1 <= periods <= MOST_PERIODS:
        raise _refused("periods", sentence("There must be between 1 and 1,000 periods."))


def _refused(column: str, message: str) -> InputRefused:
    return InputRefused(message, code=f"bad_{column}", column=column)
