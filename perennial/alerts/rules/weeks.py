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
YOUNG_WEEKS = 3  # from here to MIN_WEEKS the scatter is the peers' alone
HISTORY_DAYS = 27 * WEEK  # two baselines: one to judge by, one more to know the scatter
MIN_EXPECTED = 3.0  # a week; below it only longer stretches can tell
ENOUGH_PEERS = 10
PEER_PRIOR = 15  # with few peers the factor stays near 1
LEAST_FACTOR = 0.05
DISPERSION_FLOOR, DISPERSION_UNKNOWN, DISPERSION_MOST = 0.02, 0.2, 10.0
DISPERSION_WEEKS = 26
APART = 2  # weeks; neighbouring ones share a calendar week and are too alike
PRIOR_PAIRS = 8
HOLIDAY_FACTOR = 0.5  # weeks this low say little about scatter


@dataclass(frozen=True, slots=True)
class Weeks:
    """Weekly sums ending on the judged day, oldest first, beside what was to be expected.

    Shapes: `sums`, `counted` (a week that says something: after the first event, in no quiet
    window), `means`, `known` (weeks of baseline) are customers × weeks; `factors` weeks;
    `comparable` marks the peers of the last week. `ratio` is the peers' median of now ÷ usual
    before it was set against its own past, and `usual_ratio` what it was in the weeks before.
    """

    sums: Floats
    counted: Flags
    means: Floats
    known: Ints
    factors: Floats
    comparable: Flags
    usual_ratio: float

    @property
    def expected(self) -> Floats:
        return self.means * self.factors

    @property
    def adjusted(self) -> Floats:
        return self.sums / self.factors


def weekly(counts: Floats, first_day: Ints, *, quiet: Flags | None = None) -> Weeks:
    """Sum up weeks; then the peers' factor of each week, then each customer's baseline.

    `counts`: customers × days, the last column is the judged day. `first_day`: the column of a
    customer's first event ever (negative: before the first column). `quiet`: days (of the same
    shape) on which little use is expected; a week with one of them is left out.
    """
    weeks = counts.shape[1] // WEEK
    skipped = counts.shape[1] - weeks * WEEK
    sums = counts[:, skipped:].reshape(len(counts), weeks, WEEK).sum(axis=2)
    first_week = -((skipped - first_day) // WEEK)  # the first whole week
    counted = np.arange(weeks)[None, :] >= first_week[:, None]
    if quiet is not None:
        counted &= ~quiet[:, skipped:].reshape(len(counts), weeks, WEEK).any(axis=2)
    there = sums * counted
    total = counted.sum(axis=1)
    level = there.sum(axis=1) / np.maximum(total, 1)
    peers = (total >= MIN_WEEKS + LAG_WEEKS + 1) & (level >= MIN_EXPECTED)
    factors, usual_ratio = _peer_factors(sums[peers], counted[peers], level[peers])
    known = _before(counted.astype(float)).astype(np.int64)
    means = _before(there) / np.maximum(_before(counted * factors), LEAST_FACTOR)
    comparable = peers & counted[:, -1] & (known[:, -1] >= MIN_WEEKS)
    comparable &= means[:, -1] >= MIN_EXPECTED
    return Weeks(sums, counted, means, known, factors, comparable, usual_ratio)


def _before(values: Floats) -> Floats:
    """Sums over the baseline of each week: twelve weeks, the latest before it left out."""
    padded = np.zeros((len(values), values.shape[1] + LAG_WEEKS + BASELINE_WEEKS + 1))
    padded[:, LAG_WEEKS + BASELINE_WEEKS + 1 :] = np.cumsum(values, axis=1)
    weeks = values.shape[1]
    sums: Floats = padded[:, BASELINE_WEEKS : BASELINE_WEEKS + weeks] - padded[:, :weeks]
    return sums


def _peer_factors(sums: Floats, counted: Flags, level: Floats) -> tuple[Floats, float]:
    """Each week's median of now ÷ usual, against the medians of the weeks before; near 1 when
    peers are few. The plain median would drift: of scattered counts it is always below 1."""
    weeks = sums.shape[1]
    if not len(sums):
        return np.ones(weeks), 1.0
    ratios = np.where(counted, sums / level[:, None], np.nan)
    enough = counted.sum(axis=0)
    medians = np.ones(weeks)
    medians[enough > 0] = np.nanmedian(ratios[:, enough > 0], axis=0)
    medians = np.maximum(medians, LEAST_FACTOR)
    # The first weeks have no past here: they are set against those after them.
    before = np.full(weeks, float(np.median(medians[: BASELINE_WEEKS + 1])))
    for week in range(MIN_WEEKS, min(BASELINE_WEEKS, weeks)):
        before[week] = np.median(medians[:week])
    if weeks > BASELINE_WEEKS:
        spans = np.lib.stride_tricks.sliding_window_view(medians, BASELINE_WEEKS)
        before[BASELINE_WEEKS:] = np.median(spans[:-1], axis=1)
    factors = (medians / before) ** (enough / (enough + PEER_PRIOR))
    return factors, float(before[-1])


def dispersion(weeks: Weeks) -> Floats:
    """How much each customer's weeks scatter beyond Poisson: variance = m + a·m².

    From the differences of weeks two apart, which a slow rise or fall leaves small. The own
    estimate counts by its number of pairs, the company's median like PRIOR_PAIRS of them.
    """
    window = slice(
        max(0, weeks.sums.shape[1] - DISPERSION_WEEKS), weeks.sums.shape[1] - LAG_WEEKS - 1
    )
    values = weeks.adjusted[:, window]
    pairs = weeks.counted[:, window][:, APART:] & weeks.counted[:, window][:, :-APART]
    factors = np.minimum(weeks.factors[window], 1)
    pairs &= (np.minimum(factors[APART:], factors[:-APART]) > HOLIDAY_FACTOR)[None, :]
    count = pairs.sum(axis=1)
    some = np.maximum(count, 1)
    middle = (values[:, APART:] + values[:, :-APART]) / 2
    mean = (middle * pairs).sum(axis=1) / some
    variance = ((values[:, APART:] - values[:, :-APART]) ** 2 * pairs).sum(axis=1) / some / 2
    own = np.maximum(variance - mean, 0) / np.maximum(mean, 1e-9) ** 2
    peers = own[weeks.comparable & (count >= MIN_WEEKS)]
    pooled = float(np.median(peers)) if len(peers) >= ENOUGH_PEERS else DISPERSION_UNKNOWN
    weight = count / (count + PRIOR_PAIRS)
    own = np.where(count >= MIN_WEEKS - 1, np.minimum(own, DISPERSION_MOST), pooled)
    return np.asarray(np.maximum(weight * own + (1 - weight) * pooled, DISPERSION_FLOOR))


def tail(observed: Floats, *, expected: Floats, scatter: Floats) -> Floats:
    """P(so few or fewer) under the negative binomial with this mean and scatter."""
    size = 1 / scatter
    share = size / (size + np.maximum(expected, 1e-9))
    return np.asarray(special.betainc(size, np.floor(observed) + 1, share))
