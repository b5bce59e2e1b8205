"""Columns of amounts: two 64-bit numbers for each, so that NumPy adds them up exactly.

An amount is `whole` millionths and `part` units beside them (PARTS of which are one millionth).
Sums within a unit stay in 64 bits up to MOST_LINES; totals are put together as Python numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from perennial.revenue.engine.amounts import PARTS, TOLERANCE

Ints = np.ndarray[Any, np.dtype[np.int64]]
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
        return (self.whole > 0) | ((self.whole == 0) & (self.part > tolerance))

    def is_negative(self, tolerance: int = TOLERANCE) -> Flags:
        """Less than nothing; of even amounts."""
        return (self.whole < -1) | ((self.whole == -1) & (self.part < PARTS - tolerance))

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


def smaller(one: Amounts, other: Amounts) -> Amounts:
    """The smaller of two columns of even amounts, row by row."""
    less = (one.whole < other.whole) | ((one.whole == other.whole) & (one.part < other.part))
    return Amounts(np.where(less, one.whole, other.whole), np.where(less, one.part, other.part))


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


def totals(key: Ints, columns: Mapping[str, Amounts | Ints | Flags]) -> dict[int, dict[str, int]]:
    """Each column added up by key (not negative), over any number of rows."""
    if not len(key):
        return {}
    short = key.astype(np.uint16) if key.max() < 2**16 else key  # sorted by its digits
    order = np.argsort(short, kind="stable")
    sorted_key = key[order]
    starts = runs(sorted_key)
    added = {name: _added(column, order, starts) for name, column in columns.items()}
    return {
        group: {name: numbers[rank] for name, numbers in added.items()}
        for rank, group in enumerate(sorted_key[starts].tolist())
    }


def _added(column: Amounts | Ints | Flags, order: Ints, starts: Ints) -> list[int]:
    if not isinstance(column, Amounts):
        return _sums(column.astype(np.int64), order, starts)
    low = column.part & (2**_SPLIT - 1)
    pieces = (column.whole, column.part >> _SPLIT, low)
    return [
        whole * PARTS + (high << _SPLIT) + rest
        for whole, high, rest in zip(*(_sums(it, order, starts) for it in pieces), strict=True)
    ]


def _sums(column: Ints, order: Ints, starts: Ints) -> list[int]:
    found: list[int] = np.add.reduceat(column[order], starts).tolist()
    return found
