"""Sudden, slow, stop, fade, everyone: the detectors, over all customers at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from perennial.alerts.rules.fades import faded
from perennial.alerts.rules.stops import stopped
from perennial.alerts.rules.weeks import (
    ENOUGH_PEERS,
    LAG_WEEKS,
    MIN_EXPECTED,
    MIN_WEEKS,
    WEEK,
    YOUNG_WEEKS,
    Flags,
    Floats,
    Ints,
    Weeks,
    dispersion,
    tail,
    weekly,
)

# Measured by `python -m bench.drops`; the figures stand in docs/formulas/drops.md.
SUDDEN_PROBABILITY = 0.0003
SUDDEN_SHARE = 0.7  # a drop that nobody would call one does not alert, however certain
CUSUM_LIMIT, CUSUM_SHIFT, CUSUM_WEEKS = 7.5, 0.5, 8
EVERYONE_SHARE, EVERYONE_PROBABILITY = 0.7, 0.001


class Kind(StrEnum):
    SUDDEN = "sudden"
    SLOW = "slow"
    STOP = "stop"
    FADE = "fade"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Finding:
    """One customer (row of the counts; None = everyone) whose usage fell.

    `days` is the length of the stretch that `observed` and `expected` events are counted in;
    `probability`: of so few or fewer, if nothing had changed.
    """

    row: int | None
    kind: Kind
    days: int
    expected: float
    observed: float
    probability: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The last day of all customers: what was found, and what recovery is measured by: events
    of the last 7 and 28 days ÷ the peers' factor, per row."""

    findings: list[Finding]
    week: Floats
    month: Floats


def detect(counts: Floats, *, first_day: Ints, quiet: Flags | None = None) -> list[Finding]:
    return judge(counts, first_day=first_day, quiet=quiet).findings


def judge(counts: Floats, *, first_day: Ints, quiet: Flags | None = None) -> Judged:
    """Judge the last day of `counts` (customers × days); at most one finding per customer.

    Stop outranks sudden, sudden outranks slow, slow outranks fade. `quiet` (same shape): days of
    little use that was announced; they are not compared, and nobody alerts in their week.
    """
    if counts.shape[1] < (YOUNG_WEEKS + LAG_WEEKS + 1) * WEEK or not len(counts):
        zeros = np.zeros(len(counts))
        return Judged([], zeros, zeros)
    weeks = weekly(counts, first_day, quiet=quiet)
    week, month = weeks.adjusted[:, -1], weeks.adjusted[:, -4:].sum(axis=1)
    together = everyone(weeks)
    if together is not None:
        return Judged([together], week, month)
    scatter = dispersion(weeks)
    found: dict[int, Finding] = {}
    for findings in (
        _faded(weeks, scatter=scatter),
        _slow(weeks, scatter=scatter),
        _sudden(weeks, scatter=scatter),
        _stopped(counts, weeks=weeks, scatter=scatter, quiet=quiet),
    ):
        found.update((finding.row, finding) for finding in findings if finding.row is not None)
    return Judged([found[row] for row in sorted(found)], week, month)


def everyone(weeks: Weeks) -> Finding | None:
    """All fell together: the factor collapses, and so many are below their usual at once as
    chance does not bring about (sign test)."""
    sums, means = weeks.sums[weeks.comparable, -1], weeks.means[weeks.comparable, -1]
    below = int((sums < weeks.usual_ratio * means).sum())
    if weeks.factors[-1] >= EVERYONE_SHARE or not len(sums):
        return None
    chance = float(special.bdtrc(below - 1, len(sums), 0.5))
    if chance >= EVERYONE_PROBABILITY:
        return None
    return Finding(None, Kind.EVERYONE, WEEK, float(means.sum()), float(sums.sum()), chance)


def _findings(
    hit: Flags, kind: Kind, *, days: Ints, expected: Floats, observed: Floats, p: Floats
) -> list[Finding]:
    return [
        Finding(int(i), kind, int(days[i]), float(expected[i]), float(observed[i]), float(p[i]))
        for i in np.flatnonzero(hit)
    ]


def _predictive(weeks: Weeks, scatter: Floats) -> Floats:
    """Scatter of a new week, with the doubt about a mean of so few weeks added."""
    count = np.maximum(weeks.known[:, -1], 1)
    total: Floats = scatter * (1 + 1 / count) + 1 / (count * np.maximum(weeks.means[:, -1], 0.1))
    return total


def _sudden(weeks: Weeks, *, scatter: Floats) -> list[Finding]:
    expected, observed, known = weeks.expected[:, -1], weeks.sums[:, -1], weeks.known[:, -1]
    chance = tail(observed, expected=expected, scatter=_predictive(weeks, scatter))
    old_enough = known >= MIN_WEEKS
    if weeks.comparable.sum() >= ENOUGH_PEERS:
        old_enough |= known >= YOUNG_WEEKS  # their scatter is the peers'
    hit = (
        old_enough
        & weeks.counted[:, -1]
        & (expected >= MIN_EXPECTED)
        & (observed <= SUDDEN_SHARE * expected)
        & (chance < SUDDEN_PROBABILITY)
    )
    days = np.full(len(hit), WEEK)
    return _findings(hit, Kind.SUDDEN, days=days, expected=expected, observed=observed, p=chance)


def _slow(weeks: Weeks, *, scatter: Floats) -> list[Finding]:
    """CUSUM of the log-likelihood ratio 'half the usual' against 'the usual', week by week."""
    size = 1 / _predictive(weeks, scatter)
    total = np.zeros(len(size))
    length = np.zeros(len(size), dtype=np.int64)
    expected_sum, observed_sum = np.zeros(len(size)), np.zeros(len(size))
    expected, judged = weeks.expected, weeks.counted & (weeks.known >= MIN_WEEKS)
    for week in range(max(0, weeks.sums.shape[1] - CUSUM_WEEKS), weeks.sums.shape[1]):
        usual, seen = np.maximum(expected[:, week], 1e-9), weeks.sums[:, week]
        step = seen * np.log(CUSUM_SHIFT) + (seen + size) * np.log(
            (size + usual) / (size + CUSUM_SHIFT * usual)
        )
        total = np.maximum(0, total + np.where(judged[:, week], step, 0))
        running = total > 0
        length = np.where(running, length + 1, 0)
        expected_sum = np.where(running, expected_sum + usual, 0)
        observed_sum = np.where(running, observed_sum + seen, 0)
    hit = (
        (total >= CUSUM_LIMIT)
        & judged[:, -1]
        & (expected[:, -1] >= MIN_EXPECTED)
        & (weeks.sums[:, -1] <= SUDDEN_SHARE * expected[:, -1])
    )
    chance = tail(observed_sum, expected=expected_sum, scatter=1 / size / np.maximum(length, 1))
    return _findings(
        hit, Kind.SLOW, days=length * WEEK, expected=expected_sum, observed=observed_sum, p=chance
    )


def _faded(weeks: Weeks, *, scatter: Floats) -> list[Finding]:
    it = faded(weeks, scatter=scatter)
    return _findings(
        it.hit,
        Kind.FADE,
        days=it.days.astype(np.int64),
        expected=it.expected,
        observed=it.observed,
        p=it.probability,
    )


def _stopped(
    counts: Floats, *, weeks: Weeks, scatter: Floats, quiet: Flags | None
) -> list[Finding]:
    it = stopped(counts, weeks=weeks, scatter=scatter, quiet=quiet)
    return [
        Finding(row, Kind.STOP, days, missed, 0.0, chance)
        for row, days, missed, chance in zip(
            it.rows.tolist(),
            it.days.tolist(),
            it.missed.tolist(),
            it.probability.tolist(),
            strict=True,
        )
    ]
