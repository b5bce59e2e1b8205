"""The confusion table by colour, and what follows from it: precision, recall, lift, lead time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from perennial.health.rules.bands import Band
from perennial.units.money import ratio

Flags = NDArray[np.bool_]
Amounts = Sequence[Fraction | None]


@dataclass(frozen=True, slots=True)
class BandRow:
    """The cases of one colour. Amounts are None when one of them is unknown."""

    band: Band
    n: int
    losses: int
    amount: Fraction | None
    amount_lost: Fraction | None

    @property
    def loss_rate(self) -> Fraction | None:
        return ratio(Fraction(self.losses), Fraction(self.n))


@dataclass(frozen=True, slots=True)
class Confusion:
    """Every case by colour and outcome. Red is a warning, everything else is none."""

    rows: tuple[BandRow, ...]

    @property
    def n(self) -> int:
        return sum(row.n for row in self.rows)

    @property
    def losses(self) -> int:
        return sum(row.losses for row in self.rows)

    @property
    def red(self) -> BandRow:
        return next(row for row in self.rows if row.band is Band.RED)

    @property
    def precision(self) -> Fraction | None:
        """Share of the red ones that were lost."""
        return self.red.loss_rate

    @property
    def recall(self) -> Fraction | None:
        """Share of the lost ones that were red."""
        return ratio(Fraction(self.red.losses), Fraction(self.losses))

    @property
    def base_rate(self) -> Fraction | None:
        return ratio(Fraction(self.losses), Fraction(self.n))

    @property
    def lift(self) -> Fraction | None:
        """How much more often red ones were lost than all."""
        if self.precision is None or not self.base_rate:
            return None
        return self.precision / self.base_rate

    @property
    def amount_caught(self) -> Fraction | None:
        """What the lost ones that were red were worth."""
        return self.red.amount_lost


def confusion(bands: Sequence[Band], lost: Flags, amounts: Amounts) -> Confusion:
    """The table of cases in parallel columns, a row per colour, red first."""
    rows = []
    for band in Band:
        mine = [index for index, it in enumerate(bands) if it is band]
        gone = [index for index in mine if lost[index]]
        rows.append(
            BandRow(
                band,
                len(mine),
                len(gone),
                _sum(amounts[index] for index in mine),
                _sum(amounts[index] for index in gone),
            )
        )
    return Confusion(tuple(rows))


def _sum(amounts: Iterable[Fraction | None]) -> Fraction | None:
    """In whole parts of a common denominator: adding fractions one by one is slow."""
    known: list[Fraction] = []
    for amount in amounts:
        if amount is None:
            return None
        known.append(amount)
    whole: dict[int, int] = {}
    for amount in known:
        whole[amount.denominator] = whole.get(amount.denominator, 0) + amount.numerator
    return sum((Fraction(top, bottom) for bottom, top in whole.items()), Fraction(0))


def lead_days(reds: Mapping[date, bool], *, seen_on: date, ended_on: date) -> int:
    """For how many days before the end it had been red without a break, as of a red reading.

    `reds`: the readings of one case by day. Readings after `seen_on` do not count.

    >>> red = {date(2026, 1, 1): True, date(2026, 3, 1): False, date(2026, 4, 1): True}
    >>> lead_days(red, seen_on=date(2026, 4, 1), ended_on=date(2026, 5, 1))
    30
    """
    since = seen_on
    for day in sorted((it for it in reds if it <= seen_on), reverse=True):
        if not reds[day]:
            break
        since = day
    return (ended_on - since).days


def median(days: Iterable[int]) -> Fraction | None:
    """The middle one, or the mean of the two middle ones; None of nothing."""
    ordered = sorted(days)
    if not ordered:
        return None
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[half])
    return Fraction(ordered[half - 1] + ordered[half], 2)
