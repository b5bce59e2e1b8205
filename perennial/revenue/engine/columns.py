"""Columns of amounts: two 64-bit numbers for each, so that NumPy adds them up exactly.

An amount is `whole` millionths and `part` units beside them (PARTS of which are one millionth).
Sums within a unit stay in 64 bits up to MOST_LINES; totals are put together as Python numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from perennial.revenue.engine.amounts import PARTS, TOLERANCE

Ints = np.ndarray[Any, np.dtype[Any]]  # of 8 to 64 bits
Flags = np.ndarray[Any, np.dtype[np.bool_]]
MOST_LINES: Final = 2**63 // PARTS // 2  # starts and ends of one unit: 30,000
_SPLIT: Final = 20  # bits: parts of many millions of rows are added up in two pieces


@dataclass(frozen=True, slots=True)
class Amounts:
    """A column of amounts. Even ones, 0 ≤ part < PARTS, can be compared."""

    whole: Ints
    part: Ints

    def __getitem__(self, rows: Any) -> Amounts:
        return Amounts(self.whole[rows], self.part[rows])

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.whole + other.whole, self.part + other.part)

    def __sub__(self, other: Amounts) -> Amounts:
        return Amounts(self.whole - other.whole, self.part - other.part)

    def even(self) -> Amounts:
        carried = np.floor(self.part * (1 / PARTS)).astype(np.int64)  # but for one: no division
        part = self.part - carried * PARTS
        off = (part >= PARTS).astype(np.int64) - (part < 0)
        return Amounts(self.whole + carried + off, part - off * PARTS)

    def is_positive(self, tolerance: int = TOLERANCE) -> Flags:
        """More than nothing; of even amounts."""
        found: Flags = (self.whole > 0) | ((self.whole == 0) & (self.part > tolerance))
        return found

    def is_negative(self, tolerance: int = TOLERANCE) -> Flags:
        """Less than nothing; of even amounts."""
        found: Flags = (self.whole < -1) | ((self.whole == -1) & (self.part < PARTS - tolerance))
        return found

    def is_nothing(self) -> Flags:
        """But for rounding; of any amounts."""
        units = self.whole * PARTS + self.part  # overflows only where `whole` is large
        nothing: Flags = (np.abs(self.whole) <= MOST_LINES) & (np.abs(units) <= TOLERANCE)
        return nothing

    def where(self, kept: Flags) -> Amounts:
        """These, and nothing elsewhere."""
        return Amounts(np.where(kept, self.whole, 0), np.where(kept, self.part, 0))

    def cleared(self) -> Amounts:
        """Even; what is nothing but for rounding is nothing."""
        return self.where(~self.is_nothing()).even()

    def above_zero(self) -> Amounts:
        """Of even amounts, those below zero count as nothing."""
        return self.where(self.whole >= 0)

    def sums(self, starts: Ints) -> Amounts:
        """Added up by runs of neighbours: small groups."""
        return Amounts(np.add.reduceat(self.whole, starts), np.add.reduceat(self.part, starts))

    def numbers(self) -> list[int]:
        """Each amount as one number of units."""
        return [
            whole * PARTS + part
            for whole, part in zip(self.whole.tolist(), self.part.tolist(), strict=True)
        ]


def runs(*keys: Ints) -> Ints:
    """Where runs of neighbours with equal keys start."""
    changed = np.zeros(len(keys[0]), bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(changed)


def run_ends(starts: Ints, size: int) -> Ints:
    """The last row of each run."""
    ends: Ints = np.append(starts[1:], size)[: len(starts)] - 1
    return ends


def totals(key: Ints, column: Amounts) -> dict[int, int]:
    """Amounts added up by key (not negative), over any number of rows."""
    if not len(key):
        return {}
    short = key.astype(np.uint16) if key.max() < 2**16 else key  # sorted by its digits
    order = np.argsort(short, kind="stable")
    groups = short[order]
    starts = runs(groups)
    whole, part = column.whole[order], column.part[order]
    if np.diff(starts, append=len(order)).max() <= MOST_LINES:
        parts: list[int] = np.add.reduceat(part, starts).tolist()
    else:
        high, low = (
            np.add.reduceat(it, starts).tolist() for it in (part >> _SPLIT, part & (2**_SPLIT - 1))
        )
        parts = [(more << _SPLIT) + less for more, less in zip(high, low, strict=True)]
    wholes = np.add.reduceat(whole, starts).tolist()
    numbers = (more * PARTS + less for more, less in zip(wholes, parts, strict=True))
    return dict(zip(groups[starts].tolist(), numbers, strict=True))


def counts(key: Ints) -> dict[int, int]:
    """How many rows each key has."""
    found = np.bincount(key)
    present = np.flatnonzero(found)
    return dict(zip(present.tolist(), found[present].tolist(), strict=True))
