"""How far a goal of a success plan has come.

1. Progress is the way from the baseline to the target, 0 to 100; a target below it works as well.
2. A target that equals the baseline is one to hold: 100 while it is held, else 0.
3. Reached: the target, or better. Unknown: nothing was measured, or nothing to start from.
4. Behind: past the due day, worse than at the start, or 15 points less than the share of the
   time that is used up. Without a due day only what is worse than at the start is behind.
5. A plan's progress is the mean of its goals that are known, and says how many those are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SLACK_POINTS = 15.0


class Standing(StrEnum):
    """How a goal stands."""

    REACHED = "reached"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """The reason of a standing."""

    AT_TARGET = "at_target"
    IN_TIME = "in_time"
    SLOW = "slow"
    WORSE = "worse"
    PAST_DUE = "past_due"
    NO_VALUE = "no_value"
    NO_BASELINE = "no_baseline"


@dataclass(frozen=True, slots=True)
class Progress:
    """`score` 0–100 (None: unknown); `expected_score`: the share of the time used up, None
    without a due day."""

    standing: Standing
    why: Why
    score: float | None = None
    expected_score: float | None = None


def progress(
    *,
    baseline: float | None,
    target: float,
    current: float | None,
    starts_on: date,
    due_on: date | None,
    as_of: date,
) -> Progress:
    """How a goal stands at the end of `as_of`."""
    expected = _expected(starts_on, due_on, as_of)
    if current is None:
        return Progress(Standing.UNKNOWN, Why.NO_VALUE, None, expected)
    if baseline is None:
        return Progress(Standing.UNKNOWN, Why.NO_BASELINE, None, expected)
    score = _score(baseline, target, current)
    if score >= 100:
        return Progress(Standing.REACHED, Why.AT_TARGET, 100.0, expected)
    if due_on is not None and as_of > due_on:
        return Progress(Standing.BEHIND, Why.PAST_DUE, score, expected)
    if _is_worse(baseline, target, current):
        return Progress(Standing.BEHIND, Why.WORSE, score, expected)
    if expected is not None and score < expected - SLACK_POINTS:
        return Progress(Standing.BEHIND, Why.SLOW, score, expected)
    return Progress(Standing.ON_TRACK, Why.IN_TIME, score, expected)


def _score(baseline: float, target: float, current: float) -> float:
    way = target - baseline
    if way == 0:
        return 100.0 if current >= target else 0.0
    return min(max(100 * (current - baseline) / way, 0.0), 100.0)


def _is_worse(baseline: float, target: float, current: float) -> bool:
    return current < baseline if target >= baseline else current > baseline


def _expected(starts_on: date, due_on: date | None, as_of: date) -> float | None:
    if due_on is None:
        return None
    days = (due_on - starts_on).days
    if days <= 0:
        return 100.0 if as_of > due_on else 0.0
    return min(max(100 * (as_of - starts_on).days / days, 0.0), 100.0)


@dataclass(frozen=True, slots=True)
class Whole:
    """A plan as its goals stand: the mean of those known, and the worst standing."""

    standing: Standing
    score: float | None
    known: int
    goals: int


_WORST_FIRST = (Standing.BEHIND, Standing.ON_TRACK, Standing.REACHED)


def whole(goals: Sequence[Progress]) -> Whole:
    """The goals of a plan together."""
    scores = [it.score for it in goals if it.score is not None]
    found = {it.standing for it in goals}
    worst = next((it for it in _WORST_FIRST if it in found), Standing.UNKNOWN)
    if worst is Standing.REACHED and Standing.UNKNOWN in found:
        worst = Standing.ON_TRACK  # not everything is known to be reached
    mean = sum(scores) / len(scores) if scores else None
    return Whole(worst, mean, len(scores), len(goals))
