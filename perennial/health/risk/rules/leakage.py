"""Too good to be true: facts that were written down after the outcome.

Renewals are rarely told better than AUC .85. Above .9, or when a single fact nearly tells who was
lost, the fact was most likely recorded because of the loss: a cancellation reason, a closed flag.
Source: metric specification D3.
"""

from __future__ import annotations

import numpy as np

from perennial.health.risk.rules import scores
from perennial.health.risk.rules.boosting import bin_of, curves_of
from perennial.health.risk.rules.labelled import Columns, Labelled

TOO_GOOD = 0.9  # AUC
FEWEST = 5  # rows in a bin that may speak


def separating(data: Labelled) -> dict[str, float]:
    """Features that alone order lost and kept with an AUC above .9, strongest first."""
    alone = alone_aucs(data.columns, data)
    found = {name: value for name, value in alone.items() if value > TOO_GOOD}
    return dict(sorted(found.items(), key=lambda it: (-it[1], it[0])))


def alone_aucs(columns: Columns, data: Labelled) -> dict[str, float]:
    """The AUC of each feature alone, each bin told by its own loss rate; small bins by all's."""
    found = {}
    for curve in curves_of(columns):
        bins = bin_of(columns[curve.feature], curve, rows=len(data))
        counts = np.bincount(bins)
        rate = np.bincount(bins, weights=data.lost) / np.maximum(counts, 1)
        rate[counts < FEWEST] = data.lost.mean()
        alone = scores.auc(rate[bins], data.lost)
        if alone is not None:
            found[curve.feature] = alone
    return found
