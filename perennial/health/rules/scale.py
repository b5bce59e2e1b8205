"""From a value to points: straight lines or steps, in whole numbers, so that it is exact.

Points are hundredths of a score point, 0–10000, rounded half up; values ten-thousandths.
Source: health specification, rule 2.
"""

from __future__ import annotations

from itertools import pairwise

from perennial.health.rules.definition import Banded, Linear, Outside


def points_on(scale: Linear | Banded, value: int) -> int | None:
    """Points of a value; None when the scale does not count it."""
    return _on_lines(scale, value) if isinstance(scale, Linear) else _on_steps(scale, value)


def _on_lines(scale: Linear, value: int) -> int | None:
    (lowest, first), (highest, last) = scale.points[0], scale.points[-1]
    if scale.outside is Outside.IGNORE and not lowest <= value <= highest:
        return None
    if value <= lowest:
        return first
    for (low, low_points), (high, high_points) in pairwise(scale.points):
        if value <= high:
            rise, run = (value - low) * (high_points - low_points), high - low
            return low_points + (2 * rise + run) // (2 * run)
    return last


def _on_steps(scale: Banded, value: int) -> int | None:
    for low, high, points in scale.steps:
        if (low is None or low <= value) and (high is None or value < high):
            return points
    return None
