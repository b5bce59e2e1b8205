"""When a drop in usage alerts, as a customer success manager would explain it.

1. We compare the last 7 days with the customer's own 12 weeks before (leaving out last week).
2. When all customers are quieter (spring festival, an outage), we expect less of each.
3. `sudden`: so few that pure chance would do it less than once in a thousand weeks.
4. `slow`: several weeks in a row look more like half the usual than like the usual.
5. `stop`: quiet for longer than ever before; `fade`: this month far below the months before.
6. `everyone`: when all fall together there is one alert for the company, not one each.
7. More usage never alerts; under 6 weeks of history nobody is judged.
Sources: metric specification D2 (benchmark, defaults) and D1 (CUSUM).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WEEK = 7
BASELINE_WEEKS = 12
LAG_WEEKS = 1
MIN_WEEKS = 6
HISTORY_DAYS = 27 * WEEK  # a baseline, and a baseline for each of its weeks' peer factors

MIN_EXPECTED = 3.0  # a week; below it only the zero run can tell
SUDDEN_PROBABILITY = 0.001
SUDDEN_SHARE = 0.7  # a drop that nobody would call one does not alert, however certain
CUSUM_LIMIT, CUSUM_SHIFT, CUSUM_WEEKS = 5.0, 0.5, 8
STOP_PROBABILITY, STOP_DAYS, STOP_LONGEST_GAPS, STOP_ACTIVE_DAYS = 0.001, 5, 1.5, 6
FADE_PROBABILITY, FADE_SHARE, FADE_EXPECTED = 0.005, 0.6, 8.0
EVERYONE_SHARE, EVERYONE_PEERS = 0.7, 10
PEER_PRIOR = 5  # with few peers the factor stays near 1
DISPERSION_FLOOR, DISPERSION_UNKNOWN = 0.02, 0.2


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
class Weeks:
    """Weekly sums ending on the judged day, oldest first, beside what was to be expected.

    Shapes: `sums`, `means`, `known` (weeks of baseline) are customers × weeks; `factors` weeks;
    `adjusted` = sums / factors; `comparable` marks the peers of the last week.
    """

    sums: Floats
    adjusted: Floats
    means: Floats
    known: Ints
    factors: Floats
    comparable: Flags

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
    for week in range(weeks):
        window = slice(max(0, week - LAG_WEEKS - BASELINE_WEEKS), max(0, week - LAG_WEEKS))
        known[:, week] = alive[:, window].sum(axis=1)
        total = (adjusted[:, window] * alive[:, window]).sum(axis=1)
        means[:, week] = total / np.maximum(known[:, week], 1)
        comparable = (known[:, week] >= MIN_WEEKS) & (means[:, week] >= MIN_EXPECTED)
        factors[week] = _peer_factor(sums[comparable, week], means[comparable, week])
        adjusted[:, week] = sums[:, week] / factors[week]
    return Weeks(sums, adjusted, means, known, factors, comparable)


def _peer_factor(now: Floats, usual: Floats) -> float:
    """The median of now ÷ usual over comparable customers, near 1 when they are few."""
    if not len(now):
        return 1.0
    median = max(float(np.median(now / usual)), 0.05)
    return float(median ** (len(now) / (len(now) + PEER_PRIOR)))


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
    pooled = float(np.median(peers)) if len(peers) >= EVERYONE_PEERS else DISPERSION_UNKNOWN
    scatter: Floats = np.maximum((np.minimum(own, 10) + pooled) / 2, DISPERSION_FLOOR)
    return scatter


def tail(observed: Floats, *, expected: Floats, scatter: Floats) -> Floats:
    """P(so few or fewer) under the negative binomial with this mean and scatter."""
    size = 1 / scatter
    chance: Floats = stats.nbinom.cdf(
        np.floor(observed), size, size / (size + np.maximum(expected, 1e-9))
    )
    return chance


def detect(counts: Floats, *, first_day: Ints) -> list[Finding]:
    """Judge the last day of `counts` (customers × days); at most one finding per customer.

    Stop outranks sudden, sudden outranks slow, slow outranks fade.
    """
    if counts.shape[1] < (MIN_WEEKS + LAG_WEEKS + 1) * WEEK or not len(counts):
        return []
    weeks = weekly(counts, first_day)
    together = everyone(weeks)
    if together is not None:
        return [together]
    scatter = dispersion(weeks)
    found: dict[int, Finding] = {}
    for findings in (
        _faded(weeks, scatter=scatter),
        _slow(weeks, scatter=scatter),
        _sudden(weeks, scatter=scatter),
        _stopped(counts, weeks=weeks),
    ):
        found.update((finding.row, finding) for finding in findings if finding.row is not None)
    return [found[row] for row in sorted(found)]


def everyone(weeks: Weeks) -> Finding | None:
    """All fell together: this week's factor is far below its own last eight weeks."""
    usual = float(np.median(weeks.factors[-9:-1]))
    if weeks.comparable.sum() < EVERYONE_PEERS or weeks.factors[-1] >= EVERYONE_SHARE * usual:
        return None
    expected = float(weeks.means[weeks.comparable, -1].sum() * usual)
    observed = float(weeks.sums[weeks.comparable, -1].sum())
    return Finding(None, Kind.EVERYONE, WEEK, expected, observed, None)


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
    expected, observed = weeks.expected[:, -1], weeks.sums[:, -1]
    chance = tail(observed, expected=expected, scatter=_predictive(weeks, scatter))
    hit = (
        (weeks.known[:, -1] >= MIN_WEEKS)
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
    for week in range(max(0, weeks.sums.shape[1] - CUSUM_WEEKS), weeks.sums.shape[1]):
        usual, seen = np.maximum(weeks.expected[:, week], 1e-9), weeks.sums[:, week]
        step = seen * np.log(CUSUM_SHIFT) + (seen + size) * np.log(
            (size + usual) / (size + CUSUM_SHIFT * usual)
        )
        total = np.maximum(0, total + np.where(weeks.known[:, week] >= MIN_WEEKS, step, 0))
        running = total > 0
        length = np.where(running, length + 1, 0)
        expected_sum = np.where(running, expected_sum + usual, 0)
        observed_sum = np.where(running, observed_sum + seen, 0)
    hit = (
        (total >= CUSUM_LIMIT)
        & (weeks.expected[:, -1] >= MIN_EXPECTED)
        & (weeks.sums[:, -1] <= SUDDEN_SHARE * weeks.expected[:, -1])
    )
    chance = tail(observed_sum, expected=expected_sum, scatter=1 / size / np.maximum(length, 1))
    return _findings(
        hit, Kind.SLOW, days=length * WEEK, expected=expected_sum, observed=observed_sum, p=chance
    )


def _faded(weeks: Weeks, *, scatter: Floats) -> list[Finding]:
    """The last four weeks against the months before, leaving out one month between."""
    if weeks.sums.shape[1] < 16:
        return []
    months = weeks.adjusted.shape[1] // 4
    blocks = weeks.adjusted[:, -4 * months :].reshape(-1, months, 4).sum(axis=2)
    before = blocks[:, max(0, months - 6) : -2]
    usual, now, between = before.mean(axis=1), blocks[:, -1], blocks[:, -2]
    varied = before.var(axis=1, ddof=1) - usual if before.shape[1] > 1 else np.zeros(len(usual))
    monthly = np.maximum(np.maximum(varied, 0) / np.maximum(usual, 1e-9) ** 2, scatter / 4)
    chance = tail(now, expected=usual, scatter=monthly * (1 + 1 / before.shape[1]) + 1e-6)
    hit = (
        (weeks.known[:, -1] >= BASELINE_WEEKS)
        & (usual >= FADE_EXPECTED)
        & (now <= FADE_SHARE * usual)
        & (between <= usual)
        & (chance < FADE_PROBABILITY)
    )
    days = np.full(len(hit), 4 * WEEK)
    return _findings(hit, Kind.FADE, days=days, expected=usual, observed=now, p=chance)


def _stopped(counts: Floats, *, weeks: Weeks) -> list[Finding]:
    """Quiet for so long as never before, measured in days on which others were active."""
    active = counts > 0
    exposure = _exposure(active, weeks.comparable)
    gap, longest = np.zeros(len(counts)), np.zeros(len(counts))
    for day in range(counts.shape[1]):
        here = active[:, day]
        longest = np.where(here, np.maximum(longest, gap), longest)
        gap = np.where(here, 0, gap + exposure[day])
    run = np.where(active.any(axis=1), active[:, ::-1].argmax(axis=1), counts.shape[1])
    end = counts.shape[1] - run
    start = np.maximum(end - BASELINE_WEEKS * WEEK, 0)
    days = _between(np.cumsum(active, axis=1), start, end)
    events = _between(np.cumsum(counts, axis=1), start, end)
    chances = np.concatenate([[0.0], np.cumsum(exposure)])
    possible = np.maximum(chances[end] - chances[start], 1)
    rate = np.minimum(days / (possible + 1), 0.9)
    chance = (1 - rate) ** gap
    hit = (
        (weeks.known[:, -1] >= MIN_WEEKS)
        & (run >= STOP_DAYS)
        & (days >= STOP_ACTIVE_DAYS)
        & (gap > STOP_LONGEST_GAPS * longest)
        & (chance < STOP_PROBABILITY)
    )
    missed = events / possible * gap
    return _findings(
        hit, Kind.STOP, days=run, expected=missed, observed=np.zeros(len(hit)), p=chance
    )


def _exposure(active: Flags, comparable: Flags) -> Floats:
    """How much of a normal day each day was, 0–1: weekends and holidays count less."""
    peers = active[comparable] if comparable.sum() >= EVERYONE_PEERS else active
    share = peers.mean(axis=0)
    busy = float(np.quantile(share, 0.8))
    level: Floats = np.minimum(share / busy, 1) if busy > 0 else np.ones(len(share))
    return level


def _between(cumulated: npt.NDArray[np.generic], start: Ints, end: Ints) -> Floats:
    """Sums over [start, end) of each row, from cumulated sums."""
    padded = np.concatenate([np.zeros((len(cumulated), 1)), cumulated], axis=1)
    rows = np.arange(len(cumulated))
    sums: Floats = padded[rows, end] - padded[rows, start]
    return sums
