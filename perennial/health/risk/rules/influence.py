"""What the model goes by: how strongly each fact moves the probability, and which way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from perennial.health.risk.rules.fitted import Fitted
from perennial.health.risk.rules.labelled import Columns, Numbers
from perennial.health.risk.rules.scores import Floats

CLEARLY = 0.5  # a rank correlation of value and effect that gives a direction
NEGLIGIBLE = 0.005  # log-odds


class Direction(StrEnum):
    """What a higher value does."""

    RAISES = "raises"
    LOWERS = "lowers"
    VARIES = "varies"  # words, or a curve that turns


@dataclass(frozen=True, slots=True)
class Influence:
    """`strength` is the mean absolute effect in log-odds over the renewals learned from."""

    feature: str
    strength: float
    direction: Direction


def influences(model: Fitted, columns: Columns) -> list[Influence]:
    """Strongest first; those that hardly move anything are left out."""
    found = [
        Influence(name, float(np.abs(effect).mean()), _direction(columns.get(name), effect))
        for name, effect in model.effects(columns).items()
    ]
    kept = [it for it in found if it.strength >= NEGLIGIBLE]
    return sorted(kept, key=lambda it: (-it.strength, it.feature))


def _direction(column: object, effect: Floats) -> Direction:
    if not isinstance(column, Numbers):
        return Direction.VARIES
    known = np.isfinite(column.values)
    values, effects = column.values[known], effect[known]
    if not len(values) or np.ptp(values) == 0 or np.ptp(effects) == 0:
        return Direction.VARIES
    together = float(np.corrcoef(values, effects)[0, 1])
    if abs(together) < CLEARLY:
        return Direction.VARIES
    return Direction.RAISES if together > 0 else Direction.LOWERS
