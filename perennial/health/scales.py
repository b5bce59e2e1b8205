"""Points of a whole column of values: what `rules.scale` says of one, in the same whole numbers."""

from __future__ import annotations

import numpy as np

from perennial.health.inputs.cases import Floats, Ints
from perennial.health.rules.definition import LARGEST_VALUE, STEPS, Banded, Linear, Outside

NO_POINTS = -1


def steps_of_all(values: Floats) -> Ints:
    """Values in ten-thousandths; nan counts as 0 and must be left out by the caller."""
    known = np.clip(np.nan_to_num(values, nan=0.0), -LARGEST_VALUE, LARGEST_VALUE)
    return np.rint(known * STEPS).astype("int64")


def points_of_all(scale: Linear | Banded, steps: Ints) -> Ints:
    """Hundredths of a point; −1 where the scale does not count a value."""
    return _on_lines(scale, steps) if isinstance(scale, Linear) else _on_steps(scale, steps)


def _on_lines(scale: Linear, steps: Ints) -> Ints:
    edges = np.array([value for value, _ in scale.points], "int64")
    scores = np.array([score for _, score in scale.points], "int64")
    high = np.clip(np.searchsorted(edges, steps), 1, len(edges) - 1)
    low = high - 1
    run = edges[high] - edges[low]
    inside = np.clip(steps, edges[0], edges[-1])
    rise = (inside - edges[low]) * (scores[high] - scores[low])
    found: Ints = scores[low] + (2 * rise + run) // (2 * run)
    if scale.outside is Outside.IGNORE:
        found[(steps < edges[0]) | (steps > edges[-1])] = NO_POINTS
    return found


def _on_steps(scale: Banded, steps: Ints) -> Ints:
    found = np.full(len(steps), NO_POINTS, "int64")
    for low, high, score in scale.steps:
        within = np.ones(len(steps), bool)
        if low is not None:
            within &= steps >= low
        if high is not None:
            within &= steps < high
        found[within & (found == NO_POINTS)] = score
    return found
