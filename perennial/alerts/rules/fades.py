"""Slow fade: weeks and months far below the months before; the look that suits few events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perennial.alerts.rules.weeks import (
    BASELINE_WEEKS,
    DISPERSION_MOST,
    WEEK,
    Flags,
    Floats,
    Weeks,
    tail,
)


@dataclass(frozen=True, slots=True)
class Look:
    """The last `weeks` against the `past_weeks` before them (`gap_weeks` left out between).

    Alerts when at most `share` is left of at least `least` expected events, and chance brings so
    few in less than `probability` of such stretches. `scatter_most`: more scatter than this is
    taken for what fading looks like, not for a habit (None: the own scatter, however large).
    """

    weeks: int
    gap_weeks: int
    past_weeks: int
    share: float
    least: float
    probability: float
    scatter_most: float | None = None


LOOKS = (
    Look(4, 0, 12, share=0.4, least=8, probability=0.0002),
    Look(4, 4, 16, share=0.6, least=12, probability=0.0001),
    Look(8, 0, 16, share=0.25, least=4, probability=0.03, scatter_most=0.12),
)


@dataclass(frozen=True, slots=True)
class Faded:
    """Per customer: whether, and by the first look that saw it: days, events, probability."""

    hit: Flags
    days: Floats
    expected: Floats
    observed: Floats
    probability: Floats


def faded(weeks: Weeks, *, scatter: Floats) -> Faded:
    rows = len(weeks.sums)
    found = Faded(*(np.zeros(rows, dtype=it) for it in (bool, float, float, float, float)))
    for look in LOOKS:
        if weeks.sums.shape[1] < look.weeks + look.gap_weeks + look.past_weeks:
            continue
        hit, expected, chance = _look(weeks, look, scatter=scatter)
        new = hit & ~found.hit
        last = slice(-look.weeks, None)
        found.hit[new] = True
        found.days[new] = look.weeks * WEEK
        found.expected[new] = (expected * weeks.factors[last].mean())[new]
        found.observed[new] = weeks.sums[:, last].sum(axis=1)[new]
        found.probability[new] = chance[new]
    return found


def _look(weeks: Weeks, look: Look, *, scatter: Floats) -> tuple[Flags, Floats, Floats]:
    """Who faded by this look, the events expected of it (without the peers' factor), the chance
    of so few by the own scatter."""
    adjusted, counted = weeks.adjusted, weeks.counted
    last = adjusted.shape[1] - look.weeks
    end = last - look.gap_weeks
    before = slice(end - look.past_weeks, end)
    there = counted[:, before]
    count = there.sum(axis=1)
    now = adjusted[:, last:].sum(axis=1)
    expected = (adjusted[:, before] * there).sum(axis=1) / np.maximum(count, 1) * look.weeks
    blocks = adjusted[:, before].reshape(len(adjusted), -1, look.weeks).sum(axis=2)
    varied = np.maximum(blocks.var(axis=1, ddof=1) - expected, 0) / np.maximum(expected, 1e-9) ** 2
    own = np.maximum(np.minimum(varied, DISPERSION_MOST), scatter / look.weeks)
    own *= 1 + look.weeks / look.past_weeks  # the doubt about what is expected
    chance = judged = tail(now, expected=expected, scatter=own)
    if look.scatter_most is not None:
        judged = tail(now, expected=expected, scatter=np.minimum(own, look.scatter_most))
    hit = (now <= look.share * expected) & (expected >= look.least) & (judged < look.probability)
    hit &= (count >= BASELINE_WEEKS) & counted[:, last:].all(axis=1)
    if look.gap_weeks:
        between = adjusted[:, end:last].sum(axis=1) / look.gap_weeks
        hit &= between <= expected / look.weeks
    return hit, expected, chance
