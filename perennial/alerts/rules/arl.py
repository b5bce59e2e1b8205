"""How long a chart runs until it alarms: by chance (ARL0), and after a real drop.

1. A chart that alarms by chance every 500 looks has an average run length of 500.
2. Solved, not simulated: the chart's state is cut into small steps, and the mean time until the
   alarm from each of them is a system of linear equations.
3. Counts of usage scatter more than Poisson: the same chart then alarms far more often. That is
   why the detector estimates the scatter before it judges.
Sources: metric specification D1 (classic tables); Lucas 1985 for counts.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from perennial.alerts.rules.weeks import Floats

STEPS = 401
NODES = 60  # of a Gauss–Legendre rule: enough for four digits


def shewhart(limit: float, *, shift: float = 0.0) -> float:
    """Looks until a value lies beyond ± `limit` standard deviations."""
    return float(1 / (special.ndtr(-limit - shift) + special.ndtr(-limit + shift)))


def cusum(h: float, *, k: float = 0.5, shift: float = 0.0) -> float:
    """One-sided CUSUM S = max(0, S + x − k) of normal values, alarm at S > h, from S = 0.

    Page's integral equation on Gauss–Legendre nodes, with a mass of its own at 0.
    """
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    at = np.concatenate([[0.0], h * (nodes + 1) / 2])
    move = np.empty((len(at), len(at)))
    move[:, 0] = special.ndtr(k - shift - at)
    move[:, 1:] = _density(at[None, 1:] - at[:, None] + k - shift) * weights * h / 2
    return float(_until_alarm(move)[0])


def two_sided_cusum(h: float, *, k: float = 0.5, shift: float = 0.0) -> float:
    """Both directions at once; 1 / ARL adds up, as the two cannot both be near their limit."""
    return 1 / (1 / cusum(h, k=k, shift=shift) + 1 / cusum(h, k=k, shift=-shift))


def ewma(weight: float, limit: float, *, shift: float = 0.0) -> float:
    """Z = (1 − weight)·Z + weight·x, alarm beyond ± `limit` of its own long-run deviations."""
    bound = limit * np.sqrt(weight / (2 - weight))
    nodes, weights = np.polynomial.legendre.leggauss(2 * NODES + 1)
    at = bound * nodes
    needed = (at[None, :] - (1 - weight) * at[:, None]) / weight - shift
    move = _density(needed) * weights * bound / weight
    begins = _density(at / weight - shift) * weights * bound / weight
    return float(1 + begins @ _until_alarm(move))


def count_cusum(
    h: float, *, k: float, usual: float, now: float | None = None, scatter: float = 0.0
) -> float:
    """Downward CUSUM of counts S = max(0, S + k − x), alarm at S ≥ h, from S = 0.

    `usual` is the mean of a look and `now` what it has become; `scatter`: variance m + a·m²
    (0: Poisson). k and h on a grid of quarters make this exact.
    """
    grid = 4
    steps, reference = round(h * grid), round(k * grid)
    mean = usual if now is None else now
    states = np.arange(steps)
    most = int((steps + reference) // grid) + 1
    chances = _count_chances(most, mean=mean, scatter=scatter)
    move = np.zeros((steps, steps))
    for count, chance in enumerate(chances):
        arrives = np.maximum(states + reference - count * grid, 0)
        inside = arrives < steps
        np.add.at(move, (states[inside], arrives[inside]), chance)
    move[:, 0] += 1 - chances.sum()
    return float(_until_alarm(move)[0])


def weeks_between_false(limit: float, *, shift: float, usual: float, scatter: float) -> float:
    """ARL0 in weeks of the detector's own slow chart: the log-likelihood ratio of `shift` times
    the usual against the usual, negative binomial, alarm at `limit`, looked at once a week."""
    size, mean = 1 / scatter, usual
    most = int(usual + 12 * np.sqrt(usual + scatter * usual**2)) + 20
    counts = np.arange(most + 1)
    step = counts * np.log(shift) + (counts + size) * np.log((size + mean) / (size + shift * mean))
    chances = _count_chances(most, mean=mean, scatter=scatter)
    cells = (np.arange(STEPS) + 0.5) * limit / STEPS
    move = np.zeros((STEPS, STEPS))
    for change, chance in zip(step, chances, strict=True):
        place = np.floor(np.maximum(cells + change, 0) / limit * STEPS).astype(np.int64)
        inside = place < STEPS
        np.add.at(move, (np.flatnonzero(inside), place[inside]), chance)
    return float(_until_alarm(move)[0])


def _density(at: Floats) -> Floats:
    return np.asarray(np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi))


def _count_chances(most: int, *, mean: float, scatter: float) -> Floats:
    """P(0), …, P(most) of a count with this mean, Poisson or negative binomial."""
    counts = np.arange(most + 1)
    if mean == 0:
        return np.asarray(counts == 0, dtype=float)
    if scatter == 0:
        return np.asarray(np.exp(counts * np.log(mean) - mean - special.gammaln(counts + 1)))
    size = 1 / scatter
    ways = special.gammaln(counts + size) - special.gammaln(size) - special.gammaln(counts + 1)
    odds = size * np.log(size / (size + mean)) + counts * np.log(mean / (size + mean))
    return np.asarray(np.exp(ways + odds))


def _until_alarm(move: Floats) -> Floats:
    """Mean looks until the alarm from each state, where `move` are the chances to stay inside."""
    return np.asarray(np.linalg.solve(np.eye(len(move)) - move, np.ones(len(move))))
