"""What a week should have been: the customer's own baseline, the peers' factor, the scatter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special  # scipy.stats alone takes a second to import

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WEEK = 7
BASELINE_WEEKS = 12
LAG_WEEKS = 1
MIN_WEEKS = 6
HISTORY_DAYS = 27 * WEEK  # a baseline, and a baseline for each of its weeks' peer factors
MIN_EXPECTED = 3.0  # a week; below it only the zero run can tell
ENOUGH_PEERS = 10
PEER_PRIOR = 15  # with few peers the factor stays near 1
DISPERSION_FLOOR, DISPERSION_UNKNOWN = 0.02, 0.2


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weekly sums ending on the judged day, oldest first, beside what was to be expected.

    Shapes: `sums`, `means`, `known` (weeks of baseline) are customers × weeks; `factors` weeks;
    `adjusted` = sums / factors; `comparable` marks the peers of the last week, and
    `usual_ratio` is what their median ratio was in the weeks before.
    """

    sums: Floats
    adjusted: Floats
    means: Floats
    known: Ints
    factors: Floats
    comparable: Flags
    usual_ratio: float

    @property
    def expected(self) -> Floats:
        return self.means * self.factors


def weekly(counts: Floats, first_day: Ints) -> Weeks:
    """Sum up weeks and walk through them, oldest first: baseline, then the peers' factor.

    `counts`: customers × days, the last column is the judged day. `first_day`: the column of a
    customer's first event ever (negative: before the first column).
    """
    weeks = counts.shape[1] // WEEK
    used = counts[:, counts.shape[1] - weeks * WEEK :]
    sums = used.reshape(len(counts), weeks, WEEK).sum(axis=2)
    first_week = -((counts.shape[1] - weeks * WEEK - first_day) // WEEK)  # first whole week
    alive = np.arange(weeks)[None, :] >= first_week[:, None]
    adjusted, means = sums.astype(float).copy(), np.zeros(sums.shape)
    known, factors = np.zeros(sums.shape, dtype=np.int64), np.ones(weeks)
    comparable = np.zeros(len(counts), dtype=bool)
    medians: list[float] = []
    for week in range(weeks):
        window = slice(max(0, week - LAG_WEEKS - BASELINE_WEEKS), max(0, week - LAG_WEEKS))
        known[:, week] = alive[:, window].sum(axis=1)
        total = (adjusted[:, window] * alive[:, window]).sum(axis=1)
        means[:, week] = total / np.maximum(known[:, week], 1)
        comparable = (known[:, week] >= MIN_WEEKS) & (means[:, week] >= MIN_EXPECTED)
        if comparable.any():
            ratios = sums[comparable, week] / means[comparable, week]
            medians.append(max(float(np.median(ratios)), 0.05))
            factors[week] = _peer_factor(medians, peers=len(ratios))
        adjusted[:, week] = sums[:, week] / factors[week]
    usual = float(np.median(medians[-BASELINE_WEEKS:-1])) if len(medians) > 1 else 1.0
    return Weeks(sums, adjusted, means, known, factors, comparable, usual)


def _peer_factor(medians: list[float], *, peers: int) -> float:
    """This week's median of now ÷ usual, against the median of the weeks before; near 1 when
    peers are few. The plain median would drift: of scattered counts it is always below 1."""
    if len(medians) < MIN_WEEKS:
        return 1.0
    before = float(np.median(medians[-BASELINE_WEEKS:-1]))
    return float((medians[-1] / before) ** (peers / (peers + PEER_PRIOR)))


def dispersion(weeks: Weeks) -> Floats:
    """How much each customer's weeks scatter beyond Poisson: variance = m + a·m².

    The own estimate counts half, the company's median half: twelve weeks say little alone.
    """
    window = weeks.adjusted[:, -LAG_WEEKS - BASELINE_WEEKS - 1 : -LAG_WEEKS - 1]
    count = np.minimum(weeks.known[:, -1], window.shape[1])
    there = np.arange(window.shape[1])[None, :] >= (window.shape[1] - count)[:, None]
    mean = weeks.means[:, -1]
    squares = (((window - mean[:, None]) ** 2) * there).sum(axis=1)
    variance = squares / np.maximum(count - 1, 1)
    own = np.maximum(variance - mean, 0) / np.maximum(mean, 1e-9) ** 2
    peers = own[weeks.comparable]
    pooled = float(np.median(peers)) if len(peers) >= ENOUGH_PEERS else DISPERSION_UNKNOWN
    return np.asarray(np.maximum((np.minimum(own, 10) + pooled) / 2, DISPERSION_FLOOR))


def tail(observed: Floats, *, expected: Floats, scatter: Floats) -> Floats:
    """P(so few or fewer) under the negative binomial with this mean and scatter."""
    size = 1 / scatter
    share = size / (size + np.maximum(expected, 1e-9))
    return np.asarray(special.betainc(size, np.floor(observed) + 1, share))
