"""A model as plain numbers: a base, an effect per fact, and a calibration.

The log-odds of a loss are the base plus the sum of the effects; the calibration then stretches
them so that what is said is what happens. So every probability can be taken apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from perennial.health.risk.rules import boosting, features, logistic
from perennial.health.risk.rules.boosting import Curve
from perennial.health.risk.rules.features import Part, Shape
from perennial.health.risk.rules.labelled import Columns
from perennial.health.risk.rules.logistic import sigmoid
from perennial.health.risk.rules.scores import Floats


class Kind(StrEnum):
    """`health.models.RiskModel.Kind` is the same."""

    SEGMENT_RATES = "segment_rates"
    LOGISTIC = "logistic"
    EBM = "ebm"


@dataclass(frozen=True, slots=True)
class Fitted:
    """`weights` belong to `parts` (logistic), `curves` to boosting; `shift` and `stretch` are
    the calibration: probability = sigmoid(shift + stretch · log-odds)."""

    kind: Kind
    base: float
    parts: tuple[Part, ...] = ()
    weights: tuple[float, ...] = ()
    curves: tuple[Curve, ...] = ()
    shift: float = 0.0
    stretch: float = 1.0
    penalty: float | None = None

    def effects(self, columns: Columns) -> dict[str, Floats]:
        """What each feature adds to the log-odds, against an average customer."""
        found: dict[str, Floats] = {}
        rows = len(next(iter(columns.values())).values)
        table = features.design(columns, self.parts) * np.array(self.weights or (0.0,))
        for at, part in enumerate(self.parts):
            found[part.feature] = found.get(part.feature, np.zeros(rows)) + table[:, at]
        for curve in self.curves:
            bins = boosting.bin_of(columns.get(curve.feature), curve, rows=rows)
            found[curve.feature] = np.array(curve.effects)[bins]
        return {name: effect * self.stretch for name, effect in found.items()}

    def log_odds(self, columns: Columns) -> Floats:
        rows = len(next(iter(columns.values())).values)
        total: Floats = sum(self.effects(columns).values(), np.zeros(rows))
        return self.shift + self.stretch * self.base + total

    def probability(self, columns: Columns) -> Floats:
        """The probability of a loss, per row."""
        return sigmoid(self.log_odds(columns))


def calibrated(log_odds: Floats, lost: Any) -> tuple[float, float]:
    """Shift and stretch (Platt) from log-odds of rows that the model had not seen. A stretch
    below a tenth would mean that the model says nothing; it stays a model."""
    weights = logistic.fit(log_odds[:, None], lost, penalty=1.0)
    return float(weights[0]), float(max(weights[1], 0.1))


def plain(fitted: Fitted) -> dict[str, Any]:
    """For storing as JSON; `of` reads it back to the same probabilities."""
    return asdict(fitted)


def of(stored: Mapping[str, Any]) -> Fitted:
    return Fitted(
        kind=Kind(stored["kind"]),
        base=stored["base"],
        parts=tuple(Part(**{**it, "shape": Shape(it["shape"])}) for it in stored["parts"]),
        weights=tuple(stored["weights"]),
        curves=tuple(
            Curve(it["feature"], *(tuple(it[name]) for name in ("edges", "words", "effects")))
            for it in stored["curves"]
        ),
        shift=stored["shift"],
        stretch=stored["stretch"],
        penalty=stored["penalty"],
    )
