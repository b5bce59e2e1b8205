"""From facts to comparable numbers: one scale for all, missing values flagged.

A number is put on a common scale (very skewed ones through a logarithm, or asinh where they can
be negative), and what lies outside of what was learned from is held at its edge. A missing one
counts as an average one, beside a flag that says that it was missing. A word becomes one yes/no
per frequent value.
Source: metric specification A8 (skew > 4) and D3; Gelman (2008) for the scale of yes/no.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import skew

from perennial.health.risk.rules.labelled import Columns, Numbers, Words
from perennial.health.risk.rules.scores import Flags, Floats

SKEWED = 2.0
FEWEST = 5  # rows behind a flag or a word
LEAST_SHARE = 0.01
MOST_WORDS = 12
YES_NO_SCALE = 0.5


class Shape(StrEnum):
    """How a part reads its column."""

    PLAIN = "plain"
    LOG = "log"
    ASINH = "asinh"
    MISSING = "missing"  # 1 where nothing is known
    WORD = "word"  # 1 where the column says `word`


@dataclass(frozen=True, slots=True)
class Part:
    """One column of the design: (shape(value) − center) / scale, within [low, high]."""

    feature: str
    shape: Shape
    center: float
    scale: float = YES_NO_SCALE
    word: str = ""
    low: float = 0.0
    high: float = 1.0


def parts_of(columns: Columns) -> tuple[Part, ...]:
    """What can be learned from; constant columns give nothing."""
    return tuple(
        part
        for name, column in columns.items()
        for part in (
            _numbers(name, column) if isinstance(column, Numbers) else _words(name, column)
        )
    )


def _numbers(name: str, column: Numbers) -> Iterator[Part]:
    known = column.values[np.isfinite(column.values)]
    if len(known) and known.min() < known.max():
        shape = _shape(known)
        values = shaped(known, shape)
        center, scale = float(values.mean()), float(values.std())
        low, high = float(values.min()), float(values.max())
        yield Part(name, shape, center, scale, low=low, high=high)
    missing = ~np.isfinite(column.values)
    if _enough(missing):
        yield Part(name, Shape.MISSING, float(missing.mean()))


def _words(name: str, column: Words) -> Iterator[Part]:
    words, counts = np.unique(column.values, return_counts=True)
    if len(words) < 2:
        return
    order = np.lexsort((words, -counts))[:MOST_WORDS]
    if len(words) == 2:
        order = order[1:]  # the other word says the same
    for at in order:
        says = column.values == words[at]
        if _enough(says):
            word = str(words[at])
            shape = Shape.WORD if word else Shape.MISSING
            yield Part(name, shape, float(says.mean()), word=word)


def _enough(flags: Flags) -> bool:
    """A flag is worth a weight when it is on, and off, often enough."""
    least = max(FEWEST, min(LEAST_SHARE * len(flags), 2 * FEWEST))
    return bool(min(flags.sum(), (~flags).sum()) >= least)


def _shape(known: Floats) -> Shape:
    if float(skew(known)) <= SKEWED:
        return Shape.PLAIN
    return Shape.LOG if known.min() >= 0 else Shape.ASINH


def shaped(values: Floats, shape: Shape) -> Floats:
    match shape:
        case Shape.LOG:
            return np.asarray(np.log1p(np.maximum(values, 0)))
        case Shape.ASINH:
            return np.asarray(np.arcsinh(values))
        case _:
            return values


def design(columns: Columns, parts: Sequence[Part]) -> Floats:
    """Rows × parts. A column that is not there counts as missing everywhere."""
    rows = len(next(iter(columns.values())).values)
    table = np.zeros((rows, len(parts)))
    for at, part in enumerate(parts):
        table[:, at] = _read(columns.get(part.feature), part, rows=rows)
    return table


def _read(column: Numbers | Words | None, part: Part, *, rows: int) -> Floats:
    match part.shape, column:
        case Shape.WORD, Words(values):
            found = (values == part.word).astype(np.float64)
        case Shape.MISSING, Words(values):
            found = (values == "").astype(np.float64)
        case Shape.MISSING, Numbers(values):
            found = (~np.isfinite(values)).astype(np.float64)
        case Shape.MISSING, None:
            found = np.ones(rows)
        case ((Shape.PLAIN | Shape.LOG | Shape.ASINH), Numbers(values)):
            read = np.clip(shaped(values, part.shape), part.low, part.high)
            found = np.where(np.isfinite(read), read, part.center)
        case _:  # the column changed its kind, or is gone
            found = np.full(rows, part.center)
    return np.asarray((found - part.center) / part.scale)
