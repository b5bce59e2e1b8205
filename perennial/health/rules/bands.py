"""Colours: half-open bands, and when a colour may change.

Red is [0, 50), yellow [50, 75), green [75, 100], unless a profile says otherwise. A colour
changes when two evaluations in a row agree; at once from and to 'not enough data', and when a
hard limit moves the score. Source: health specification, rules 1 and 2 and 'Bands change'.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from perennial.health.rules.definition import BAND_EDGES, ENOUGH_USAGE_MEASURES


class Band(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    UNKNOWN = "unknown"  # 数据不足


def band_of(exact: Fraction, edges: tuple[int, int] = BAND_EDGES) -> Band:
    """The colour of a score: with the usual edges 49.99 is red, 50 yellow, 75 green."""
    red, yellow = edges
    return Band.RED if exact < red else Band.YELLOW if exact < yellow else Band.GREEN


def is_enough(coverage: Fraction, usage: int, *, enough: Fraction) -> bool:
    """Whether there is data for a colour: weight present, and measures of usage."""
    return coverage >= enough and usage >= ENOUGH_USAGE_MEASURES


def settled_band(now: Band, *, last: Band | None, shown: Band | None, hard: bool = False) -> Band:
    """The colour to show: it changes only when two evaluations in a row agree.

    `last` is what the evaluation before said by itself, `shown` what was shown then. A colour
    without data would be a lie, so from and to 'not enough data' the change is immediate; so it
    is when a `hard` limit moved the score.
    """
    if hard or shown is None or Band.UNKNOWN in (now, shown) or now == last:
        return now
    return shown
