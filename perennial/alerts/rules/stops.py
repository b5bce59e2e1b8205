"""Full stop: quiet for so long as never before, measured in days on which others were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from perennial.alerts.rules.weeks import (
    BASELINE_WEEKS,
    ENOUGH_PEERS,
    MIN_WEEKS,
    WEEK,
    Flags,
    Floats,
    Ints,
    Weeks,
)

PROBABILITY: Final = 0.0003
LEAST_DAYS: Final = 5
LONGEST_GAPS: Final = 1.5  # times the longest gap that ever was
LEAST_ACTIVE_DAYS: Final = 6  # of the twelve weeks before
WORKING_DAYS: Final = 5.5  # of a week, in days on which others are active


@dataclass(frozen=True, slots=True)
class Stopped:
    """The customers (rows of the counts) that stopped: days without any event, events missed."""

    rows: Ints
    days: Ints
    missed: Floats
    probability: Floats


def stopped(counts: Floats, *, weeks: Weeks, scatter: Floats, quiet: Flags | None) -> Stopped:
    """By days at the own rate of active days, and by weeks that scatter; the likelier counts."""
    active = counts > 0
    exposure = _exposure(active, weeks.comparable)
    run = np.where(active.any(axis=1), active[:, ::-1].argmax(axis=1), counts.shape[1])
    rows = np.flatnonzero(
        (run >= LEAST_DAYS) & (weeks.known[:, -1] >= MIN_WEEKS) & weeks.counted[:, -1]
    )
    counts, active, run = counts[rows], active[rows], run[rows]
    gap, longest = _gaps(active, exposure, None if quiet is None else quiet[rows])
    end = counts.shape[1] - run
    start = np.maximum(end - BASELINE_WEEKS * WEEK, 0)
    days = _between(np.cumsum(active, axis=1), start, end)
    events = _between(np.cumsum(counts, axis=1), start, end)
    chances = np.concatenate([[0.0], np.cumsum(exposure)])
    possible = np.maximum(chances[end] - chances[start], 1)
    rate = np.minimum(days / (possible + 1), 0.9)
    missed = events / possible * gap
    long = np.maximum(gap / WORKING_DAYS, 1)  # weeks; the days of one belong together
    of_weeks = (1 + scatter[rows] * missed / long) ** -(long / scatter[rows])
    chance = np.maximum((1 - rate) ** gap, of_weeks)
    hit = (days >= LEAST_ACTIVE_DAYS) & (gap > LONGEST_GAPS * longest) & (chance < PROBABILITY)
    return Stopped(rows[hit], run[hit], missed[hit], chance[hit])


def _gaps(active: Flags, exposure: Floats, quiet: Flags | None) -> tuple[Floats, Floats]:
    """The gap up to the last day, and the longest one before it, of each row."""
    gap, longest = np.zeros(len(active)), np.zeros(len(active))
    for day in range(active.shape[1]):
        here = active[:, day]
        longest = np.where(here, np.maximum(longest, gap), longest)
        waited = exposure[day] if quiet is None else exposure[day] * ~quiet[:, day]
        gap = np.where(here, 0, gap + waited)
    return gap, longest


def _exposure(active: Flags, comparable: Flags) -> Floats:
    """How much of a normal day each day was, 0–1: weekends and holidays count less."""
    peers = active[comparable] if comparable.sum() >= ENOUGH_PEERS else active
    share = peers.mean(axis=0)
    busy = float(np.quantile(share, 0.8))
    return np.asarray(np.minimum(share / busy, 1)) if busy > 0 else np.ones(len(share))


def _between(cumulated: npt.NDArray[np.generic], start: Ints, end: Ints) -> Floats:
    """Sums over [start, end) of each row, from cumulated sums."""
    padded = np.concatenate([np.zeros((len(cumulated), 1)), cumulated], axis=1)
    rows = np.arange(len(cumulated))
    sums: Floats = padded[rows, end] - padded[rows, start]
    return sums
